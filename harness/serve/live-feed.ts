/** What the status page shows, gathered from events and frames; bounded, and sent a few times a second at most. */
import type { CarrierEvent } from '../../emulators/carrier/ports.ts';
import type { TappedFrame } from '../../emulators/network/tap.ts';
import { ladderOf } from '../../reports/html/cell-detail.ts';
import type { LiveMessage, LiveRegistration, LiveState } from '../../reports/live/live-state.ts';
import type { TraceEntry, WorldEntry } from '../../reports/trace.ts';
import type { Clock, Timer } from '../../stack/platform.ts';
import { frameEntry } from '../world/trace-recorder.ts';

const MOST_MESSAGES = 100;
const MOST_ROWS = 150;
/** Between two updates. */
const PAUSE_MS = 250;

const STATES: Readonly<Record<string, LiveMessage['state']>> = {
  accepted: 'accepted',
  stored: 'waiting',
  delivered: 'delivered',
  undeliverable: 'undeliverable',
  'interworked-to-sms': 'as SMS',
};

interface Passed {
  /** Milliseconds since the start. */
  readonly t: number;
  readonly what: TappedFrame | { readonly carrier: string; readonly event: CarrierEvent };
}

export interface LiveFeedOptions {
  readonly clock: Clock;
  readonly hosts: WorldEntry['hosts'];
  readonly carriers: () => LiveState['carriers'];
  /** The latest first. */
  readonly registrations: () => readonly LiveRegistration[];
  readonly tell: (message: string) => void;
}

export class LiveFeed {
  readonly #options: LiveFeedOptions;
  readonly #startedAt: number;
  /** The latest last. */
  readonly #messages = new Map<string, LiveMessage>();
  /** Frames and events as they came: they are made ready when somebody looks. */
  readonly #passed: Passed[] = [];
  #omitted = 0;
  #isRead = false;
  #due: Timer | undefined;

  constructor(options: LiveFeedOptions) {
    this.#options = options;
    this.#startedAt = options.clock.now();
  }

  /** Whether anybody looks: without readers nothing is made ready. */
  readers(any: boolean): void {
    this.#isRead = any;
    if (any) return;
    this.#due?.cancel();
    this.#due = undefined;
  }

  frame(frame: TappedFrame): void {
    this.#pass(frame);
  }

  event(carrier: string, event: CarrierEvent): void {
    this.#pass({ carrier, event });
    const { name, data } = event;
    const state = STATES[name];
    if (state === undefined || typeof data['wireId'] !== 'string') return;
    const [wireId, sender, recipient] = [data['wireId'], String(data['sender']), String(data['recipient'])];
    const key = `${carrier} ${sender} ${recipient} ${wireId}`;
    const before = this.#messages.get(key);
    this.#messages.delete(key);
    this.#messages.set(key, {
      carrier,
      at: this.#options.clock.now(),
      wireId,
      sender,
      recipient,
      contentType: String(data['contentType'] ?? before?.contentType ?? ''),
      octets: Number(data['octets'] ?? before?.octets ?? 0),
      state,
    });
    if (this.#messages.size > MOST_MESSAGES) this.#messages.delete(this.#messages.keys().next().value!);
    this.#changed();
  }

  state(): LiveState {
    const { clock, carriers, registrations } = this.#options;
    const shown = this.#passed.slice(-MOST_ROWS);
    const omitted = this.#omitted + this.#passed.length - shown.length;
    return {
      server: { startedAt: this.#startedAt, now: clock.now() },
      carriers: carriers(),
      registrations: registrations(),
      messages: [...this.#messages.values()].reverse(),
      ladder: { ...ladderOf(this.#trace(shown, omitted)), omitted },
    };
  }

  close(): void {
    this.#due?.cancel();
  }

  #pass(what: Passed['what']): void {
    this.#passed.push({ t: this.#options.clock.now() - this.#startedAt, what });
    if (this.#passed.length > 2 * MOST_ROWS) {
      this.#omitted += this.#passed.length - MOST_ROWS;
      this.#passed.splice(0, this.#passed.length - MOST_ROWS);
    }
    this.#changed();
  }

  #trace(shown: readonly Passed[], first: number): TraceEntry[] {
    const { hosts } = this.#options;
    const world: WorldEntry = { n: 0, t: 0, kind: 'world', caseId: 'served', seed: '', hosts, markers: {} };
    const entries = shown.map(({ t, what }, i): TraceEntry => {
      const at = { n: first + i, t };
      return 'carrier' in what
        ? { ...at, kind: 'event', side: `carrier:${what.carrier}`, ...what.event }
        : { ...at, ...frameEntry(what) };
    });
    return [world, ...entries];
  }

  #changed(): void {
    if (!this.#isRead || this.#due !== undefined) return;
    this.#due = this.#options.clock.setTimer(PAUSE_MS, () => {
      this.#due = undefined;
      this.#options.tell(JSON.stringify(this.state()));
    });
  }
}
