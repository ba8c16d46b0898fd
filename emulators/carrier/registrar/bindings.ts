import type { Clock, Endpoint, Store, Timer, TransportProtocol } from '../../../stack/platform.ts';
import type { SipFlow } from '../../../stack/rcs/sip/endpoint.ts';
import { type NameAddr, parseNameAddr, writeNameAddr } from '../../../stack/rcs/sip/name-addr.ts';
import { storeKey } from '../state/keys.ts';
import { readRecord, writeRecord } from '../state/record.ts';
import { contactTags, type Tags } from './contact-tags.ts';

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

/** The way to a device, as the store has it. */
export interface StoredFlow {
  readonly transport: TransportProtocol;
  readonly remote: Endpoint;
}

/** `contact` as a header has it. */
type StoredBinding = Omit<Binding, 'contact' | 'tags' | 'flow'> & {
  readonly contact: string;
  readonly flow: StoredFlow;
};

interface StoredDevice {
  readonly msisdn: string;
  readonly instance: string;
  readonly contact: string;
  readonly seenAt: number;
}

/** The location service: bindings by subscriber, instance and reg-id, ended by the clock. */
export class Bindings {
  readonly #clock: Clock;
  readonly #store: Store;
  readonly #events: BindingEvents;
  readonly #live = new Map<string, { readonly binding: Binding; readonly timer: Timer }>();
  readonly #known = new Map<string, Map<string, KnownDevice>>();

  /** Knows the devices that an earlier life knew. */
  constructor(clock: Clock, store: Store, events: BindingEvents) {
    this.#clock = clock;
    this.#store = store;
    this.#events = events;
    const devices = store.keys('device/').map((key) => readRecord<StoredDevice>(store.get(key)!).data);
    for (const { msisdn, instance, contact } of devices.sort((a, b) => a.seenAt - b.seenAt)) {
      this.#know(msisdn, { instance, tags: contactTags(parseNameAddr(contact)) });
    }
  }

  /** Takes up the registrations of an earlier life to which `flowTo` finds a way; the others are gone. */
  restore(flowTo: (flow: StoredFlow) => SipFlow | undefined): void {
    for (const key of this.#store.keys('binding/')) {
      const { data } = readRecord<StoredBinding>(this.#store.get(key)!);
      const flow = data.expiresAt > this.#clock.now() ? flowTo(data.flow) : undefined;
      if (flow === undefined) {
        this.#store.delete(key);
        continue;
      }
      const contact = parseNameAddr(data.contact);
      this.set({ ...data, contact, tags: contactTags(contact), flow });
    }
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
    this.#know(binding.msisdn, { instance: binding.instance, tags: binding.tags });
    this.#save(binding);
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
    return this.all().filter((b) => b.msisdn === msisdn);
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
    const all = this.all();
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

  #know(msisdn: string, device: KnownDevice): void {
    const known = this.#known.get(msisdn) ?? new Map<string, KnownDevice>();
    known.delete(device.instance);
    this.#known.set(msisdn, known.set(device.instance, device));
  }

  #save({ contact, tags: _, flow, ...rest }: Binding): void {
    const { msisdn, instance } = rest;
    const { transport, remote } = flow;
    const written = writeNameAddr(contact);
    const binding: StoredBinding = { ...rest, contact: written, flow: { transport, remote } };
    const device: StoredDevice = { msisdn, instance, contact: written, seenAt: this.#clock.now() };
    this.#store.set(bindingKey(rest), writeRecord(binding));
    this.#store.set(storeKey('device', msisdn, instance), writeRecord(device));
  }

  /** Oldest first. */
  all(): Binding[] {
    return Array.from(this.#live.values(), ({ binding }) => binding);
  }

  #end(key: string, why: 'asked' | 'expired'): void {
    const entry = this.#live.get(key);
    if (entry === undefined) return;
    entry.timer.cancel();
    this.#live.delete(key);
    this.#store.delete(bindingKey(entry.binding));
    this.#events.unbound(entry.binding, why);
  }
}

function keyOf({ msisdn, instance, regId }: Pick<Binding, 'msisdn' | 'instance' | 'regId'>): string {
  return `${msisdn} ${instance} ${regId}`;
}

function bindingKey({ msisdn, instance, regId }: Pick<Binding, 'msisdn' | 'instance' | 'regId'>): string {
  return storeKey('binding', msisdn, instance, regId);
}
