import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAnyChallenge, parseDigestHeader } from '../../stack/rcs/sip/digest.ts';
import { canonicalName } from '../../stack/rcs/sip/header-names.ts';
import {
  parseSipMessage,
  type SipMessage,
  SipParseError,
  SipWriteError,
  writeSipMessage,
} from '../../stack/rcs/sip/message.ts';
import { parseNameAddr, writeNameAddr } from '../../stack/rcs/sip/name-addr.ts';
import { parseSipUri, writeSipUri } from '../../stack/rcs/sip/uri.ts';
import { parseVia, writeVia } from '../../stack/rcs/sip/via.ts';
import { headerValue, sipMessage, token } from './support/arbitraries.ts';

/** What a style may change: the spelling of names. */
const named = (message: SipMessage): SipMessage => ({
  ...message,
  headers: message.headers.map((h) => ({ ...h, name: canonicalName(h.name) })),
});

/** And, when folding, white space around separators. */
const spaced = (message: SipMessage): SipMessage => ({
  ...named(message),
  headers: named(message).headers.map((h) => ({ ...h, value: h.value.replace(/[ \t]*([;,])[ \t]*/g, '$1') })),
});

describe('whatever the message', () => {
  it('parsing what was written gives it back', () => {
    fc.assert(
      fc.property(
        sipMessage,
        (message) => void expect(parseSipMessage(writeSipMessage(message))).toEqual(message),
      ),
    );
  });

  it('writing what was parsed gives the same octets', () => {
    fc.assert(
      fc.property(sipMessage, (message) => {
        const bytes = writeSipMessage(message);
        expect(writeSipMessage(parseSipMessage(bytes))).toEqual(bytes);
      }),
    );
  });

  it('compact names mean the same', () => {
    fc.assert(
      fc.property(sipMessage, (message) => {
        const read = parseSipMessage(writeSipMessage(message, { compact: true }));
        expect(named(read)).toEqual(named(message));
      }),
    );
  });

  it('folded headers mean the same', () => {
    fc.assert(
      fc.property(sipMessage, (message) => {
        const read = parseSipMessage(writeSipMessage(message, { compact: true, fold: true }));
        expect(spaced(read)).toEqual(spaced(message));
      }),
    );
  });
});

describe('a folding writer', () => {
  const contact =
    '<sip:c41@10.1.0.5:49152;transport=tls>;+sip.instance="<urn:uuid:0f6e6d2a;6a51,4e0b>";reg-id=1;+g.gsma.rcs.botversion="#=1,#=2"';
  const message: SipMessage = {
    kind: 'request',
    method: 'REGISTER',
    uri: 'sip:ims.alpha.example',
    headers: [
      { name: 'Contact', value: contact },
      { name: 'X-Unknown', value: `${'a;'.repeat(40)} b` },
    ],
    body: new Uint8Array(0),
  };
  const text = new TextDecoder().decode(writeSipMessage(message, { fold: true, compact: true }));

  it('folds before a parameter, never inside quotes or brackets', () => {
    expect(text).toContain(
      'm: <sip:c41@10.1.0.5:49152;transport=tls>;+sip.instance="<urn:uuid:0f6e6d2a;6a51,4e0b>"\r\n ;reg-id=1',
    );
    expect(parseNameAddr(parseSipMessage(new TextEncoder().encode(text)).headers[0]?.value ?? '')).toEqual(
      parseNameAddr(contact),
    );
  });

  it('folds a header of unknown grammar at a lone space only', () => {
    expect(text).toContain(`X-Unknown: ${'a;'.repeat(40)}\r\n b\r\n`);
  });
});

