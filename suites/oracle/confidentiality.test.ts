import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judge } from '../../harness/oracle/judge.ts';
import type { FrameEntry } from '../../reports/trace.ts';
import { FIRST, PLAIN, table, theCase } from './support/case.ts';
import { gsm7Packed } from './support/gsm7.ts';
import { bytes, type Draft, frame, healthy, numbered } from './support/trace.ts';

const utf8 = (text: string) => Buffer.from(text);
const quoted = (text: string) =>
  [...utf8(text)].map((b) => `=${b.toString(16).toUpperCase().padStart(2, '0')}`).join('');
const percent = (text: string) => [...utf8(text)].map((b) => `%${b.toString(16).padStart(2, '0')}`).join('');
const wrapped = (text: string) => text.replace(/.{20}/g, '$&\r\n');

/** Each leaves `lead + marker + tail` behind in another form, as its own words describe it. */
const WRITERS: Readonly<Record<string, (lead: string, tail: string) => Uint8Array>> = {
  raw: (a, z) => utf8(a + FIRST + z),
  base64: (a, z) => utf8(Buffer.from(a + FIRST + z).toString('base64')),
  'base64 in lines': (a, z) => utf8(wrapped(Buffer.from(a + FIRST + z).toString('base64'))),
  base64url: (a, z) => utf8(Buffer.from(a + FIRST + z).toString('base64url')),
  'lower-case hex': (a, z) => utf8(Buffer.from(a + FIRST + z).toString('hex')),
  'upper-case hex': (a, z) =>
    utf8(
      Buffer.from(a + FIRST + z)
        .toString('hex')
        .toUpperCase(),
    ),
  'percent-encoded whole': (a, z) => utf8(a + percent(FIRST) + z),
  'percent-encoded in part': (a, z) => utf8(`${a}${FIRST.replaceAll('-', '%2D')}${z}`),
  'quoted-printable': (a, z) => utf8(`${a}${quoted(FIRST)}${z}`),
  'quoted-printable with soft line breaks': (a, z) =>
    utf8(`${a}${FIRST.slice(0, 9)}=\r\n${FIRST.slice(9)}${z}`),
  'folded header': (a, z) => utf8(`Subject: ${a}${FIRST.slice(0, 7)}\r\n ${FIRST.slice(7)}${z}\r\n`),
  gzip: (a, z) => gzipSync(a + FIRST + z),
  'base64 of gzip': (a, z) => utf8(gzipSync(a + FIRST + z).toString('base64')),
  'gzip of base64': (a, z) => gzipSync(Buffer.from(a + FIRST + z).toString('base64')),
  'UTF-16LE': (a, z) => Buffer.from(a + FIRST + z, 'utf16le'),
  'UTF-16BE': (a, z) => Buffer.from(a + FIRST + z, 'utf16le').swap16(),
  'base64 of UTF-16LE': (a, z) => utf8(Buffer.from(a + FIRST + z, 'utf16le').toString('base64')),
  'packed GSM 7-bit': (a, z) => gsm7Packed(a + FIRST + z),
};

// Of the GSM alphabet, so that every writer can write it.
const padding = fc.string({ unit: fc.constantFrom(...'abcXYZ019 ,.'), maxLength: 9 });
const anywhere = fc.record({
  before: fc.uint8Array({ maxLength: 40 }),
  after: fc.uint8Array({ maxLength: 40 }),
});

function plantedIn(place: FrameEntry['protocol'], planted: Uint8Array, cut: number): Draft[] {
  const drafts = healthy();
  const whole = frame('core.beta', 'bob', planted, { protocol: place, connection: 77 });
  const stream = place === 'tcp' || place === 'tls';
  const pieces = stream
    ? [planted.subarray(0, cut), planted.subarray(cut)].map(
        (part) => ({ ...whole, bytes: bytes(part) }) as Draft,
      )
    : [whole];
  // Other frames come between the two halves.
  return [...drafts.slice(0, 5), pieces[0]!, ...drafts.slice(5, -3), ...pieces.slice(1), ...drafts.slice(-3)];
}

function leaks(drafts: readonly Draft[]) {
  const verdict = judge(theCase(), numbered(drafts), table());
  return verdict.failures.filter(({ rule }) => rule === 'I1-confidentiality').map(({ blame }) => blame);
}

describe('a marker is found wherever it stands', () => {
  test.each(Object.keys(WRITERS))('%s, anywhere in a stream, cut in two anywhere', (form) => {
    fc.assert(
      fc.property(padding, padding, anywhere, fc.nat(), (lead, tail, { before, after }, at) => {
        const planted = Buffer.concat([before, WRITERS[form]!(lead, tail), after]);
        expect(leaks(plantedIn('tls', planted, at % (planted.length + 1)))).toMatchObject([
          { side: 'carrier:B' },
        ]);
      }),
      { numRuns: 40 },
    );
  });

  test.each(['udp', 'tcp', 'ws', 'wss', 'http', 'https', 'cs'] as const)('in a frame of %s', (protocol) => {
    for (const write of Object.values(WRITERS)) {
      expect(leaks(plantedIn(protocol, write('a', 'z'), 3))).toMatchObject([{ side: 'carrier:B' }]);
    }
  });

  test('in a frame that was lost: it had left the host', () => {
    const lost = frame('alice', 'core.alpha', FIRST, { protocol: 'udp', fate: 'lost', connection: 9 });
    const drafts = healthy();
    expect(leaks([...drafts.slice(0, 3), lost, ...drafts.slice(3)])).toMatchObject([
      { side: 'device:alice', entry: 3 },
    ]);
  });

  test('the side that sent it first is to blame, once', () => {
    const drafts = healthy();
    const onward = [
      frame('core.alpha', 'core.beta', FIRST, { protocol: 'udp' }),
      frame('core.beta', 'bob', FIRST, { protocol: 'udp' }),
    ];
    expect(leaks([...drafts.slice(0, 3), ...onward, ...drafts.slice(3)])).toMatchObject([
      { side: 'carrier:A', entry: 3 },
    ]);
  });

  test('a carrier may see what the rule says is plaintext', () => {
    const drafts = healthy();
    const seen = frame('core.beta', 'bob', FIRST, { protocol: 'udp' });
    const verdict = judge(
      theCase(),
      numbered([...drafts.slice(0, 3), seen, ...drafts.slice(3)]),
      table(PLAIN),
    );
    expect(verdict.failures.map(({ rule }) => rule)).not.toContain('I1-confidentiality');
  });
});
