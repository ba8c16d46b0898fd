/** Captures of ours before the dissectors of Wireshark, which know nothing of us. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCase } from '../../harness/world/run-case.ts';
import { expandPlan, loadMatrix, named } from '../../matrix/index.ts';
import { captureOf } from '../../reports/capture/capture.ts';
import type { FrameEntry, TraceEntry } from '../../reports/trace.ts';
import { hasProgram } from '../external-program.ts';
import { type MessageKind, messageKind } from './support/message-kind.ts';
import { complaints, type Dissected, dissect } from './support/tshark.ts';

const START = Date.UTC(2026, 0, 1);
const folder = mkdtempSync(join(tmpdir(), 'parley-capture-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Captured {
  readonly id: string;
  readonly frames: readonly FrameEntry[];
  readonly packets: readonly Dissected[];
}

async function captured(id: string, trace: readonly TraceEntry[]): Promise<Captured> {
  const path = join(folder, `${Buffer.from(id).toString('hex').slice(-64)}.pcapng`);
  writeFileSync(path, captureOf(trace, START));
  return {
    id,
    frames: trace.filter((entry) => entry.kind === 'frame'),
    packets: await dissect(path),
  };
}

/** The packet on which Wireshark shows the message of a trace entry. */
const packetOf = (packets: readonly Dissected[], n: number): Dissected | undefined =>
  packets.find((one) => one['frame.comment'].some((comment) => comment.startsWith(`trace entry ${n},`)));

/** The same as `messageKind`, as tshark has read it. */
function dissectedKind(packet: Dissected): MessageKind {
  const layers = packet['frame.protocols'][0]!.split(':');
  const first = (name: keyof Dissected) => packet[name][0];
  if (layers.includes('gsm_a.rp'))
    return { protocol: 'gsm_a.rp', type: String(Number(first('gsm_a.rp.msg_type'))), contentType: '' };
  if (layers.includes('sip')) {
    const contentType = first('sip.Content-Type')?.split(';')[0]?.trim() ?? '';
    return { protocol: 'sip', type: first('sip.Method') ?? first('sip.Status-Code') ?? '', contentType };
  }
  if (layers.includes('msrp')) {
    const contentType = first('msrp.content.type')?.split(';')[0]?.trim() ?? '';
    return { protocol: 'msrp', type: first('msrp.method') ?? first('msrp.status.code') ?? '', contentType };
  }
  if (layers.includes('http')) {
    const contentType = first('http.content_type')?.split(';')[0]?.trim() ?? '';
    const type = first('http.request.method') ?? first('http.response.code') ?? '';
    return { protocol: 'http', type, contentType };
  }
  if (layers.includes('stun')) return { protocol: 'stun', type: '', contentType: '' };
  const ends = ['tcp', 'data', 'websocket'].includes(layers.at(-1)!);
  return { protocol: 'none', type: ends ? '' : layers.join(':'), contentType: '' };
}

