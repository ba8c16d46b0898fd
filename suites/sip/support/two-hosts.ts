import type { SipEndpointOptions } from '../../../stack/rcs/sip/endpoint.ts';
import { type IncomingRequest, SipEndpoint } from '../../../stack/rcs/sip/endpoint.ts';
import type { SipHeader, SipRequest } from '../../../stack/rcs/sip/message.ts';
import { FakeWire } from './fake-network.ts';
import { SeededRandom } from './seeded-random.ts';
import { VirtualClock } from './virtual-clock.ts';

export interface TwoHosts {
  readonly clock: VirtualClock;
  readonly wire: FakeWire;
  readonly alice: SipEndpoint;
  readonly bob: SipEndpoint;
  /** What bob was handed, in order. */
  readonly received: IncomingRequest[];
  readonly deviations: string[];
}

type Tuning = Partial<SipEndpointOptions>;

/** Alice, who listens on UDP only, and Bob, who listens on UDP and TCP 5060 and TLS 5061 and answers 200 unless told otherwise. */
export function twoHosts(tuning: { readonly alice?: Tuning; readonly bob?: Tuning } = {}): TwoHosts {
  const clock = new VirtualClock();
  const wire = new FakeWire(clock);
  const received: IncomingRequest[] = [];
  const deviations: string[] = [];
  const alice = new SipEndpoint({
    clock,
    random: new SeededRandom('alice'),
    network: wire.host('alice.example'),
    ...tuning.alice,
  });
  const answer = tuning.bob?.onRequest ?? ((incoming: IncomingRequest) => incoming.respond(200));
  const bob = new SipEndpoint({
    clock,
    random: new SeededRandom('bob'),
    network: wire.host('bob.example'),
    onDeviation: ({ what }) => deviations.push(what),
    ...tuning.bob,
    onRequest: (incoming) => {
      received.push(incoming);
      answer(incoming);
    },
  });
  alice.listen('udp', 5060);
  bob.listen('udp', 5060);
  bob.listen('tcp', 5060);
  bob.listen('tls', 5061);
  return { clock, wire, alice, bob, received, deviations };
}

export const BOB_UDP = { transport: 'udp', host: 'bob.example', port: 5060 } as const;
export const BOB_TCP = { transport: 'tcp', host: 'bob.example', port: 5060 } as const;
export const BOB_TLS = { transport: 'tls', host: 'bob.example', port: 5061 } as const;

/** A request from Alice to Bob that lacks only what an endpoint adds. */
export function request(
  method: string,
  options: { readonly body?: Uint8Array; readonly headers?: SipHeader[] } = {},
): SipRequest {
  return {
    kind: 'request',
    method,
    uri: 'sip:bob@bob.example',
    headers: [
      { name: 'From', value: '<sip:alice@alice.example>;tag=a1' },
      { name: 'To', value: '<sip:bob@bob.example>' },
      { name: 'Call-ID', value: `${method.toLowerCase()}-1@alice.example` },
      { name: 'CSeq', value: `1 ${method}` },
      ...(options.headers ?? []),
    ],
    body: options.body ?? new Uint8Array(0),
  };
}
