import type { Case } from '../../matrix/schema/case.ts';
import type { DeviceView, FrameEntry, TraceEntry } from '../../reports/trace.ts';

type WithoutPosition<T> = T extends TraceEntry ? Omit<T, 'n'> : never;

const HOSTS = [
  { host: 'alice-phone', side: 'device:alice' },
  { host: 'sip.carrier-a.example', side: 'carrier:A' },
  { host: 'kds.carrier-a.example', side: 'carrier:A' },
  { host: 'sip.carrier-b.example', side: 'carrier:B' },
  { host: 'bob-phone', side: 'device:bob' },
];

/** A short trace in the shape of a real one: two steps, a fetch, a MESSAGE over three hops, a lost datagram, views. */
export function fakeTrace(cell: Case): TraceEntry[] {
  const body = 'content-type: text/plain\r\n\r\n<b>hi</b> marker-1 </script><script>alert(1)</script>';
  const message = sip('MESSAGE tel:+99990020001 SIP/2.0', 'message/cpim', `From: <sip:a@x>\r\n\r\n${body}`);
  const answer = sip('SIP/2.0 200 OK', undefined, '');
  const frames: Omit<FrameEntry, 'n' | 'kind' | 'fromPort' | 'toPort' | 'link'>[] = [
    {
      t: 20,
      protocol: 'tls',
      from: HOSTS[0]!.host,
      to: HOSTS[1]!.host,
      connection: 1,
      event: 'open',
      fate: 'delivered',
    },
    frame(40, 'tls', 0, 1, message),
    frame(60, 'tls', 1, 3, message),
    frame(80, 'tls', 3, 4, message, 'lost'),
    frame(580, 'tls', 3, 4, message),
    frame(600, 'tls', 4, 3, answer),
    frame(620, 'tls', 3, 1, answer),
    frame(640, 'tls', 1, 0, answer),
  ];
  const secret = Buffer.from([1, 0, 2, 255, 254, 0]).toString('base64');
  const entries: WithoutPosition<TraceEntry>[] = [
    { kind: 'world', t: 0, caseId: cell.id, seed: cell.seed, hosts: HOSTS, markers: { hello: 'marker-1' } },
    { kind: 'step', t: 0, index: 0, step: { provision: { who: 'alice' } } },
    {
      kind: 'frame',
      ...HTTP,
      t: 5,
      event: 'request',
      bytes: { text: 'GET /key-packages/%2B9999 HTTP/1.1\r\nhost: kds\r\n\r\n' },
    },
    {
      kind: 'frame',
      ...HTTP,
      from: HTTP.to,
      to: HTTP.from,
      t: 9,
      event: 'response',
      bytes: { base64: secret },
    },
    {
      kind: 'step',
      t: 20,
      index: 1,
      step: { send: { message: 'hello', from: 'alice', to: 'bob', requirement: 'any' } },
    },
    ...frames.map((one) => ({
      kind: 'frame' as const,
      fromPort: 5061,
      toPort: 5061,
      link: 'access',
      ...one,
    })),
    {
      kind: 'event',
      t: 640,
      side: 'device:alice',
      name: 'notification',
      data: { text: 'sent <unencrypted>' },
    },
    { kind: 'state', t: 640, side: 'device:alice', stepIndex: 1, view: view('out') },
    { kind: 'state', t: 640, side: 'device:bob', stepIndex: 1, view: view('in') },
    { kind: 'end', t: 700, leaks: { timers: 0, streams: 0, sockets: 0, listeners: 0, requests: 0 } },
  ];
  return entries.map((entry, n) => ({ ...entry, n })) as TraceEntry[];
}

const HTTP = {
  protocol: 'https',
  from: 'alice-phone',
  to: 'kds.carrier-a.example',
  fromPort: 40_000,
  toPort: 443,
  connection: 7,
  fate: 'delivered',
  link: 'access',
} as const;

function frame(
  t: number,
  protocol: 'tls',
  from: number,
  to: number,
  text: string,
  fate: FrameEntry['fate'] = 'delivered',
) {
  const event = 'data' as const;
  return {
    t,
    protocol,
    from: HOSTS[from]!.host,
    to: HOSTS[to]!.host,
    connection: 1,
    event,
    fate,
    bytes: { text },
  };
}

function sip(start: string, type: string | undefined, body: string): string {
  const lines = [
    start,
    'CSeq: 1 MESSAGE',
    ...(type === undefined ? [] : [`c: ${type}`]),
    `l: ${body.length}`,
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

function view(direction: 'in' | 'out'): DeviceView {
  const bubble = {
    message: 'hello',
    wireId: 'Mx1',
    peer: '+99990020001',
    text: 'hello <b>marker-1</b>',
    channel: 'rcs',
  } as const;
  return {
    registration: 'registered',
    online: true,
    bubbles: [
      { ...bubble, direction, badge: 'secure', state: direction === 'out' ? 'delivered' : 'displayed' },
    ],
    capabilities: {},
    groups: [],
  };
}
