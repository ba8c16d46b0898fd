import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { captureOf } from '../../reports/capture/capture.ts';
import { webSocketFrame } from '../../reports/capture/web-socket.ts';
import type { TraceEntry } from '../../reports/trace.ts';
import { writeTrace } from '../../reports/trace-lines.ts';
import { parley } from '../cli/command-line.ts';

const trace: TraceEntry[] = [
  {
    kind: 'world',
    n: 0,
    t: 0,
    caseId: 'a case',
    seed: 'its seed',
    hosts: [{ host: 'phone.example', side: 'device:a' }],
    markers: {},
  },
  {
    kind: 'frame',
    n: 1,
    t: 1.5,
    protocol: 'udp',
    from: 'phone.example',
    to: '192.0.2.7',
    fromPort: 50_000,
    toPort: 5_060,
    connection: 1,
    event: 'data',
    fate: 'lost',
    link: 'radio',
    bytes: { text: 'ping' },
  },
];
const START = 1_767_225_600_000;

/** Type and body of each block; throws when the lengths around one differ. */
function blocks(file: Uint8Array): { readonly type: number; readonly body: Buffer }[] {
  const bytes = Buffer.from(file);
  const found: { type: number; body: Buffer }[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at + 4);
    expect(bytes.readUInt32LE(at + length - 4)).toBe(length);
    expect(length % 4).toBe(0);
    found.push({ type: bytes.readUInt32LE(at), body: bytes.subarray(at + 8, at + length - 4) });
    at += length;
  }
  return found;
}

describe('A capture in pcapng', () => {
  const [section, ip, names, packet, ...rest] = blocks(captureOf(trace, START));

  test('is a section with an interface, names and packets (pcapng 4.1 to 4.5)', () => {
    expect([section, ip, names, packet].map((one) => one?.type)).toEqual([0x0a0d0d0a, 1, 4, 6]);
    expect(rest).toEqual([]);
    expect(section!.body.subarray(0, 4)).toEqual(Buffer.from('4d3c2b1a', 'hex'));
    expect(section!.body.toString('latin1')).toContain('case a case\nseed its seed');
  });

  test('names the hosts that have no address of their own', () => {
    expect(names!.body.subarray(4, 22)).toEqual(
      Buffer.concat([Buffer.from([198, 18, 0, 1]), Buffer.from('phone.example\0')]),
    );
    expect(packet!.body.subarray(20 + 12, 20 + 20)).toEqual(Buffer.from([198, 18, 0, 1, 192, 0, 2, 7]));
  });

  test('dates a packet in microseconds, from what the trace takes for its beginning', () => {
    const time = packet!.body.readUInt32LE(4) * 2 ** 32 + packet!.body.readUInt32LE(8);
    expect(time).toBe(START * 1_000 + 1_500);
    const dated = trace.map((entry) => (entry.kind === 'world' ? { ...entry, startMs: 0 } : entry));
    expect(blocks(captureOf(dated, START))[3]!.body.readUInt32LE(8)).toBe(1_500);
  });

  test('says of a datagram which entry it is and that it was lost', () => {
    expect(packet!.body.toString('latin1')).toContain('trace entry 1, connection 1, lost on link radio');
  });
});

test('WebSocket frames are those of RFC 6455 section 5.7', () => {
  const hello = new TextEncoder().encode('Hello');
  const start = (frame: Uint8Array) => Buffer.from(frame.subarray(0, 10)).toString('hex');
  expect(start(webSocketFrame(hello, true, false))).toBe('810548656c6c6f');
  expect(start(webSocketFrame(hello, true, true))).toBe('8185'.concat('00000000', '48656c6c'));
  expect(start(webSocketFrame(new Uint8Array(256), false, false))).toMatch(/^827e0100/);
  expect(start(webSocketFrame(new Uint8Array(65_536), false, false))).toBe('827f0000000000010000');
});

describe('parley capture', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-capture-'));
  const path = join(folder, 'trace.jsonl');
  writeFileSync(path, writeTrace(trace));
  writeFileSync(join(folder, 'other.txt'), 'no trace');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('takes a trace, its folder or the case file beside it, and writes the capture beside it', async () => {
    for (const given of [path, folder, join(folder, 'case.yaml')]) {
      writeFileSync(join(folder, 'case.yaml'), '');
      const said = await parley('capture', given);
      expect(said).toEqual({
        code: 0,
        out: `1 frames: wireshark ${join(folder, 'trace.pcapng')}\n`,
        err: '',
      });
      expect(readFileSync(join(folder, 'trace.pcapng'))).toEqual(Buffer.from(captureOf(trace, START)));
    }
  });

  test('writes where it is told', async () => {
    const out = join(folder, 'elsewhere.pcapng');
    expect((await parley('capture', path, '--out', out)).code).toBe(0);
    expect(readFileSync(out).length).toBeGreaterThan(100);
  });

  test('ends with 64 for what is no trace, and where it cannot write', async () => {
    const missing = await parley('capture', join(folder, 'missing'));
    expect(missing).toMatchObject({ code: 64, err: expect.stringMatching(/missing is not there\n$/) });
    const other = await parley('capture', join(folder, 'other.txt'));
    expect(other).toMatchObject({ code: 64, err: expect.stringMatching(/is no trace: line 1: not JSON/) });
    const nowhere = await parley('capture', path, '--out', join(folder, 'no', 'where.pcapng'));
    expect(nowhere).toMatchObject({ code: 64, err: expect.stringMatching(/cannot write/) });
  });
});
