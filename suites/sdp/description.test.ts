import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type MessageMedia,
  messageMedia,
  parseSessionDescription,
  SDP_LIMITS,
  SdpParseError,
  type SessionDescription,
  writeSessionDescription,
} from '../../stack/rcs/sdp/index.ts';

const octets = (text: string) => new TextEncoder().encode(text.replaceAll('\n', '\r\n'));
const read = (text: string) => messageMedia(parseSessionDescription(octets(text)));

/** RFC 4975 section 4. */
const RFC_OFFER = `v=0
o=alice 2890844526 2890844527 IN IP4 alicepc.example.com
s= -
c=IN IP4 alicepc.example.com
t=0 0
m=message 7394 TCP/MSRP *
a=accept-types:text/plain
a=path:msrp://atlanta.example.com:7654/jshA7weztas;tcp
`;
/** The form of docs/rcs-signalling.md 4.4. */
const RCS_OFFER = `v=0
o=- 3921300000 3921300000 IN IP4 10.1.0.5
s=-
c=IN IP4 10.1.0.5
t=0 0
m=message 9 TCP/TLS/MSRP *
a=path:msrps://10.1.0.5:9/s1a2b3;tcp
a=connection:new
a=setup:active
a=fingerprint:SHA-256 AB:CD:EF
a=accept-types:message/cpim
a=accept-wrapped-types:text/plain message/imdn+xml
a=max-size:65536
a=sendonly
a=msrp-cema
`;

describe('descriptions of MSRP sessions (RFC 4975 section 8)', () => {
  it("reads the RFC's own offer", () => {
    expect(read(RFC_OFFER)).toEqual({
      port: 7394,
      protocol: 'TCP/MSRP',
      host: 'alicepc.example.com',
      path: ['msrp://atlanta.example.com:7654/jshA7weztas;tcp'],
      acceptTypes: ['text/plain'],
      direction: 'sendrecv',
      cema: false,
    });
  });

  it('reads what RCS adds (RFC 4145, RFC 6135, RFC 6714, RFC 8122)', () => {
    expect(read(RCS_OFFER)).toEqual({
      port: 9,
      protocol: 'TCP/TLS/MSRP',
      host: '10.1.0.5',
      path: ['msrps://10.1.0.5:9/s1a2b3;tcp'],
      acceptTypes: ['message/cpim'],
      acceptWrappedTypes: ['text/plain', 'message/imdn+xml'],
      maxSize: 65536,
      setup: 'active',
      connection: 'new',
      direction: 'sendonly',
      fingerprint: { algorithm: 'SHA-256', hash: 'AB:CD:EF' },
      cema: true,
    });
  });

  it.each([
    ['bare line feeds', (text: string) => text],
    ['no s= and t=', (text: string) => text.replace(/^[st]=.*\n/gm, '')],
    [
      'a session id that is no number (hazard R60)',
      (text: string) => text.replace('o=- 3921300000', 'o=- abc'),
    ],
    ['unknown attributes', (text: string) => `${text}a=x-vendor:1\na=unknown\n`],
    ['the section has its own c=', (text: string) => `${text}c=IN IP4 10.1.0.5\n`],
  ])('tolerates %s', (_, change) => {
    expect(messageMedia(parseSessionDescription(new TextEncoder().encode(change(RCS_OFFER))))?.path).toEqual([
      'msrps://10.1.0.5:9/s1a2b3;tcp',
    ]);
  });

  it('other media are kept by name, and a refused section is no session', () => {
    const both = `${RFC_OFFER}m=audio 4000 RTP/AVP 0\n`;
    expect(parseSessionDescription(octets(both)).media[1]).toEqual({
      other: 'audio',
      protocol: 'RTP/AVP',
      formats: '0',
    });
    expect(read(RFC_OFFER.replace('7394', '0'))).toBeUndefined();
  });

  it.each([
    ['nothing', ''],
    ['no origin', RFC_OFFER.replace(/o=.*\n/, '')],
    ['another version', RFC_OFFER.replace('v=0', 'v=1')],
    ['no path', RFC_OFFER.replace(/a=path.*\n/, '')],
    ['a line that is none', `${RFC_OFFER}what is this\n`],
    ['a port beyond all', RFC_OFFER.replace('7394', '70000')],
    ['too many lines', RFC_OFFER + 'a=x\n'.repeat(SDP_LIMITS.lines)],
    ['too long a line', `${RFC_OFFER}a=${'x'.repeat(SDP_LIMITS.lineLength)}\n`],
    ['too many sections', RFC_OFFER + 'm=audio 1 RTP/AVP 0\n'.repeat(SDP_LIMITS.media)],
    ['too many octets', RFC_OFFER + `a=${'x'.repeat(1_000)}\n`.repeat(20)],
  ])('refuses %s', (_, text) => {
    expect(() => read(text)).toThrow(SdpParseError);
  });

  it('throws only its own error, whatever the octets', () => {
    const line = fc.constantFrom(
      ...RCS_OFFER.split('\n'),
      'a=path:',
      'm=',
      'm=message x',
      'c=IN IP4',
      'a=setup:',
      '=',
    );
    const text = fc
      .array(fc.oneof(line, fc.string()), { maxLength: 20 })
      .map((lines) => octets(lines.join('\n')));
    fc.assert(
      fc.property(fc.oneof(text, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        try {
          parseSessionDescription(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(SdpParseError);
        }
        return true;
      }),
    );
  });
});

describe('writing', () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9.\-+]{0,10}\/[a-z][a-z0-9.\-+]{0,10}$/);
  const host = fc.constantFrom('10.1.0.5', 'client.example', '2001:db8::1');
  const media: fc.Arbitrary<MessageMedia> = fc
    .record(
      {
        port: fc.integer({ min: 1, max: 65_535 }),
        protocol: fc.constantFrom('TCP/MSRP', 'TCP/TLS/MSRP'),
        host,
        path: fc.constant(['msrp://a.example:9/s1;tcp']),
        acceptTypes: fc.array(word, { minLength: 1, maxLength: 4 }),
        acceptWrappedTypes: fc.array(word, { minLength: 1, maxLength: 4 }),
        maxSize: fc.nat(),
        setup: fc.constantFrom('active', 'passive', 'actpass'),
        connection: fc.constantFrom('new', 'existing'),
        direction: fc.constantFrom('sendrecv', 'sendonly', 'recvonly', 'inactive'),
        fingerprint: fc.constant({ algorithm: 'SHA-256', hash: 'AB:CD' }),
        cema: fc.boolean(),
      },
      { requiredKeys: ['port', 'protocol', 'host', 'path', 'acceptTypes', 'direction', 'cema'] },
    )
    .map((one) => one as MessageMedia);

  it('what is written reads back as itself', () => {
    fc.assert(
      fc.property(fc.array(media, { minLength: 1, maxLength: 3 }), host, (sections, own) => {
        const description: SessionDescription = {
          sessionId: '1763899200000',
          sessionVersion: 1,
          host: own,
          media: sections,
        };
        expect(parseSessionDescription(writeSessionDescription(description))).toEqual(description);
      }),
    );
  });

  it('refuses values that would break out of their line, and a session id that is no number', () => {
    const description = parseSessionDescription(octets(RCS_OFFER));
    const [section] = description.media as [MessageMedia];
    const path = ['msrp://a.example/s;tcp\r\na=sendrecv'];
    expect(() => writeSessionDescription({ ...description, media: [{ ...section, path }] })).toThrow(
      RangeError,
    );
    expect(() => writeSessionDescription({ ...description, sessionId: 'abc' })).toThrow(RangeError);
  });
});
