import fc from 'fast-check';
import { expect, test } from 'vitest';
import { frameSummary } from '../../reports/frame-summary.ts';
import { textLadder } from '../../reports/text-ladder.ts';
import type { FrameEntry, TraceBytes } from '../../reports/trace.ts';

function frame(bytes: TraceBytes | undefined, extra: Partial<FrameEntry> = {}): FrameEntry {
  const ends = { from: 'alice-phone', to: 'sip.a.example', fromPort: 5061, toPort: 5061 };
  const base = {
    n: 0,
    t: 12,
    kind: 'frame',
    protocol: 'tls',
    connection: 1,
    event: 'data',
    fate: 'delivered',
  } as const;
  return { ...base, ...ends, link: 'access', ...(bytes === undefined ? {} : { bytes }), ...extra };
}
const lines = (...all: string[]) => all.join('\r\n');

test.each<[string, string]>([
  [lines('REGISTER sip:a.example SIP/2.0', 'Content-Length: 0', '', ''), 'REGISTER sip:a.example'],
  [lines('SIP/2.0 401 Unauthorized', 'CSeq: 7 REGISTER', '', ''), '401 Unauthorized (REGISTER)'],
  [
    lines('MESSAGE tel:+9990001 SIP/2.0', 'c: message/mls;x=1', 'l: 4', '', 'abcd'),
    'MESSAGE tel:+9990001 message/mls 4 B',
  ],
  [
    lines(
      'MESSAGE tel:+9990001 SIP/2.0',
      'Content-Type:',
      ' message/cpim',
      '',
      'From: <x>',
      '',
      'Content-Type: text/plain',
      '',
      'hi',
    ),
    'MESSAGE tel:+9990001 message/cpim > text/plain 43 B',
  ],
  [
    lines('SIP/2.0 200 OK', 'CSeq: 1 OPTIONS', 'l: 0', '', 'SIP/2.0 100 Trying'),
    '200 OK (OPTIONS) (+18 B more)',
  ],
  [lines('GET /kp?who=1 HTTP/1.1', 'host: kds', '', ''), 'GET /kp?who=1'],
  [lines('HTTP/1.1 404', 'content-type: text/plain', '', 'none'), '404 text/plain 4 B'],
  ['\r\n\r\n', 'keep-alive'],
  ['half a mess', '11 B'],
])('%j is told as "%s"', (text, expected) => {
  expect(frameSummary(frame({ text }))).toBe(expected);
});

test('a message with a binary body is told like any other', () => {
  const octets = Buffer.concat([
    Buffer.from('MESSAGE sip:b SIP/2.0\r\nc: message/mls\r\n\r\n'),
    Buffer.of(0, 255, 254),
  ]);
  expect(frameSummary(frame({ base64: octets.toString('base64') }))).toBe('MESSAGE sip:b message/mls 3 B');
});

test('streams that open and TPDUs are told by their kind', () => {
  expect(frameSummary(frame(undefined, { event: 'open' }))).toBe('tls open');
  expect(frameSummary(frame({ base64: 'AQI=' }, { protocol: 'cs' }))).toBe('SMS-SUBMIT 2 B');
});

test('no octets make it throw or break its line', () => {
  const summary = (octets: Uint8Array) =>
    frameSummary(frame({ base64: Buffer.from(octets).toString('base64') }));
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.constantFrom('', 'SIP/2.0 200 ', 'INVITE a SIP/2.0\r\n\r\n'),
      (octets, head) => {
        const text = summary(Buffer.concat([Buffer.from(head), octets]));
        expect(text).not.toBe('');
        expect(text).not.toMatch(/[\r\n]/);
      },
    ),
  );
});

test('the text ladder marks the evidence, tells losses and keeps to the width', () => {
  const text = lines('MESSAGE tel:+9990001 SIP/2.0', '', '');
  const ladder = textLadder(
    [
      {
        n: 0,
        t: 0,
        kind: 'step',
        index: 0,
        step: { send: { message: 'm', from: 'alice', to: 'bob', requirement: 'any' } },
      },
      frame(undefined, { n: 1, event: 'open' }),
      frame({ text }, { n: 2, fate: 'lost' }),
      frame({ text: text.replace('+9990001', 'x'.repeat(90)) }, { n: 3, t: 20 }),
    ],
    { evidence: new Set([2]), width: 80 },
  );
  expect(ladder.slice(0, 2)).toEqual([
    '          0  -- step 0: send m: alice to bob, any',
    '>>       12    alice-phone -x sip.a.example  tls   MESSAGE tel:+9990001 (lost)',
  ]);
  expect(ladder).toHaveLength(3);
  expect(ladder[2]).toHaveLength(80);
});
