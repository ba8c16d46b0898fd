import type {
  Bubble,
  DeviceView,
  EventEntry,
  FrameEntry,
  GroupView,
  StateEntry,
  TraceBytes,
  TraceEntry,
} from '../../../reports/trace.ts';
import { ALICE, BOB, FIRST, SECOND } from './case.ts';
import { AUTHENTICATOR, GROUP_ID, privateMessage, receiptSignature, welcome } from './mls-bytes.ts';
import { cpimText, imdnText, type RequestLook, requestText, responseText } from './sip-text.ts';

type Draft = TraceEntry extends infer Entry
  ? Entry extends TraceEntry
    ? Omit<Entry, 'n' | 't'> & { t?: number }
    : never
  : never;

/** Numbers the entries; time goes on by 10 ms an entry. */
export function numbered(drafts: readonly Draft[]): TraceEntry[] {
  return drafts.map((draft, n) => ({ t: n * 10, ...draft, n }) as TraceEntry);
}

export function bytes(data: string | Uint8Array): TraceBytes {
  return typeof data === 'string' ? { text: data } : { base64: Buffer.from(data).toString('base64') };
}

const HOSTS = ['alice', 'core.alpha', 'core.beta', 'bob'] as const;
type Host = (typeof HOSTS)[number];
const CONNECTION: Readonly<Record<string, number>> = {
  'alice core.alpha': 1,
  'core.alpha core.beta': 2,
  'core.beta bob': 3,
};

export function frame(
  from: Host,
  to: Host,
  data: string | Uint8Array,
  change: Partial<FrameEntry> = {},
): Draft {
  return {
    kind: 'frame',
    protocol: 'tls',
    from,
    to,
    fromPort: HOSTS.indexOf(from) < HOSTS.indexOf(to) ? 40_000 : 5061,
    toPort: HOSTS.indexOf(from) < HOSTS.indexOf(to) ? 5061 : 40_000,
    connection: CONNECTION[`${from} ${to}`] ?? CONNECTION[`${to} ${from}`]!,
    event: 'data',
    fate: 'delivered',
    link: 'access',
    bytes: bytes(data),
    ...change,
  };
}

const MLS_NS = 'NS: mls <http://www.gsma.com/rcs/mls>';
const MLS_HEADERS = [
  MLS_NS,
  'mls.Era-ID: 1',
  `mls.Epoch-Authenticator: ${Buffer.from(AUTHENTICATOR, 'hex').toString('base64')}`,
];

/** A MESSAGE on one hop and its 200; MLS content is given in base64. */
export function hop(
  from: Host,
  to: Host,
  id: string,
  type: string,
  content: string,
  more: readonly string[] = type === 'message/mls' ? MLS_HEADERS : [],
): Draft[] {
  const name = `${id}-${from.replace('.', '-')}`;
  const isBack = HOSTS.indexOf(from) > HOSTS.indexOf(to);
  const look: RequestLook = {
    method: 'MESSAGE',
    branch: `z9hG4bK-${name}`,
    callId: `call-${name}`,
    ...(isBack && { from: 'sip:bob@beta', to: `tel:${ALICE}` }),
    type: 'message/cpim',
    body: cpimText(id, type, content, type.startsWith('message/mls') ? 'base64' : undefined, more),
  };
  return [frame(from, to, requestText(look)), frame(to, from, responseText(look, 200))];
}

export function onward(
  path: readonly Host[],
  id: string,
  type: string,
  content: string,
  more?: readonly string[],
): Draft[] {
  return path.slice(1).flatMap((to, i) => hop(path[i]!, to, id, type, content, more));
}

export const THERE = ['alice', 'core.alpha', 'core.beta', 'bob'] as const;
export const BACK = ['bob', 'core.beta', 'core.alpha', 'alice'] as const;

/** A sealed message of that id, in base64. */
export function ciphertext(id: string, look?: Parameters<typeof privateMessage>[1]): string {
  return privateMessage(id, look).toString('base64');
}

/** A signed receipt of Bob's on all its hops. */
export function receipt(id: string, about: string, kind: 'delivery' | 'display' = 'delivery'): Draft[] {
  const signature = receiptSignature(id, about, kind).toString('base64');
  return onward(
    BACK,
    id,
    'message/imdn+xml',
    imdnText(about, kind, kind === 'display' ? 'displayed' : 'delivered'),
    [MLS_NS, 'mls.Era-ID: 1', `mls.MLS-Derived-Content-Signature: ${signature}`],
  );
}

