import type { Clock, Endpoint, Store, Timer, TransportProtocol } from '../../../stack/platform.ts';
import type { SipFlow } from '../../../stack/rcs/sip/endpoint.ts';
import { type NameAddr, parseNameAddr, writeNameAddr } from '../../../stack/rcs/sip/name-addr.ts';
import { storeKey } from '../state/keys.ts';
import { readRecord, writeRecord } from '../state/record.ts';
import { contactTags, type Tags } from './contact-tags.ts';
import { Groups } from './groups.ts';

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
  /** RFC 3327: the proxies on the way to the device, the nearest to the registrar first. */
  readonly path: readonly string[];
  /** RFC 5627; granted to a device that supports it. Temporary ones end with the process. */
  readonly gruu?: { readonly public: string; readonly temporary?: string };
  readonly callId: string;
  readonly cseq: number;
  readonly expiresAt: number;
}

/** RFC 3680 section 5.1: how the network ends a registration. */
export type NetworkDeregistration = 'rejected' | 'deactivated' | 'probation';

/** Why a binding ended: the phone or its time, or the network. */
export type EndOfBinding = 'asked' | 'expired' | NetworkDeregistration;

export interface BindingEvents {
  bound(binding: Binding): void;
  unbound(binding: Binding, why: EndOfBinding): void;
}

const FEW = 8;

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
  readonly #bySubscriber = new Groups<Binding>();
  readonly #byFlow = new Groups<Binding>();
  /** Of phones on UDP, which may send what is too large for it by TCP from the same host. */
  readonly #byHost = new Groups<Binding>();
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
      const { gruu, ...rest } = data;
      const lasting = gruu === undefined ? {} : { gruu: { public: gruu.public } };
      this.set({ ...rest, ...lasting, contact, tags: contactTags(contact), flow });
    }
  }

  set(binding: Binding): void {
    const key = keyOf(binding);
    this.#forget(key);
    const timer = this.#clock.setTimer(binding.expiresAt - this.#clock.now(), () =>
      this.#end(key, 'expired'),
    );
    this.#live.set(key, { binding, timer });
    for (const [groups, group] of this.#groupsOf(binding)) groups.add(group, key, binding);
    this.#know(binding.msisdn, { instance: binding.instance, tags: binding.tags });
    this.#save(binding);
    this.#events.bound(binding);
  }

  get(msisdn: string, instance: string, regId: string): Binding | undefined {
    return this.#live.get(keyOf({ msisdn, instance, regId }))?.binding;
  }

  remove(binding: Binding, why: Exclude<EndOfBinding, 'expired'> = 'asked'): void {
    this.#end(keyOf(binding), why);
  }

  /** Oldest first. */
  of(msisdn: string): Binding[] {
    return this.#bySubscriber.of(msisdn);
  }

  /** Those whose flow still stands, the newest first. */
  reachable(msisdn: string): Binding[] {
    return this.of(msisdn)
      .filter((b) => b.flow.open)
      .toReversed();
  }

  /**
   * Whose phone a request on `flow` comes from: who registered on that flow, or a phone on UDP at the same address, since
   * either that request or its REGISTER may have been too large for UDP (RFC 3261 section 18.1.1; address check as in
   * TS 33.203 annex T).
   * `claimed` (E.164) decides between several subscribers behind one flow or address, and nothing else.
   */
  byFlow(flow: SipFlow, claimed?: string): Binding | undefined {
    const own = this.#byFlow.of(flowKey(flow));
    if (own.length > 0 || !['udp', 'tcp'].includes(flow.transport)) return oneOf(own, claimed);
    const { host } = flow.remote;
    const claimedOne = this.of(claimed ?? '').findLast((b) => onUdp(b) && b.flow.remote.host === host);
    // Many behind one address: nothing tells them apart but what they claim.
    const few = this.#byHost.sizeOf(host) <= FEW ? this.#byHost.of(host) : [];
    return claimedOne ?? oneOf(few, undefined);
  }

  /** Devices that have registered at any time, the latest last. */
  known(msisdn: string): KnownDevice[] {
    return [...(this.#known.get(msisdn)?.values() ?? [])];
  }

  close(): void {
    for (const key of [...this.#live.keys()]) this.#forget(key);
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

  #end(key: string, why: EndOfBinding): void {
    const binding = this.#forget(key);
    if (binding === undefined) return;
    this.#store.delete(bindingKey(binding));
    this.#events.unbound(binding, why);
  }

  #forget(key: string): Binding | undefined {
    const entry = this.#live.get(key);
    if (entry === undefined) return undefined;
    entry.timer.cancel();
    this.#live.delete(key);
    for (const [groups, group] of this.#groupsOf(entry.binding)) groups.delete(group, key);
    return entry.binding;
  }

  #groupsOf(binding: Binding): [Groups<Binding>, string][] {
    const { msisdn, flow } = binding;
    const groups: [Groups<Binding>, string][] = [
      [this.#bySubscriber, msisdn],
      [this.#byFlow, flowKey(flow)],
    ];
    return onUdp(binding) ? [...groups, [this.#byHost, flow.remote.host]] : groups;
  }
}

/** What is too large for UDP goes by TCP, be it the REGISTER or what follows. */
function onUdp({ flow, contact }: Binding): boolean {
  return flow.transport === 'udp' || /;transport=udp\b/i.test(contact.uri);
}

/** Of bindings on one flow: the one that is claimed, or the newest when all are of one subscriber. */
function oneOf(bindings: readonly Binding[], claimed: string | undefined): Binding | undefined {
  const newest = bindings.at(-1);
  const alone = bindings.every((b) => b.msisdn === newest?.msisdn);
  return bindings.findLast((b) => b.msisdn === claimed) ?? (alone ? newest : undefined);
}

/** A flow over UDP is a pair of addresses, and outlives what stands for it (RFC 5626 section 3.1). */
export function flowKey({ id, transport, local, remote }: SipFlow): string {
  return transport === 'udp' ? `udp ${local.port} ${remote.host} ${remote.port}` : `stream ${id}`;
}

function keyOf({ msisdn, instance, regId }: Pick<Binding, 'msisdn' | 'instance' | 'regId'>): string {
  return `${msisdn} ${instance} ${regId}`;
}

function bindingKey({ msisdn, instance, regId }: Pick<Binding, 'msisdn' | 'instance' | 'regId'>): string {
  return storeKey('binding', msisdn, instance, regId);
}
