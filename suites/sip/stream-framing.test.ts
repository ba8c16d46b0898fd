import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeSipMessage } from '../../stack/rcs/sip/message.ts';
import { type SipFrame, StreamFramer } from '../../stack/rcs/sip/stream-framer.ts';
import { sipMessage } from './support/arbitraries.ts';
import { octets, parse } from './support/text.ts';

const EMOJI = 'MESSAGE sip:bob@b.example SIP/2.0\nv: SIP/2.0/TCP a.example;branch=z9hG4bK1\nl: 8\n\n😀😀';
const OPTIONS = 'OPTIONS sip:bob@b.example SIP/2.0\nv: SIP/2.0/TCP a.example;branch=z9hG4bK2\nl: 0\n\n';

function framesOf(bytes: Uint8Array, cuts: readonly number[], framer = new StreamFramer()): SipFrame[] {
  const frames: SipFrame[] = [];
  let from = 0;
  for (const cut of [...cuts.map((c) => c % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
    frames.push(...framer.push(bytes.slice(from, cut)));
    from = cut;
  }
  return frames;
}

const everyByte = (bytes: Uint8Array): number[] => Array.from(bytes, (_, index) => index);

describe('framing of a stream (RFC 3261 18.3)', () => {
  it('two messages in one chunk are two frames', () => {
    expect(framesOf(octets(EMOJI + OPTIONS), [])).toEqual([parse(EMOJI), parse(OPTIONS)]);
  });

  it('Content-Length counts octets, not characters, also when they come one at a time (hazards R26, R27)', () => {
    const bytes = octets(EMOJI + OPTIONS);
    expect(framesOf(bytes, everyByte(bytes))).toEqual([parse(EMOJI), parse(OPTIONS)]);
  });

  it('a message is handed up with its last octet, not later', () => {
    const framer = new StreamFramer();
    const bytes = octets(EMOJI);
    expect(framer.push(bytes.subarray(0, -1))).toEqual([]);
    expect(framer.push(bytes.subarray(-1))).toEqual([parse(EMOJI)]);
  });

  it('any messages and keep-alives, cut anywhere, give the same frames', () => {
    const piece = fc.oneof(sipMessage, fc.constant('ping' as const));
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 5 }),
        fc.array(fc.nat(2000), { maxLength: 12 }),
        (pieces, cuts) => {
          const parts = pieces.map((p) => (p === 'ping' ? octets('\n\n') : writeSipMessage(p)));
          const bytes = new Uint8Array(parts.flatMap((p) => [...p]));
          expect(framesOf(bytes, cuts)).toEqual(pieces);
        },
      ),
    );
  });

  it('arbitrary octets, cut anywhere, give the same frames and no exception', () => {
    const text = fc.array(fc.constantFrom('\r\n', '\r', '\n', OPTIONS, 'l: 1', 'INVITE', ' ', ':', 'é'), {
      maxLength: 20,
    });
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      text.map((parts) => octets(parts.join(''))),
    );
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(500), { maxLength: 12 }), (input, cuts) => {
        expect(framesOf(input, cuts)).toEqual(framesOf(input, []));
      }),
    );
  });
});

describe('keep-alives between messages (RFC 5626 3.5.1)', () => {
  it('the side that was dialled reads CRLFCRLF as a ping and passes over a lone CRLF before a message (7.5)', () => {
    const bytes = octets(`\n\n\n${OPTIONS}\n\n\n\n`);
    expect(framesOf(bytes, everyByte(bytes))).toEqual(['ping', parse(OPTIONS), 'ping', 'ping']);
  });

  it('the side that dialled reads each CRLF as a pong', () => {
    const bytes = octets(`\n${OPTIONS}\n`);
    expect(framesOf(bytes, [], new StreamFramer({ dialling: true }))).toEqual([
      'pong',
      parse(OPTIONS),
      'pong',
    ]);
  });
});

describe('what cannot be framed', () => {
  const malformed = (text: string, limits = {}): SipFrame[] =>
    framesOf(octets(text), [], new StreamFramer({ limits }));

  it('a message without Content-Length ends the framing (hazard R27)', () => {
    expect(malformed(OPTIONS.replace('l: 0\n', '') + OPTIONS)).toMatchObject([
      {
        kind: 'malformed',
        fatal: true,
        error: { field: 'Content-Length', status: 400 },
        request: { method: 'OPTIONS' },
      },
    ]);
  });

  it('two different Content-Lengths end the framing', () => {
    expect(malformed(OPTIONS.replace('l: 0', 'l: 0\nContent-Length: 1') + OPTIONS)).toMatchObject([
      { fatal: true },
    ]);
  });

  it('another fault leaves the framing whole, and the next message is read', () => {
    const bad = EMOJI.replace('SIP/2.0\n', 'SIP/2.0 \n');
    expect(malformed(bad + OPTIONS)).toMatchObject([
      { kind: 'malformed', fatal: false, request: { method: 'MESSAGE' } },
      { kind: 'request', method: 'OPTIONS' },
    ]);
  });

  it.each([
    [
      'a header section that never ends',
      `OPTIONS sip:a@b SIP/2.0\nX: ${'x'.repeat(300)}`,
      { head: 200 },
      513,
    ],
    ['a body beyond the bound', EMOJI, { body: 7 }, 413],
  ])('%s is refused before it is held', (_what, text, limits, status) => {
    expect(malformed(text, limits)).toMatchObject([{ kind: 'malformed', fatal: true, error: { status } }]);
  });
});
