import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MsrpParseError, parseMsrpUri, sameMsrpUri, writeMsrpUri } from '../../stack/rcs/msrp/index.ts';

describe('MSRP URIs (RFC 4975 section 6)', () => {
  it('has scheme, authority, session id, transport and parameters', () => {
    expect(parseMsrpUri('msrps://alice@[2001:db8::1]:2855/a=b-c+d/e;tcp;x=1')).toEqual({
      secure: true,
      userInfo: 'alice',
      host: '2001:db8::1',
      port: 2855,
      sessionId: 'a=b-c+d/e',
      transport: 'tcp',
      parameters: ['x=1'],
    });
  });

  it.each([
    'msrp://host.example:8000/asfd34;tcp',
    'msrps://alice@[2001:db8::1]:2855/a=b-c+d;tcp;x=1',
    'msrp://host.example;ws',
  ])('%s is written as it was read', (uri) => {
    expect(writeMsrpUri(parseMsrpUri(uri))).toBe(uri);
  });

  it.each([
    [
      'case of scheme, host and transport',
      'msrp://host.example:8000/s;tcp',
      'MSRP://HOST.example:8000/s;TCP',
      true,
    ],
    ['case of the session id', 'msrp://host.example:8000/s;tcp', 'msrp://host.example:8000/S;tcp', false],
    ['a default port and none', 'msrp://host.example:2855/s;tcp', 'msrp://host.example/s;tcp', false],
    ['no session id and one', 'msrp://host.example:8000;tcp', 'msrp://host.example:8000/s;tcp', false],
    ['transport', 'msrp://host.example:8000/s;tcp', 'msrp://host.example:8000/s;ws', false],
    ['security', 'msrp://host.example:8000/s;tcp', 'msrps://host.example:8000/s;tcp', false],
    ['user information', 'msrp://a@host.example:8000/s;tcp', 'msrp://b@host.example:8000/s;tcp', true],
    ['other parameters', 'msrp://host.example:8000/s;tcp;a=1', 'msrp://host.example:8000/s;tcp', true],
  ])('6.1: %s', (_, one, other, same) => {
    expect(sameMsrpUri(one, other)).toBe(same);
    expect(sameMsrpUri(other, one)).toBe(same);
  });

  it('throws only its own error', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((s) => `msrp://${s}`),
        ),
        (text) => {
          try {
            parseMsrpUri(text);
          } catch (error) {
            expect(error).toBeInstanceOf(MsrpParseError);
          }
          return true;
        },
      ),
    );
  });
});