describe.runIf(hasProgram('tshark', 'tshark'))('A capture of cells, read by tshark', () => {
  let all: Captured[];

  // Every cell of the plan runs; those that bring a kind of message that none before brought are captured.
  beforeAll(async () => {
    const matrix = loadMatrix();
    const { cells } = expandPlan(matrix, named(matrix.plans, 'pull-request', 'plan'));
    const seen = new Set<string>();
    all = [];
    for (const cell of cells) {
      const { trace } = await runCase(cell);
      const before = seen.size;
      for (const entry of trace) {
        if (entry.kind !== 'frame') continue;
        const { protocol, type, contentType } = messageKind(entry);
        seen.add([entry.protocol, entry.event, entry.fate, protocol, type, contentType].join(' '));
      }
      if (seen.size > before) all.push(await captured(cell.id, trace));
    }
  }, 300_000);

  test('has no malformed packet, no wrong checksum, nothing that Wireshark warns of', () => {
    expect(all.flatMap(({ id, packets }) => complaints(packets).map((told) => `${id}: ${told}`))).toEqual([]);
  });

  test('shows each recorded message, as the protocol it is', () => {
    const wrong = all.flatMap(({ id, frames, packets }) =>
      frames
        .filter(({ bytes }) => bytes !== undefined)
        .map((frame) => ({ frame, packet: packetOf(packets, frame.n) }))
        .map(({ frame, packet }) => ({
          at: `${id} entry ${frame.n}`,
          recorded: messageKind(frame),
          shown: packet && dissectedKind(packet),
        }))
        .filter(({ recorded, shown }) => JSON.stringify(recorded) !== JSON.stringify(shown)),
    );
    expect(wrong).toEqual([]);
  });

  test('holds all that the plan speaks', () => {
    const kinds = new Set(
      all.flatMap(({ frames }) =>
        frames
          .map(messageKind)
          .map(({ protocol, type, contentType }) => `${protocol} ${type} ${contentType}`.trim()),
      ),
    );
    const spoken = ['OPTIONS', 'REGISTER', 'MESSAGE message/cpim', '200', '202', '401', '404'];
    expect([...kinds]).toEqual(expect.arrayContaining(spoken.map((one) => `sip ${one}`)));
    expect([...kinds]).toEqual(
      expect.arrayContaining([
        'http GET',
        'http 200 text/vnd.wap.connectivity-xml',
        'gsm_a.rp 0',
        'gsm_a.rp 3',
      ]),
    );
  });

  test('knows the hosts by name, and when each message was sent', () => {
    for (const { frames, packets } of all) {
      for (const frame of frames.filter(({ bytes }) => bytes !== undefined)) {
        const packet = packetOf(packets, frame.n)!;
        expect(Number(packet['frame.time_epoch'][0])).toBeCloseTo((START + frame.t) / 1_000, 5);
        if (frame.protocol === 'cs') continue;
        expect([packet['ip.src_host'][0], packet['ip.dst_host'][0]]).toEqual([frame.from, frame.to]);
      }
    }
  });
});

