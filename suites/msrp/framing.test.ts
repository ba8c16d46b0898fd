import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type MsrpFrame,
  type MsrpRequest,
  MsrpStreamParser,
  MsrpWriteError,
  writeMsrpFrame,
} from '../../stack/rcs/msrp/index.ts';
import { newTransactionId } from '../../stack/rcs/msrp/transaction-id.ts';
import { SeededRandom } from '../sip/support/seeded-random.ts';
import { framesOf, octets, text } from './support/frames.ts';

const PATHS = {
  toPath: ['msrps://relay.example:2855/r;tcp', 'msrps://b.example:8888/b1;tcp'],
  fromPath: ['msrps://a.example:9/a1;tcp'],
} as const;

function send(body: Uint8Array, transactionId = 'a786hjs2', flag: MsrpRequest['flag'] = '$'): MsrpRequest {
  const headers = [
    { name: 'Message-ID', value: 'm1' },
    { name: 'Content-Type', value: 'message/cpim' },
  ];
  return { kind: 'request', transactionId, method: 'SEND', ...PATHS, headers, body, flag };
}

const request: fc.Arbitrary<MsrpFrame> = fc
  .record({
    // Data made of what an end-line is made of.
    body: fc
      .array(fc.constantFrom('\r\n', '\r', '\n', '-------', '-', 'a786hjs2', '$', '+', 'x', 'é'), {
        maxLength: 30,
      })
      .map((parts) => new TextEncoder().encode(parts.join(''))),
    flag: fc.constantFrom('$', '+', '#'),
    seed: fc.string(),
  })
  .map(({ body, flag, seed }) =>
    send(body, newTransactionId(new SeededRandom(seed), body), flag as MsrpRequest['flag']),
  );
const response: fc.Arbitrary<MsrpFrame> = fc
  .record({ status: fc.integer({ min: 100, max: 999 }), comment: fc.constantFrom(undefined, 'OK', 'No way') })
  .map(({ status, comment }) => ({
    kind: 'response',
    transactionId: 'dkei38sd',
    status,
    ...(comment !== undefined && { comment }),
    ...PATHS,
    headers: [],
  }));

const joined = (frames: readonly MsrpFrame[]) =>
  new Uint8Array(frames.flatMap((frame) => [...writeMsrpFrame(frame)]));

describe('framing of a stream (RFC 4975 sections 5.1 and 7.3)', () => {
  it('any frames, cut anywhere, are the same frames', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(request, response), { maxLength: 5 }),
        fc.array(fc.nat(2_000), { maxLength: 20 }),
        (frames, cuts) => {
          expect(framesOf(joined(frames), cuts)).toEqual({ frames, fault: undefined });
        },
      ),
    );
  });

  it('one octet at a time is the same as all at once', () => {
    const bytes = joined([send(octets('one\n-------a786\n')), send(new Uint8Array(0), 'b786hjs2')]);
    const everywhere = Array.from(bytes, (_, at) => at);
    expect(framesOf(bytes, everywhere)).toEqual(framesOf(bytes));
    expect(framesOf(bytes).frames).toHaveLength(2);
  });

  it('octets of any kind, cut anywhere, give the same frames and the same fault', () => {
    const pieces = fc.array(
      fc.constantFrom(
        'MSRP a786hjs2 SEND\r\n',
        'MSRP a786hjs2 200 OK\r\n',
        'To-Path: msrp://a.example:1/x;tcp\r\n',
        'From-Path: msrp://b.example:1/x;tcp\r\n',
        'Content-Type: text/plain\r\n',
        '\r\n',
        '-------a786hjs2$\r\n',
        '-------a786hjs2',
        '\r',
        'é',
        ': ',
      ),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(pieces, fc.array(fc.nat(800), { maxLength: 10 }), (parts, cuts) => {
        const bytes = new TextEncoder().encode(parts.join(''));
        expect(framesOf(bytes, cuts)).toEqual(framesOf(bytes));
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(framesOf(bytes).frames).toEqual([]);
      }),
    );
  });

  it('a chunk may have any size: what is beyond the limit is counted and left out', () => {
    const parser = new MsrpStreamParser({ body: 1_000 });
    const big = new Uint8Array(5_000).fill(120);
    const { frames } = framesOf(joined([send(big), send(octets('next'), 'b786hjs2')]), [700, 2_000], parser);
    expect(frames).toMatchObject([{ dropped: 4_000 }, { transactionId: 'b786hjs2' }]);
    expect((frames[0] as MsrpRequest).body).toHaveLength(1_000);
  });

  it('a head without end is refused at its limit, not collected', () => {
    const parser = new MsrpStreamParser({ head: 500 });
    parser.push(octets('MSRP a786hjs2 SEND\nTo-Path: '));
    for (let i = 0; i < 10; i += 1) parser.push(octets('x'.repeat(100)));
    expect(parser.fault).toMatchObject({ field: 'headers', expected: 'at most 500 octets' });
    expect(parser.push(octets('anything'))).toEqual([]);
  });

  it.each([
    ['no To-Path', 'MSRP a786hjs2 SEND\nMessage-ID: 1\n-------a786hjs2$\n', 'To-Path'],
    [
      'From-Path first',
      'MSRP a786hjs2 SEND\nFrom-Path: msrp://a.example:1/x;tcp\nTo-Path: msrp://a.example:1/x;tcp\n-------a786hjs2$\n',
      'To-Path',
    ],
    ['a transaction id of three', 'MSRP abc SEND\n', 'start line'],
    ['another protocol', 'SIP/2.0 200 OK\n', 'start line'],
    ['a header without colon', 'MSRP a786hjs2 SEND\nTo-Path\n-------a786hjs2$\n', 'headers'],
  ])('%s makes the stream unreadable', (_, bytes, field) => {
    const parser = new MsrpStreamParser();
    expect(parser.push(octets(bytes))).toEqual([]);
    expect(parser.fault?.field).toBe(field);
  });
});

describe('writing (RFC 4975 sections 7.1 and 9)', () => {
  it('a transaction id never stands with its dashes in the data (hazard R58)', () => {
    const ids = ['AAAAAAAAAAAA', 'BBBBBBBBBBBB'];
    const random = {
      bytes: (length: number) => new Uint8Array(length).fill(ids.shift() === 'AAAAAAAAAAAA' ? 0 : 1),
      fork: () => random,
    };
    expect(newTransactionId(random, octets('see -------AAAAAAAAAAAA$ here'))).toBe('BBBBBBBBBBBB');
    expect(() => writeMsrpFrame(send(octets('-------a786hjs2$')))).toThrow(MsrpWriteError);
  });

  it('a header can not break out of its line', () => {
    const frame = { ...send(octets('x')), headers: [{ name: 'Content-Type', value: 'a/b\r\nEvil: 1' }] };
    expect(() => writeMsrpFrame(frame)).toThrow(MsrpWriteError);
  });

  it('Content-Type is written last', () => {
    const headers = [
      { name: 'Content-Type', value: 'a/b' },
      { name: 'Message-ID', value: 'm1' },
    ];
    expect(text(writeMsrpFrame({ ...send(octets('x')), headers }))).toMatch(
      /Message-ID: m1\r\nContent-Type: a\/b\r\n\r\nx\r\n-------/,
    );
  });
});
