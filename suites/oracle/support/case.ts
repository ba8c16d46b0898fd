import { type Case, caseSchema } from '../../../matrix/schema/case.ts';
import { type Expectations, expectationsSchema } from '../../../matrix/schema/plan.ts';

const phone = (name: string) => ({
  name,
  os: { family: 'android', version: '16' },
  client: { name: 'messages', version: '1' },
  universalProfile: '3.0',
  capabilities: ['chat'],
  mls: { engine: 'parley', cipherSuites: [2], keyPackages: 5 },
  signalling: { transports: ['tls'] },
});

const carrier = (name: string) => ({
  name,
  universalProfile: '3.0',
  e2ee: { enabled: true },
  acs: { version: 5, validity: '7d' },
  signalling: { transports: ['tls', 'tcp', 'udp'], auth: 'digest-sha256', expires: '1h' },
  media: 'all',
  services: { chat: true, storeAndForward: '7d', pagerMaxSize: 1300 },
  interworking: { sms: true },
  interconnect: { transport: 'tls' },
});

const link = { latency: '10ms', jitter: '0ms', loss: 0 };

/** Alice on carrier A writes `first` and `second` to Bob on carrier B. */
export const STEPS: readonly object[] = [
  { register: { who: 'alice' } },
  { expect: { device: 'alice' } },
  { send: { message: 'first', from: 'alice', to: 'bob', text: 'the first {marker}' } },
  { send: { message: 'second', from: 'alice', to: 'bob', text: 'the second {marker}' } },
  { expect: { message: 'first', when: 'final' } },
];

export const FIRST = 'marker-first-7f3a19';
export const SECOND = 'marker-second-c04d82';
export const ALICE = '+999900100001';
export const BOB = '+999900200002';

export function theCase(steps: readonly object[] = STEPS): Case {
  return caseSchema.parse({
    id: 'scenario=two-messages',
    seed: '1',
    axes: { scenario: 'two-messages' },
    scenario: { name: 'two-messages', title: 'two messages' },
    roles: {
      alice: { device: phone('pixel'), carrier: 'A', msisdn: ALICE },
      bob: { device: phone('iphone'), carrier: 'B', msisdn: BOB },
    },
    carriers: { A: carrier('alpha'), B: carrier('beta') },
    network: { name: 'lte', access: link, interconnect: link },
    policy: { name: 'default', e2ee: 'preferred', smsFallback: 'allowed', readReceipts: true },
    steps,
  });
}

type Then = Record<string, unknown>;

export const SECURE: Then = {
  channel: 'rcs',
  badge: 'secure',
  state: ['delivered'],
  received: true,
  carrierSees: 'ciphertext',
};
export const PLAIN: Then = { ...SECURE, badge: 'plain', carrierSees: 'plaintext' };
export const HELD: Then = {
  channel: 'none',
  badge: 'none',
  state: ['queued'],
  received: false,
  carrierSees: 'nothing',
  notify: ['sender'],
  audit: 'queued-for-e2ee',
};
export const REGISTERED: Then = { registration: 'registered', peerRcs: 'yes', peerMls: true };

/** A table of one rule for messages and one for phones, below one that never matches. */
export function table(message: Then = SECURE, device: Then = REGISTERED): Expectations {
  const rule = (name: string, outcome: Then, when: object = {}) =>
    Object.fromEntries(
      Object.entries({ rule: name, clause: `clause of ${name}`, when }).concat([['then', outcome]] as never),
    );
  return expectationsSchema.parse({
    messages: [
      rule('never', { unsupported: 'another scenario' }, { scenario: 'another' }),
      rule('message-rule', message),
    ],
    devices: [rule('device-rule', device)],
  });
}
