/** What this phone knows of its peers (RCC.07 capability discovery; docs/rcs-signalling.md 3.1). */
import type { Clock } from '../platform.ts';
import { type Capabilities, optionsResult } from '../rcs/capabilities/index.ts';

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

const UNKNOWN: PeerCapabilities = { rcs: 'unknown', online: false };

export class CapabilityCache {
  readonly #clock: Clock;
  readonly #lifetimes: () => CapabilityLifetimes;
  readonly #entries = new Map<string, PeerCapabilities & { readonly validUntilMs: number }>();

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

  /** Takes in the final response to OPTIONS, or to a MESSAGE that says something about the peer. */
  learnFromStatus(peer: string, status: number, capabilities?: Capabilities): PeerCapabilities {
    const result = optionsResult(status, capabilities);
    if (result.keepOld) return this.last(peer);
    return this.#store(peer, {
      rcs: result.rcs,
      online: result.online ?? false,
      ...(capabilities && { capabilities }),
    });
  }

  /** OPTIONS is two-way: the request carries the sender's own capabilities. */
  learnFromRequest(peer: string, capabilities: Capabilities): void {
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
}
