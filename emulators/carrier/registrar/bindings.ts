import type { Clock, Timer } from '../../../stack/platform.ts';
import type { SipFlow } from '../../../stack/rcs/sip/endpoint.ts';
import type { NameAddr } from '../../../stack/rcs/sip/name-addr.ts';
import type { Tags } from './contact-tags.ts';

/** Where one device of a subscriber can be reached, until when (RFC 3261 section 10, RFC 5626 section 6). */
export interface Binding {
  readonly msisdn: string;
  /** `+sip.instance`, or the Contact URI of a phone without one. */
  readonly instance: string;
  readonly regId: string;
  /** As granted, without `expires`. */
  readonly contact: NameAddr;
  readonly tags: Tags;
  readonly flow: SipFlow;
  readonly callId: string;
  readonly cseq: number;
  readonly expiresAt: number;
}

export interface BindingEvents {
  bound(binding: Binding): void;
  unbound(binding: Binding, why: 'asked' | 'expired'): void;
}

/** A device that was registered at some time: what the network remembers when it is gone. */
export interface KnownDevice {
  readonly instance: string;
  readonly tags: Tags;
}

/** The location service: bindings by subscriber, instance and reg-id, ended by the clock. */
export class Bindings {
  readonly #clock: Clock;
  readonly #events: BindingEvents;
  readonly #live = new Map<string, { readonly binding: Binding; readonly timer: Timer }>();
  readonly #known = new Map<string, Map<string, KnownDevice>>();

  constructor(clock: Clock, events: BindingEvents) {
    this.#clock = clock;
    this.#events = events;
  }

  set(binding: Binding): void {
    const key = keyOf(binding);
    const before = this.#live.get(key);
    before?.timer.cancel();
    // Deleted first: the newest binding stands last.
    this.#live.delete(key);
    const timer = this.#clock.setTimer(binding.expiresAt - this.#clock.now(), () =>
      this.#end(key, 'expired'),
    );
    this.#live.set(key, { binding, timer });
    const known = this.#known.get(binding.msisdn) ?? new Map<string, KnownDevice>();
    known.delete(binding.instance);
    this.#known.set(
      binding.msisdn,
      known.set(binding.instance, { instance: binding.instance, tags: binding.tags }),
    );
    this.#events.bound(binding);
  }

  get(msisdn: string, instance: string, regId: string): Binding | undefined {
    return this.#live.get(keyOf({ msisdn, instance, regId }))?.binding;
  }

  remove(binding: Binding): void {
    this.#end(keyOf(binding), 'asked');
  }

  /** Oldest first. */
  of(msisdn: string): Binding[] {
    return this.#all().filter((b) => b.msisdn === msisdn);
  }

  /** Those whose flow still stands, the newest first. */
  reachable(msisdn: string): Binding[] {
    return this.of(msisdn)
      .filter((b) => b.flow.open)
      .toReversed();
  }

  /**
   * Whose phone a request on `flow` comes from: who registered on that flow, or over UDP from the same address when the
   * request was too large for UDP and came by TCP (RFC 3261 section 18.1.1; address check as in TS 33.203 annex T).
   */
  byFlow(flow: SipFlow): Binding | undefined {
    const all = this.#all();
    const sameAddress = (b: Binding) =>
      b.flow.transport === 'udp' && flow.transport === 'tcp' && b.flow.remote.host === flow.remote.host;
    return all.findLast((b) => b.flow.id === flow.id) ?? all.findLast(sameAddress);
  }

  /** Devices that have registered at any time, the latest last. */
  known(msisdn: string): KnownDevice[] {
    return [...(this.#known.get(msisdn)?.values() ?? [])];
  }

  close(): void {
    for (const { timer } of this.#live.values()) timer.cancel();
    this.#live.clear();
  }

  #all(): Binding[] {
    return Array.from(this.#live.values(), ({ binding }) => binding);
  }

  #end(key: string, why: 'asked' | 'expired'): void {
    const entry = this.#live.get(key);
    if (entry === undefined) return;
    entry.timer.cancel();
    this.#live.delete(key);
    this.#events.unbound(entry.binding, why);
  }
}

function keyOf({ msisdn, instance, regId }: Pick<Binding, 'msisdn' | 'instance' | 'regId'>): string {
  return `${msisdn} ${instance} ${regId}`;
}
