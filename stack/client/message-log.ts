/** The conversations as their owner sees them: one bubble a message, in the order of arrival or sending. */

export type Badge = 'secure' | 'plain' | 'sms' | 'none';
export type Channel = 'rcs' | 'sms' | 'none';
export type MessageState = 'queued' | 'pending' | 'sent' | 'delivered' | 'displayed' | 'failed';

export interface Bubble {
  /** imdn.Message-ID, or what stands for it on SMS. */
  readonly wireId: string;
  readonly direction: 'out' | 'in';
  readonly peer: string;
  readonly text: string;
  readonly badge: Badge;
  readonly channel: Channel;
  readonly state: MessageState;
  /** Why it is queued or failed. */
  readonly reason?: string;
}

const RANK: Readonly<Record<MessageState, number>> = {
  queued: 0,
  pending: 1,
  failed: 2,
  sent: 3,
  delivered: 4,
  displayed: 5,
};

export class MessageLog {
  /** Called after each change, with the bubble as it is now. */
  onChange: ((bubble: Bubble) => void) | undefined;
  readonly #bubbles: Bubble[] = [];
  readonly #index = new Map<string, number>();

  get bubbles(): readonly Bubble[] {
    return this.#bubbles;
  }

  /** False when this message is here already. */
  add(bubble: Bubble): boolean {
    const key = keyOf(bubble.direction, bubble.peer, bubble.wireId);
    if (this.#index.has(key)) return false;
    this.#index.set(key, this.#bubbles.length);
    this.#bubbles.push(bubble);
    this.onChange?.(bubble);
    return true;
  }

  find(direction: 'out' | 'in', peer: string, wireId: string): Bubble | undefined {
    const at = this.#index.get(keyOf(direction, peer, wireId));
    return at === undefined ? undefined : this.#bubbles[at];
  }

  update(direction: 'out' | 'in', peer: string, wireId: string, change: Partial<Bubble>): void {
    const at = this.#index.get(keyOf(direction, peer, wireId));
    if (at === undefined) return;
    const { reason: _, ...rest } = this.#bubbles[at]!;
    const changed = { ...rest, ...change };
    this.#bubbles[at] = changed;
    this.onChange?.(changed);
  }

  /** Receipts come in any order, and displayed implies delivered: a state never goes back. */
  raise(direction: 'out' | 'in', peer: string, wireId: string, state: MessageState): void {
    const bubble = this.find(direction, peer, wireId);
    if (bubble && RANK[state] > RANK[bubble.state]) this.update(direction, peer, wireId, { state });
  }
}

function keyOf(direction: string, peer: string, wireId: string): string {
  return `${direction} ${peer} ${wireId}`;
}