describe('a writer refuses to smuggle', () => {
  const base: SipMessage = {
    kind: 'request',
    method: 'OPTIONS',
    uri: 'sip:a@b',
    headers: [],
    body: new Uint8Array(0),
  };

  it.each<[string, SipMessage]>([
    ['CRLF in a value', { ...base, headers: [{ name: 'Subject', value: 'x\r\nVia: y' }] }],
    ['a colon in a name', { ...base, headers: [{ name: 'Subject: x\r\nVia', value: 'y' }] }],
    ['white space in the Request-URI', { ...base, uri: 'sip:a@b SIP/2.0\r\nVia: y' }],
    ['white space in the method', { ...base, method: 'OPTIONS sip:x' }],
    [
      'a status of four digits',
      { kind: 'response', status: 2000, reason: '', headers: [], body: new Uint8Array(0) },
    ],
    [
      'CRLF in a reason',
      { kind: 'response', status: 200, reason: 'a\r\nb', headers: [], body: new Uint8Array(0) },
    ],
  ])('%s', (_what, message) => {
    expect(() => writeSipMessage(message)).toThrow(SipWriteError);
  });
});

describe('arbitrary input ends in a value or a SipParseError, nothing else', () => {
  const onlyParseErrors = (run: () => unknown): void => {
    try {
      run();
    } catch (error) {
      expect(error).toBeInstanceOf(SipParseError);
    }
  };

  it('arbitrary octets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) =>
        onlyParseErrors(() => parseSipMessage(bytes)),
      ),
    );
  });

  it('a valid message with octets changed, cut out or repeated', () => {
    const mutation = fc.record({
      at: fc.nat(400),
      length: fc.nat(4),
      bytes: fc.uint8Array({ maxLength: 4 }),
    });
    fc.assert(
      fc.property(sipMessage, fc.array(mutation, { minLength: 1, maxLength: 4 }), (message, mutations) => {
        let bytes = [...writeSipMessage(message)];
        for (const { at, length, bytes: inserted } of mutations)
          bytes = bytes.toSpliced(at % bytes.length, length, ...inserted);
        onlyParseErrors(() => parseSipMessage(new Uint8Array(bytes)));
      }),
    );
  });

  it('arbitrary header values', () => {
    const value = fc.oneof(
      fc.string(),
      headerValue,
      headerValue.map((v) => `<sip:a@b>;${v}`),
    );
    fc.assert(
      fc.property(value, (text) => {
        for (const read of [parseNameAddr, parseVia, parseSipUri]) onlyParseErrors(() => read(text));
        expect(() => [parseDigestHeader(text), parseAnyChallenge(`Digest ${text}`)]).not.toThrow();
      }),
    );
  });

  it('what the value parsers accept, their writers repeat', () => {
    const params = fc.array(fc.tuple(token, fc.option(headerValue, { nil: undefined })), { maxLength: 4 });
    fc.assert(
      fc.property(fc.string(), params, (displayName, pairs) => {
        const map = new Map(pairs.map(([name, value]) => [name.toLowerCase(), value]));
        const plain = displayName.replace(/[\r\n]/g, '');
        const address = { displayName: plain, uri: 'sip:a@b', params: map };
        expect(parseNameAddr(writeNameAddr(address))).toEqual(address);
        const via = { transport: 'UDP', host: '::1', port: 5060, params: map };
        expect(parseVia(writeVia(via))).toEqual(via);
      }),
    );
    const host = fc.constantFrom('example.com', '[::1]', '192.0.2.1');
    const user = fc.constantFrom('+999900100001', "a;b=1?c/d%40'", '%00');
    const uri = fc.record({
      scheme: fc.constantFrom('sip' as const, 'sips' as const),
      host,
      user,
      port: fc.nat(65_535),
      params: fc.constantFrom(new Map([['lr', undefined]]), new Map([['transport', 'tcp']]), new Map()),
      headers: fc.constantFrom([], [{ name: 'Route', value: '%3Csip:x%3E' }]),
    });
    fc.assert(fc.property(uri, (parts) => void expect(parseSipUri(writeSipUri(parts))).toEqual(parts)));
  });

  it('long runs of any one character are read in linear time', () => {
    for (const c of [' ', '\t', '\\', '"', ';', ',', '<', 'a', ':', '%', '=']) {
      const run = c.repeat(60_000);
      onlyParseErrors(() =>
        parseSipMessage(new TextEncoder().encode(`OPTIONS sip:a@b SIP/2.0\r\nX: a${run}b\r\n c\r\n\r\n`)),
      );
      for (const read of [parseNameAddr, parseVia, parseSipUri, parseDigestHeader])
        onlyParseErrors(() => read(`${run}<sip:${run}`));
    }
  }, 5000);
});
