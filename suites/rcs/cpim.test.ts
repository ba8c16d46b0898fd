import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  buildCpim,
  CpimParseError,
  contentHeader,
  cpimContent,
  cpimHeader,
  cpimHeaders,
  IMDN_NAMESPACE,
  MLS_NAMESPACE,
  parseCpim,
  writeCpim,
} from '../../stack/rcs/cpim.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (b: Uint8Array) => new TextDecoder().decode(b);
const crlf = (...lines: string[]) => bytes(lines.join('\r\n'));

/** RFC 3862 5.1. */
const RFC_3862_EXAMPLE = crlf(
  'From: MR SANDERS <im:piglet@100akerwood.com>',
  'To: Depressed Donkey <im:eeyore@100akerwood.com>',
  'DateTime: 2000-12-13T13:40:00-08:00',
  'Subject: the weather will be fine today',
  "Subject:;lang=fr beau temps prevu pour aujourd'hui",
  'NS: MyFeatures <mid:MessageFeatures@id.foo.com>',
  'Require: MyFeatures.VitalMessageOption',
  'MyFeatures.VitalMessageOption: Confirmation-requested',
  'MyFeatures.WackyMessageOption: Use-silly-font',
  '',
  'Content-type: text/xml; charset=utf-8',
  'Content-ID: <1234567890@foo.com>',
  '',
  '<body>',
  'Here is the text of my message.',
  '</body>',
);

/** In the form of docs/rcs-signalling.md 4.3. */
const PAGER_MESSAGE = crlf(
  'From: <sip:anonymous@anonymous.invalid>',
  'To: <sip:anonymous@anonymous.invalid>',
  'NS: imdn <urn:ietf:params:imdn>',
  'imdn.Message-ID: MxA1b2C3d4E5f6G7h8I9j0K1l2',
  'DateTime: 2025-05-04T10:00:00.000Z',
  'imdn.Disposition-Notification: positive-delivery, display',
  '',
  'Content-Type: text/plain;charset=UTF-8',
  'Content-Length: 5',
  '',
  'Hello',
);

describe('the example of RFC 3862 5.1', () => {
  const message = parseCpim(RFC_3862_EXAMPLE);

  it('names sender and recipient by the URI in angle brackets', () => {
    expect(message.from).toBe('im:piglet@100akerwood.com');
    expect(message.to).toBe('im:eeyore@100akerwood.com');
  });

  it('resolves a prefix to the namespace that NS binds', () => {
    const uri = 'mid:MessageFeatures@id.foo.com';
    expect(cpimHeader(message, uri, 'VitalMessageOption')).toBe('Confirmation-requested');
    expect(cpimHeader(message, uri, 'WackyMessageOption')).toBe('Use-silly-font');
  });

  it('keeps both subjects, the second with its language parameter', () => {
    expect(cpimHeaders(message, undefined, 'Subject')).toEqual([
      'the weather will be fine today',
      ";lang=fr beau temps prevu pour aujourd'hui",
    ]);
  });

  it('separates MIME headers and content', () => {
    expect(contentHeader(message, 'content-id')).toBe('<1234567890@foo.com>');
    expect(cpimContent(message).contentType).toBe('text/xml; charset=utf-8');
    expect(text(message.content)).toBe('<body>\r\nHere is the text of my message.\r\n</body>');
  });

  it('is written again byte for byte, and without a deviation', () => {
    expect(text(writeCpim(message))).toBe(text(RFC_3862_EXAMPLE));
    expect(message.deviations).toBeUndefined();
  });
});

