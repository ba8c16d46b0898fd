import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  essenceOf,
  MimeError,
  parseMediaType,
  parseMultipart,
  sameMediaType,
  writeMediaType,
} from '../../stack/rcs/mime.ts';
import {
  decodeBase64,
  decodeQuotedPrintable,
  encodeBase64,
  TransferEncodingError,
} from '../../stack/rcs/transfer-encoding.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (b: Uint8Array) => new TextDecoder().decode(b);

describe('media types (RFC 2045 5.1; hazard R42)', () => {
  it.each([
    ['text/plain', 'text/plain', {}],
    ['Text/PLAIN ; Charset=UTF-8', 'text/plain', { charset: 'UTF-8' }],
    ['multipart/mixed; boundary="a;b\\"c"', 'multipart/mixed', { boundary: 'a;b"c' }],
    ['message/mls;charset=UTF-8;', 'message/mls', { charset: 'UTF-8' }],
    ['a/b;;x = 1 ; x=2;flag', 'a/b', { x: '1', flag: '' }],
    [' application/vnd.gsma.rcs-ft-http+xml ', 'application/vnd.gsma.rcs-ft-http+xml', {}],
  ])('%s', (written, essence, parameters) => {
    const type = parseMediaType(written);
    expect(type.essence).toBe(essence);
    expect(Object.fromEntries(type.parameters)).toEqual(parameters);
  });

  it('compare without case, space and parameters', () => {
    expect(sameMediaType('Message/MLS ;charset=utf-8', 'message/mls')).toBe(true);
    expect(sameMediaType('message/mls-rcs', 'message/mls')).toBe(false);
    expect(sameMediaType(undefined, 'message/mls')).toBe(false);
  });

  it.each(['', 'text', '/plain', 'text/', 'text plain', `a/b;${'x'.repeat(2000)}`, 'a/b;=1', 'a/b;x y=1'])(
    'refuse %j',
    (written) => {
      expect(() => parseMediaType(written)).toThrow(MimeError);
    },
  );

  it('are written with quotes only where the value is no token', () => {
    const parameters = new Map([
      ['charset', 'UTF-8'],
      ['boundary', 'a b"'],
    ]);
    expect(writeMediaType({ essence: 'a/b', parameters })).toBe('a/b;charset=UTF-8;boundary="a b\\""');
  });
});

describe('multipart bodies (RFC 2046 5.1)', () => {
  it('give their parts, the line break before a boundary left out, preamble and epilogue too', () => {
    const body = bytes(
      'preamble\r\n--b1\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\n--b1  \r\ncontent-type: text/plain;\r\n charset=utf-8\r\n\r\n👍\r\n--b1--\r\nepilogue',
    );
    const parts = parseMultipart('multipart/mixed;boundary=b1', body);
    expect(parts.map((part) => part.headers.get('content-type'))).toEqual([
      'application/sdp',
      'text/plain; charset=utf-8',
    ]);
    expect(parts.map((part) => text(part.content))).toEqual(['v=0\r\n', '👍']);
  });

  it('may hold a part without headers and an empty one', () => {
    const parts = parseMultipart('multipart/mixed;boundary=b', bytes('--b\r\n\r\nx\r\n--b\r\nA: b\r\n--b--'));
    expect(parts.map((part) => text(part.content))).toEqual(['x', '']);
  });

  it.each([
    ['multipart/mixed', '--b\r\n\r\n--b--'],
    ['multipart/mixed;boundary=b', 'no boundary here'],
    ['multipart/mixed;boundary=b', '--b\r\n\r\nnever closed'],
    ['multipart/mixed;boundary=b', '--b\r\nno header\r\n\r\n--b--'],
    ['multipart/mixed;boundary=b', `${'--b\r\n\r\n'.repeat(300)}--b--`],
  ])('%s with %j is refused', (type, body) => {
    expect(() => parseMultipart(type, bytes(body))).toThrow(MimeError);
  });

  it('of arbitrary bytes parse or fail as MimeError', () => {
    const near = fc
      .array(fc.constantFrom('--b', '\r\n', '\n', '--', 'A: b', ' ', 'x'), { maxLength: 40 })
      .map((parts) => bytes(parts.join('')));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), near), (body) => {
        try {
          parseMultipart('multipart/mixed;boundary=b', body);
        } catch (error) {
          expect(error).toBeInstanceOf(MimeError);
        }
      }),
    );
  });

  it('arbitrary Content-Type values parse or fail as MimeError, and essenceOf never fails', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'a/;=" \\\t\0é') }), (written) => {
        essenceOf(written);
        try {
          parseMediaType(`a/b;${written}`);
        } catch (error) {
          expect(error).toBeInstanceOf(MimeError);
        }
      }),
    );
  });
});

describe('transfer encodings', () => {
  /** RFC 4648 10. */
  it.each([
    ['', ''],
    ['f', 'Zg=='],
    ['fo', 'Zm8='],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg=='],
    ['fooba', 'Zm9vYmE='],
    ['foobar', 'Zm9vYmFy'],
  ])('base64 of %j is %s (RFC 4648 10)', (plain, encoded) => {
    expect(text(encodeBase64(bytes(plain)))).toBe(encoded);
    expect(text(decodeBase64(bytes(encoded)))).toBe(plain);
    expect(text(decodeBase64(bytes(encoded.replaceAll('=', ''))))).toBe(plain);
  });

  it('base64 may be broken into lines (RFC 2045 6.8)', () => {
    expect(text(decodeBase64(bytes('Zm9v\r\n YmFy\r\n')))).toBe('foobar');
  });

  it.each(['Z', 'Zg=', 'Zg===', 'Zh==', 'Zm9=', 'Zg==Zg==', 'Zm9v=', '=', 'Zm-_'])(
    'base64 %j is refused',
    (encoded) => {
      expect(() => decodeBase64(bytes(encoded))).toThrow(TransferEncodingError);
    },
  );

  it('base64 agrees with the one of Node for every length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (plain) => {
        expect(text(encodeBase64(plain))).toBe(Buffer.from(plain).toString('base64'));
        expect(Array.from(decodeBase64(encodeBase64(plain)))).toEqual(Array.from(plain));
      }),
    );
  });

  it.each([
    ['a=3Db', 'a=b'],
    ['soft=\r\n break', 'soft break'],
    ['soft= \t\r\nbreak', 'softbreak'],
    ['trailing  \r\nspace \t', 'trailing\r\nspace'],
    ['caf=c3=a9', 'café'],
    ['end=', 'end'],
  ])('quoted-printable %j is %j (RFC 2045 6.7)', (encoded, plain) => {
    expect(text(decodeQuotedPrintable(bytes(encoded)))).toBe(plain);
  });

  it.each(['=G0', '=1', 'a=b'])('quoted-printable %j is refused', (encoded) => {
    expect(() => decodeQuotedPrintable(bytes(encoded))).toThrow(TransferEncodingError);
  });
});