export const ID = { first: 'MxFirst0000000000000001', second: 'MxSecond000000000000002' } as const;
export const WELCOME = 'MxWelcome00000000000001';
export const TEXT = { first: `the first ${FIRST}`, second: `the second ${SECOND}` } as const;
type Name = keyof typeof ID;

export function sent(message: Name, change: Partial<Bubble> = {}): Bubble {
  const fixed = { message, wireId: ID[message], direction: 'out', peer: BOB, text: TEXT[message] } as const;
  return { ...fixed, badge: 'secure', channel: 'rcs', state: 'delivered', ...change };
}

export function received(message: Name, change: Partial<Bubble> = {}): Bubble {
  return sent(message, { direction: 'in', peer: ALICE, ...change });
}

export const GROUP: GroupView = {
  groupId: GROUP_ID,
  era: 1,
  epoch: '1',
  treeHash: 'aa11',
  epochAuthenticator: AUTHENTICATOR,
  exporterDigest: 'cc33',
  roster: [ALICE, BOB],
};

export function state(
  who: 'alice' | 'bob',
  stepIndex: number,
  bubbles: readonly Bubble[],
  change: Partial<DeviceView> = {},
): Draft {
  const peer = who === 'alice' ? BOB : ALICE;
  const view: DeviceView = {
    registration: 'registered',
    online: true,
    bubbles,
    capabilities: { [peer]: { rcs: 'yes', mls: true, online: true } },
    groups: bubbles.length > 0 ? [GROUP] : [],
    ...change,
  };
  return { kind: 'state', side: `device:${who}`, stepIndex, view };
}

export function event(side: string, name: string, data: EventEntry['data'] = {}): Draft {
  return { kind: 'event', side, name, data };
}

export const world: Draft = {
  kind: 'world',
  caseId: 'scenario=two-messages',
  seed: '1',
  hosts: [
    { host: 'alice', side: 'device:alice' },
    { host: 'bob', side: 'device:bob' },
    { host: 'core.alpha', side: 'carrier:A' },
    { host: 'core.beta', side: 'carrier:B' },
  ],
  markers: { first: FIRST, second: SECOND },
};

export const end: Draft = {
  kind: 'end',
  leaks: { timers: 0, streams: 0, sockets: 0, listeners: 0, requests: 0 },
};

export function step(index: number, data: Readonly<Record<string, unknown>>): Draft {
  return { kind: 'step', index, step: data };
}

export const REGISTER: RequestLook = {
  method: 'REGISTER',
  branch: 'z9hG4bK-register',
  callId: 'call-register',
  to: 'sip:alice@alpha',
};

function delivered(message: Name, protection: 'sealed' | 'plain'): Draft[] {
  if (protection === 'plain') {
    return [
      ...onward(THERE, ID[message], 'text/plain', TEXT[message]),
      ...onward(BACK, `MxReceipt-${message}`, 'message/imdn+xml', imdnText(ID[message])),
    ];
  }
  return [
    ...onward(THERE, ID[message], 'message/mls', ciphertext(ID[message])),
    ...receipt(`MxReceipt-${message}`, ID[message]),
  ];
}

/** A Welcome and two encrypted messages that arrive and are confirmed; nothing is wrong with it. */
export function healthy(protection: 'sealed' | 'plain' = 'sealed'): Draft[] {
  return [
    world,
    step(0, { register: { who: 'alice' } }),
    frame('alice', 'core.alpha', requestText(REGISTER)),
    frame('core.alpha', 'alice', responseText(REGISTER, 200)),
    state('alice', 0, []),
    state('bob', 0, []),
    step(1, { expect: { device: 'alice' } }),
    state('alice', 1, []),
    step(2, { send: { message: 'first' } }),
    ...onward(THERE, WELCOME, 'message/mls-rcs-server', welcome('bob').toString('base64')),
    ...delivered('first', protection),
    state('alice', 2, [sent('first')]),
    state('bob', 2, [received('first')]),
    step(3, { send: { message: 'second' } }),
    ...delivered('second', protection),
    state('alice', 3, [sent('first'), sent('second')]),
    state('bob', 3, [received('first'), received('second')]),
    step(4, { expect: { message: 'first', when: 'final' } }),
    state('alice', 4, [sent('first'), sent('second')]),
    state('bob', 4, [received('first'), received('second')]),
    end,
  ];
}

export type { Draft, StateEntry };