describe('a pager-mode message', () => {
  it('is built with its headers in the order deployed stacks use', () => {
    const built = buildCpim({
      from: 'sip:anonymous@anonymous.invalid',
      to: 'sip:anonymous@anonymous.invalid',
      namespaces: [{ prefix: 'imdn', uri: IMDN_NAMESPACE }],
      messageId: 'MxA1b2C3d4E5f6G7h8I9j0K1l2',
      dateTime: '2025-05-04T10:00:00.000Z',
      dispositions: ['positive-delivery', 'display'],
      extraHeaders: [],
      contentType: 'text/plain;charset=UTF-8',
      content: bytes('Hello'),
    });
    expect(text(built)).toBe(text(PAGER_MESSAGE));
  });

  it('gives its id, time and text', () => {
    const message = parseCpim(PAGER_MESSAGE);
    expect(cpimHeader(message, IMDN_NAMESPACE, 'Message-ID')).toBe('MxA1b2C3d4E5f6G7h8I9j0K1l2');
    expect(message.dateTime).toBe('2025-05-04T10:00:00.000Z');
    expect(text(cpimContent(message).bytes)).toBe('Hello');
  });

  it('declares the imdn namespace when the caller forgot it', () => {
    const built = buildCpim({
      from: 'a:b',
      to: 'a:b',
      messageId: 'm1',
      dateTime: 't',
      contentType: 'a/b',
      content: bytes(''),
    });
    expect(cpimHeader(parseCpim(built), IMDN_NAMESPACE, 'Message-ID')).toBe('m1');
  });

  it('refuses a header value that would start another header', () => {
    const parts = { from: 'a:b', to: 'a:b', dateTime: 't', contentType: 'a/b', content: bytes('') };
    expect(() => buildCpim({ ...parts, messageId: 'm1\r\nTo: <tel:+1>' })).toThrow(RangeError);
    expect(() => buildCpim({ ...parts, extraHeaders: [{ name: 'a: b\r\nc', value: 'd' }] })).toThrow(
      RangeError,
    );
  });
});

