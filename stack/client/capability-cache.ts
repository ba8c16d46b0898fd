/** What this phone knows of its peers (RCC.07 capability discovery; docs/rcs-signalling.md 3.1 and 3.3). */
import type { Clock } from '../platform.ts';
import {
  type AnswerDetails,
  type Capabilities,
  isPoorer,
  type OptionsResult,
  optionsResult,
} from '../rcs/capabilities/index.ts';

export interface PeerCapabilities {
  readonly rcs: 'yes' | 'no' | 'unknown';
  readonly online: boolean;
  readonly capabilities?: Capabilities;
}

/** How long an answer counts: capInfoExpiry and nonRCScapInfoExpiry of the configuration document. */
export interface CapabilityLifetimes {
  readonly rcsSeconds: number;
  readonly nonRcsSeconds: number;
}

interface Entry extends PeerCapabilities {
  readonly validUntilMs: number;
}

interface Rest {
  readonly untilMs: number;
  readonly lastedMs: number;
}

const UNKNOWN: PeerCapabilities = { rcs: 'unknown', online: false };
/** After a 5xx without Retry-After, doubling. */
const BACK_OFF_MS = 5_000;
const LONGEST_BACK_OFF_MS = 300_000;
/** A server may ask for more patience than that; a sender would not have it. */
const LONGEST_RETRY_AFTER_MS = 3_600_000;

export class CapabilityCache {
  readonly #clock: Clock;
  readonly #lifetimes: () => CapabilityLifetimes;
  readonly #entries = new Map<string, Entry>();
  /** Peers whose servers are in trouble: not to be asked about before then. */
  readonly #rests = new Map<string, Rest>();

  /** `lifetimes` is asked at each answer: the configuration document sets them, and a new one may come. */
  constructor(clock: Clock, lifetimes: () => CapabilityLifetimes) {
    this.#clock = clock;
    this.#lifetimes = lifetimes;
  }

  /** Undefined when nothing is known or what was known ran out. */
  fresh(peer: string): PeerCapabilities | undefined {
    const entry = this.#entries.get(peer);
    return entry && entry.validUntilMs > this.#clock.now() ? entry : undefined;
  }

  /** The last known, however old. */
  last(peer: string): PeerCapabilities {
    return this.#entries.get(peer) ?? UNKNOWN;
  }

  /** Whether a server asked to be left alone about this peer. */
  isResting(peer: string): boolean {
    return (this.#rests.get(peer)?.untilMs ?? 0) > this.#clock.now();
  }

  /** Takes in the final response to OPTIONS, or to a MESSAGE that says something about the peer. */
  learnFromStatus(
    peer: string,
    status: number,
    capabilities?: Capabilities,
    details: AnswerDetails & { readonly retryAfterSeconds?: number } = {},
  ): PeerCapabilities {
    return this.learn(
      peer,
      optionsResult(status, capabilities, details),
      capabilities,
      details.retryAfterSeconds,
    );
  }

  /** Takes in what an answer says, whichever way it was asked for. */
  learn(
    peer: string,
    result: OptionsResult,
    capabilities?: Capabilities,
    retryAfterSeconds?: number,
  ): PeerCapabilities {
    if (result.next === 'back-off') this.#rest(peer, retryAfterSeconds);
    else this.#rests.delete(peer);
    const known = this.#entries.get(peer);
    const keeps = result.keepOld && (known !== undefined || result.rcs === 'unknown');
    if (!keeps) {
      return this.#store(peer, {
        rcs: result.rcs,
        online: result.online ?? false,
        ...(capabilities && { capabilities }),
      });
    }
    // 480 and 408: still what it was, but away; how long that counts doesn't change.
    if (known !== undefined && result.online === false) this.#entries.set(peer, { ...known, online: false });
    return this.last(peer);
  }

  /** OPTIONS is two-way: the request carries the sender's own capabilities. */
  learnFromRequest(peer: string, capabilities: Capabilities): void {
    if (isPoorer(capabilities, this.fresh(peer)?.capabilities)) return;
    this.#store(peer, { rcs: 'yes', online: true, capabilities });
  }

  entries(): [string, PeerCapabilities][] {
    return [...this.#entries].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  #store(peer: string, known: PeerCapabilities): PeerCapabilities {
    const { rcsSeconds, nonRcsSeconds } = this.#lifetimes();
    const seconds = known.rcs === 'yes' ? rcsSeconds : nonRcsSeconds;
    this.#entries.set(peer, { ...known, validUntilMs: this.#clock.now() + seconds * 1000 });
    return known;
  }

  #rest(peer: string, retryAfterSeconds: number | undefined): void {
    const before = this.#rests.get(peer)?.lastedMs ?? BACK_OFF_MS / 2;
    const lastedMs = Math.min(before * 2, LONGEST_BACK_OFF_MS);
    const askedMs = retryAfterSeconds === undefined ? lastedMs : retryAfterSeconds * 1000;
    const untilMs = this.#clock.now() + Math.min(askedMs, LONGEST_RETRY_AFTER_MS);
    this.#rests.set(peer, { untilMs, lastedMs });
  }
}