describe.runIf(hasProgram('tshark', 'tshark'))('A capture of a made-up trace, read by tshark', () => {
  test('has SIP in WebSocket frames behind the handshake of RFC 6455', async () => {
    const sip = message('OPTIONS sip:b@carrier.example SIP/2.0', 'x'.repeat(70_000));
    const trace = frames([
      ['wss', 'open', 'phone', 'pcscf', 443],
      ['wss', 'data', 'phone', 'pcscf', 443, sip],
      ['wss', 'data', 'pcscf', 'phone', 443, message('SIP/2.0 200 OK', 'x'.repeat(300))],
      ['wss', 'data', 'phone', 'pcscf', 443, message('SIP/2.0 200 OK', '')],
      ['wss', 'close', 'phone', 'pcscf', 443],
    ]);
    const { packets } = await captured('websocket', trace);
    expect(complaints(packets)).toEqual([]);
    const kinds = packets.map(dissectedKind).filter(({ protocol }) => protocol !== 'none');
    expect(kinds.map(({ type }) => type)).toEqual(['GET', '101', 'OPTIONS', '200', '200']);
    expect(packetOf(packets, 1)!['frame.protocols'][0]).toMatch(/^raw:ip:tcp:http:websocket:sip\b/);
  });

  test.for(['tls', 'tcp'] as const)('has MSRP over %s', async (protocol) => {
    const paths = ['To-Path: msrps://b.example:2855/s2;tcp', 'From-Path: msrps://a.example:9/s1;tcp'];
    const send = [
      'MSRP d93kswow SEND',
      ...paths,
      'Message-ID: 77aa88bb',
      'Byte-Range: 1-3000/3000',
      'Content-Type: message/cpim',
      '',
      'x'.repeat(3_000),
      '-------d93kswow$',
      '',
    ];
    const answer = ['MSRP d93kswow 200 OK', ...paths, '-------d93kswow$', ''];
    const trace = frames([
      [protocol, 'open', 'phone', 'as', 40_123],
      [protocol, 'data', 'phone', 'as', 40_123, send.join('\r\n')],
      [protocol, 'data', 'as', 'phone', 40_123, answer.join('\r\n')],
    ]);
    const { packets } = await captured(`msrp-${protocol}`, trace);
    expect(complaints(packets)).toEqual([]);
    const kinds = packets.map(dissectedKind).filter(({ protocol: shown }) => shown === 'msrp');
    expect(kinds).toEqual([
      { protocol: 'msrp', type: 'SEND', contentType: 'message/cpim' },
      { protocol: 'msrp', type: '200', contentType: '' },
    ]);
  });

  test.for([
    ['tls', 5061],
    ['tcp', 5060],
    ['tcp', 5071],
    ['udp', 5060],
    ['wss', 443],
  ] as const)('takes no offence at keep-alives over %s, port %i', async ([protocol, port]) => {
    const trace = frames([
      [protocol, 'data', 'phone', 'pcscf', port, message('OPTIONS sip:b@carrier.example SIP/2.0', '')],
      [protocol, 'data', 'phone', 'pcscf', port, '\r\n\r\n'],
      [protocol, 'data', 'pcscf', 'phone', port, '\r\n'],
      [protocol, 'data', 'pcscf', 'phone', port, message('SIP/2.0 200 OK', '')],
    ]);
    const { packets } = await captured(`keep-alive-${protocol}-${port}`, trace);
    expect(complaints(packets)).toEqual([]);
    const kinds = packets.map(dissectedKind).filter(({ protocol: shown }) => shown === 'sip');
    expect(kinds.map(({ type }) => type).filter((type) => type !== '')).toEqual(['OPTIONS', '200']);
  });

  test('joins a message that takes many segments, and closes or resets what was closed or reset', async () => {
    const long = message('MESSAGE tel:+999 SIP/2.0', 'é'.repeat(100_000));
    const trace = frames([
      ['tls', 'open', 'phone', 'pcscf', 5061],
      ['tls', 'data', 'phone', 'pcscf', 5061, long],
      ['tls', 'close', 'phone', 'pcscf', 5061],
      ['tls', 'data', 'pcscf', 'phone', 5061, message('SIP/2.0 202 Accepted', '')],
      ['tls', 'reset', 'phone', 'pcscf', 5061],
    ]);
    const { packets } = await captured('segments', trace);
    expect(complaints(packets)).toEqual([]);
    const shown = packetOf(packets, 1)!;
    expect(dissectedKind(shown)).toMatchObject({ protocol: 'sip', type: 'MESSAGE' });
    expect(shown['frame.comment'][0]).toMatch(/recorded before encryption \(tls, ports \d+ to 5061\)/);
    expect(dissectedKind(packetOf(packets, 3)!)).toMatchObject({ protocol: 'sip', type: '202' });
  });
});

type Told = [
  protocol: FrameEntry['protocol'],
  event: FrameEntry['event'],
  from: string,
  to: string,
  port: number,
  text?: string,
];

/** One connection between a phone, whose port is 50000, and a server. */
function frames(told: readonly Told[]): TraceEntry[] {
  return told.map(([protocol, event, from, to, port, text], n) => ({
    kind: 'frame',
    n,
    t: n,
    protocol,
    event,
    from,
    to,
    fromPort: from === 'phone' ? 50_000 : port,
    toPort: from === 'phone' ? port : 50_000,
    connection: 1,
    fate: 'delivered',
    link: 'lan',
    ...(text !== undefined && { bytes: { text } }),
  }));
}

function message(startLine: string, body: string): string {
  const method = /^[A-Z]+ /.exec(startLine)?.[0].trim() ?? 'OPTIONS';
  return [
    startLine,
    'Via: SIP/2.0/WSS phone.invalid;branch=z9hG4bK1',
    'From: <sip:a@carrier.example>;tag=1',
    'To: <sip:b@carrier.example>',
    'Call-ID: 1',
    `CSeq: 1 ${method}`,
    'Max-Forwards: 70',
    ...(body === '' ? [] : ['Content-Type: text/plain']),
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}