describe('an encrypted message (RCC.16; docs/rcs-signalling.md 7.5)', () => {
  const build = (prefix: string, eraName: string) =>
    buildCpim({
      from: 'sip:anonymous@anonymous.invalid',
      to: 'sip:anonymous@anonymous.invalid',
      namespaces: [
        { prefix: 'imdn', uri: IMDN_NAMESPACE },
        { prefix, uri: MLS_NAMESPACE },
      ],
      messageId: 'MxK1k2K3k4K5k6K7k8K9k0L1l2',
      dateTime: '2025-05-04T10:02:00.000Z',
      dispositions: ['positive-delivery', 'negative-delivery', 'display'],
      extraHeaders: [
        { name: `${prefix}.${eraName}`, value: '1' },
        { name: `${prefix}.Epoch-Authenticator`, value: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=' },
      ],
      contentType: 'message/mls',
      content: Uint8Array.of(0, 1, 0, 2, 255),
      base64: true,
    });

  it('carries its PrivateMessage in base64 and gives it back decoded', () => {
    const message = parseCpim(build('mls', 'Era-ID'));
    expect(text(message.content)).toBe('AAEAAv8=');
    expect(cpimContent(message)).toEqual({
      contentType: 'message/mls',
      bytes: Uint8Array.of(0, 1, 0, 2, 255),
    });
  });

  it.each([
    ['mls', 'Era-ID'],
    ['mls', 'Era-Id'],
    ['M', 'ERA-ID'],
    ['x1', 'era-id'],
  ])('tells its era under prefix %s as %s (hazards R39, R40)', (prefix, eraName) => {
    expect(cpimHeader(parseCpim(build(prefix, eraName)), MLS_NAMESPACE, 'Era-ID')).toBe('1');
  });

  it('has no era when a gateway dropped the NS header (hazard R40)', () => {
    const stripped = text(build('mls', 'Era-ID')).replace(`NS: mls <${MLS_NAMESPACE}>\r\n`, '');
    expect(cpimHeader(parseCpim(bytes(stripped)), MLS_NAMESPACE, 'Era-ID')).toBeUndefined();
  });

  it('has no era when the prefix is bound to another namespace', () => {
    const rebound = text(build('mls', 'Era-ID')).replace(MLS_NAMESPACE, 'http://example.com/other');
    expect(cpimHeader(parseCpim(bytes(rebound)), MLS_NAMESPACE, 'Era-ID')).toBeUndefined();
  });

  it('binds a prefix from its NS header on, until the next one (RFC 3862 3.4)', () => {
    const message = parseCpim(
      crlf(
        'NS: p <urn:one>',
        'p.Name: first',
        'NS: p <urn:two>',
        'p.Name: second',
        '',
        'Content-Type: a/b',
        '',
        '',
      ),
    );
    expect(cpimHeaders(message, 'urn:one', 'name')).toEqual(['first']);
    expect(cpimHeaders(message, 'urn:two', 'name')).toEqual(['second']);
  });

  it('finds headers without prefix in the default namespace (RFC 3862 3.4)', () => {
    const message = parseCpim(crlf('NS: <urn:default>', 'Name: value', '', 'Content-Type: a/b', '', ''));
    expect(cpimHeader(message, 'urn:default', 'Name')).toBe('value');
    expect(cpimHeader(message, 'urn:other', 'Name')).toBeUndefined();
  });

  it('finds a prefixed header that stands before its NS', () => {
    const message = parseCpim(crlf('p.Name: value', 'NS: p <urn:one>', '', 'Content-Type: a/b', '', ''));
    expect(cpimHeader(message, 'urn:one', 'Name')).toBe('value');
  });
});

describe('properties', () => {
  const value = fc
    .string({ unit: 'grapheme', maxLength: 40 })
    .filter((s) => !/[\r\n\0]/.test(s) && s.isWellFormed())
    .map((s) => s.trim());
  const name = fc
    .stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,15}(\.[A-Za-z0-9-]{1,15})?$/)
    .filter((s) => !/^content-/i.test(s));
  const header = fc.record({ name, value });

  it('whatever is written is parsed to the same headers and content, and written to the same bytes', () => {
    fc.assert(
      fc.property(
        fc.array(header, { minLength: 1, maxLength: 12 }),
        fc.array(fc.record({ name: name.map((n) => `Content-${n.replace('.', '-')}`), value }), {
          maxLength: 5,
        }),
        fc.uint8Array({ maxLength: 200 }),
        (headers, contentHeaders, content) => {
          const written = writeCpim({ headers, contentHeaders, content });
          const parsed = parseCpim(written);
          const plain = (all: readonly { name: string; value: string }[]) =>
            all.map((h) => [h.name, h.value]);
          expect(plain(parsed.headers)).toEqual(plain(headers));
          expect(plain(parsed.contentHeaders)).toEqual(plain(contentHeaders));
          expect(Array.from(parsed.content)).toEqual(Array.from(content));
          expect(Array.from(writeCpim(parsed))).toEqual(Array.from(written));
        },
      ),
    );
  });

  it('headers with odd spacing pass through byte for byte (hazard R37)', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('', ' ', '  ', '\t'), { minLength: 3, maxLength: 3 }),
        ([a, b, c]) => {
          const wire = `From: <a:b>\r\nimdn.Message-ID${a}:${b}Mx1${c}\r\n\r\nContent-Type:a/b\r\n\r\nx`;
          const parsed = parseCpim(bytes(wire));
          expect(parsed.headers[1]?.value).toBe('Mx1');
          expect(text(writeCpim(parsed))).toBe(wire);
        },
      ),
    );
  });

  it('arbitrary bytes parse or fail as CpimParseError, nothing else', () => {
    const near = fc
      .array(
        fc.constantFrom(
          'From: <a:b>',
          'NS: x <y>',
          '\r\n',
          '\r\n\r\n',
          '\n',
          ' ',
          ':',
          'Content-Type: a/b',
          '<',
          'x.',
          'é',
          '\r',
          '=',
        ),
        { maxLength: 30 },
      )
      .map((parts) => bytes(parts.join('')));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), near), (input) => {
        try {
          const message = parseCpim(input);
          cpimHeader(message, 'y', 'z');
          cpimContent(message);
        } catch (error) {
          expect(error).toBeInstanceOf(CpimParseError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
