import fc from 'fast-check';
import { expect, test } from 'vitest';
import { frameSummary } from '../../reports/frame-summary.ts';
import { readSms } from '../../reports/sms-pdu.ts';
import { stepLabel } from '../../reports/step-label.ts';
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
  [lines('OPTIONS sip:1@b:5061;transport=tls SIP/2.0', '', ''), 'OPTIONS sip:1@b:5061'],
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
  [
    lines(
      'MSRP d93kswow SEND',
      'To-Path: msrp://b.example:8888/b;tcp',
      'From-Path: msrp://a.example:9/a;tcp',
      'Message-ID: 1',
      'Byte-Range: 1-2/5',
      'Content-Type: message/cpim',
      '',
      'ab',
      '-------d93kswow+',
      '',
    ),
    'MSRP SEND 1-2/5 message/cpim 2 B',
  ],
  [
    lines('MSRP d93kswow 200 OK', 'To-Path: a', 'From-Path: b', '-------d93kswow$', '').repeat(2),
    'MSRP 200 OK (+1 more)',
  ],
  ['\r\n\r\n', 'keep-alive'],
  ['half a mess', '11 B'],
])('%j is told as "%s"', (text, expected) => {
  expect(frameSummary(frame({ text }))).toBe(expected);
});

test('a STUN keep-alive is told as what it is', () => {
  const octets = Buffer.from(`000100002112a442${'5'.repeat(24)}`, 'hex');
  expect(frameSummary(frame({ base64: octets.toString('base64') }))).toBe('keep-alive (STUN)');
});

test('a message with a binary body is told like any other', () => {
  const octets = Buffer.concat([
    Buffer.from('MESSAGE sip:b SIP/2.0\r\nc: message/mls\r\n\r\n'),
    Buffer.of(0, 255, 254),
  ]);
  expect(frameSummary(frame({ base64: octets.toString('base64') }))).toBe('MESSAGE sip:b message/mls 3 B');
});

test('streams that open are told by their kind', () => {
  expect(frameSummary(frame(undefined, { event: 'open' }))).toBe('tls open');
});

// 3GPP TS 24.011 section 8.2.2: message types; an RP-DATA holds a TPDU, whose type also depends on the direction.
test.each<[string, number[], string]>([
  ['RP-DATA from the phone', [0, 1, 0, 0, 3, 0x01, 1, 0], 'RP-DATA SMS-SUBMIT 8 B'],
  ['RP-DATA to the phone', [1, 1, 2, 0x91, 0x99, 0, 1, 0x04], 'RP-DATA SMS-DELIVER 8 B'],
  ['a status report', [1, 1, 0, 0, 1, 0x02], 'RP-DATA SMS-STATUS-REPORT 6 B'],
  ['RP-ACK from the phone', [2, 1], 'RP-ACK'],
  ['RP-ACK to the phone', [3, 1], 'RP-ACK'],
  ['RP-ERROR to the phone', [5, 1, 1, 38], 'RP-ERROR 4 B'],
  ['RP-SMMA', [6, 1], 'RP-SMMA'],
  ['a reserved type', [9, 1], 'SMS 2 B'],
  ['nothing', [], 'SMS 0 B'],
])('%s is told by the type of its RP message', (_what, octets, expected) => {
  const base64 = Buffer.from(octets).toString('base64');
  expect(frameSummary(frame({ base64 }, { protocol: 'cs' }))).toBe(expected);
});

test.each<[string, string, string]>([
  // The example of TS 23.038 section 6.1.2.1: seven bits a character.
  ['the default alphabet', '01 00 04 81 21 43 00 00 05 e8 32 9b fd 06', 'hello'],
  ['an escape', '01 00 04 81 21 43 00 00 02 9b 32', '€'],
  ['UCS2', '01 00 04 81 21 43 00 08 04 00 48 00 e9', 'Hé'],
  ['a part, after its header', '41 00 04 81 21 43 00 08 08 05 00 03 07 02 01 00 48', 'H'],
])('the text of an SMS in %s can be read', (_what, tpdu, text) => {
  const octets = Buffer.from(tpdu.replaceAll(' ', ''), 'hex');
  const rp = Buffer.concat([Buffer.of(0, 1, 0, 0, octets.length), octets]);
  expect(readSms(rp)).toEqual({ type: 'RP-DATA SMS-SUBMIT', text });
});

test('no octets make it throw or break its line', () => {
  const summary = (octets: Uint8Array) =>
    frameSummary(frame({ base64: Buffer.from(octets).toString('base64') }));
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.constantFrom('', 'SIP/2.0 200 ', 'INVITE a SIP/2.0\r\n\r\n'),
      (octets, head) => {
        expect(() => readSms(octets)).not.toThrow();
        const text = summary(Buffer.concat([Buffer.from(head), octets]));
        expect(text).not.toBe('');
        expect(text).not.toMatch(/[\r\n]/);
      },
    ),
  );
});

test.each<[object, string]>([
  [{ read: { who: 'bob', message: 'm' } }, 'read bob "m"'],
  [{ read: { message: 'm', who: 'bob' } }, 'read bob "m"'],
  [{ expect: { when: 'final', message: 'm' } }, 'expect "m" final'],
  [{ quirk: { name: 'q', on: false, side: 'carrier:A' } }, 'quirk carrier:A q not on'],
  [{ advance: { by: '5s' } }, 'advance 5s'],
])('%j reads "%s", in whatever order its arguments stand', (step, label) => {
  expect(stepLabel(step as Readonly<Record<string, unknown>>)).toBe(label);
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
    { marks: new Map([[2, '>>']]), width: 100 },
  );
  expect(ladder.slice(0, 2)).toEqual([
    { n: 0, text: '      #0         0  -- step 0: send "m" from alice to bob, any' },
    { n: 2, text: '>>    #2        12    alice-phone -x sip.a.example  tls   MESSAGE tel:+9990001 (lost)' },
  ]);
  expect(ladder).toHaveLength(3);
  expect(ladder[2]!.text).toHaveLength(100);
});
