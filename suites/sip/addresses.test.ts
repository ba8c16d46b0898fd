import { describe, expect, it } from 'vitest';
import { headerValues } from '../../stack/rcs/sip/headers.ts';
import { parseNameAddr, writeNameAddr } from '../../stack/rcs/sip/name-addr.ts';
import { isIpv6, parseSipUri, unescapeUri, writeSipUri } from '../../stack/rcs/sip/uri.ts';
import { sameUri } from '../../stack/rcs/sip/uri-equality.ts';
import { parseVia, responseAddress, writeVia } from '../../stack/rcs/sip/via.ts';
import { parse, parseErrorOf } from './support/text.ts';

describe('URIs', () => {
  it.each([
    'sip:alice@atlanta.com',
    'sip:alice:secretword@atlanta.com;transport=tcp',
    'sips:alice@atlanta.com?subject=project%20x&priority=urgent',
    'sip:+1-212-555-1212:1234@gateway.com;user=phone',
    'sips:1212@gateway.com',
    'sip:alice@192.0.2.4',
    'sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com',
    'sip:alice;day=tuesday@atlanta.com',
    'sip:[2001:db8::10]:5070;maddr=[2001:db8::11]',
    'tel:+999900200002',
    'tel:7042;phone-context=example.com',
  ])('%s (RFC 3261 19.1.3, RFC 3966) is read and written', (text) => {
    expect(writeSipUri(parseSipUri(text))).toBe(text);
  });

  it('a ; or ? before @ belongs to the user (19.1.3)', () => {
    expect(parseSipUri('sip:alice;day=tuesday@atlanta.com')).toMatchObject({
      user: 'alice;day=tuesday',
      host: 'atlanta.com',
      params: new Map(),
    });
  });

  it.each([
    ['no scheme', 'alice@atlanta.com'],
    ['another scheme', 'mailto:alice@atlanta.com'],
    ['no host', 'sip:alice@'],
    ['an empty user', 'sip:@atlanta.com'],
    ['white space', 'sip:alice @atlanta.com'],
    ['a port above 65535', 'sip:atlanta.com:65536'],
    ['two @', 'sip:a@b@c'],
    ['half an escape', 'sip:%4@atlanta.com'],
    ['an empty parameter', 'sip:atlanta.com;;lr'],
    ['a repeated parameter', 'sip:atlanta.com;lr;LR'],
    ['an IPv6 address of nine groups', 'sip:[1:2:3:4:5:6:7:8:9]'],
    ['a header without =', 'sip:atlanta.com?subject'],
    ['letters in a telephone number', 'tel:+49x'],
  ])('%s is refused', (_what, text) => {
    expect(parseErrorOf(() => parseSipUri(text)).field).toBe('URI');
  });

  it.each([
    ['sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtLanTa.CoM;Transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;security=on'],
    [
      'sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com',
      'sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com',
    ],
    [
      'sip:alice@atlanta.com?subject=project%20x&priority=urgent',
      'sip:alice@atlanta.com?priority=urgent&subject=project%20x',
    ],
    ['tel:+1-212-555-1212', 'tel:+12125551212'],
  ])('%s equals %s (19.1.4)', (a, b) => {
    expect(sameUri(parseSipUri(a), parseSipUri(b))).toBe(true);
  });

  it.each([
    ['SIP:ALICE@AtLanTa.CoM;Transport=udp', 'sip:alice@AtLanTa.CoM;Transport=UDP'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;transport=udp'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:6000;transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com?Subject=next%20meeting'],
    ['sip:bob@phone21.boxesbybob.com', 'sip:bob@192.0.2.4'],
    ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;security=off'],
    ['sip:bob@biloxi.com', 'sips:bob@biloxi.com'],
    ['tel:+12125551212', 'sip:+12125551212@biloxi.com'],
  ])('%s does not equal %s (19.1.4)', (a, b) => {
    expect(sameUri(parseSipUri(a), parseSipUri(b))).toBe(false);
  });

  it('escapes stand for octets of UTF-8', () => {
    expect(unescapeUri('%F0%9F%98%80%00a%4')).toBe('😀\0a%4');
  });

  it.each([
    ['::', true],
    ['::1', true],
    ['2001:db8::9:1', true],
    ['::ffff:192.0.2.10', true],
    ['1:2:3:4:5:6:7:8', true],
    ['1:2:3:4:5:6:7', false],
    ['1::2::3', false],
    ['12345::', false],
    ['192.0.2.1', false],
    ['1:2:3:4:5:6:7::8', false],
  ])('%s is an IPv6 address: %s', (text, expected) => {
    expect(isIpv6(text)).toBe(expected);
  });
});

describe('name-addr', () => {
  it.each([
    ['"A. G. Bell" <sip:agb@bell-telephone.com> ;tag=a48s', 'A. G. Bell', 'sip:agb@bell-telephone.com'],
    ['sip:+12125551212@server.phone2net.com;tag=887s', undefined, 'sip:+12125551212@server.phone2net.com'],
    ['Anonymous <sip:c8oqz84zk7z@privacy.org>;tag=hyh8', 'Anonymous', 'sip:c8oqz84zk7z@privacy.org'],
    ['Alice<sip:alice@atlanta.com>', 'Alice', 'sip:alice@atlanta.com'],
    ['"\\"Bob\\" \\\\ Jr 😀"<sip:bob@biloxi.com;lr>', '"Bob" \\ Jr 😀', 'sip:bob@biloxi.com;lr'],
    ['<tel:+999900100001>', undefined, 'tel:+999900100001'],
    ['""<sip:a@b>', '', 'sip:a@b'],
    ['*', undefined, '*'],
  ])('%s (RFC 3261 20.20)', (text, displayName, uri) => {
    const read = parseNameAddr(text);
    expect(read.displayName).toBe(displayName);
    expect(read.uri).toBe(uri);
    expect(parseNameAddr(writeNameAddr(read))).toEqual(read);
  });

  it("parameters after a URI without < > are the header's (20.10)", () => {
    expect(parseNameAddr('sip:a@b;transport=tcp;q=0.5').params).toEqual(
      new Map([
        ['transport', 'tcp'],
        ['q', '0.5'],
      ]),
    );
  });

  it('P-Asserted-Identity has a sip and a tel value, the name touching its < or not (RFC 3325 9.1, hazard R30)', () => {
    const value = '"Cullen, J"<sip:fluffy@cisco.com>, tel:+14085264000';
    const message = parse(`OPTIONS sip:a@b SIP/2.0\nP-Asserted-Identity: ${value}\n\n`);
    const identities = headerValues(message, 'P-Asserted-Identity').map((v) => parseNameAddr(v));
    expect(identities.map((i) => [i.displayName, i.uri])).toEqual([
      ['Cullen, J', 'sip:fluffy@cisco.com'],
      [undefined, 'tel:+14085264000'],
    ]);
  });

  it('feature tags keep their quotes when written (RFC 3840 9)', () => {
    const tags =
      ';+sip.instance="<urn:uuid:0f6e>";+g.gsma.rcs.mls.mls-version="v1";reg-id=1;+g.gsma.rcs.isbot;expires=60';
    expect(writeNameAddr(parseNameAddr(`<sip:a@b>${tags}`))).toBe(`<sip:a@b>${tags}`);
  });

  it('a repeated feature tag adds to the list of the first (hazard R13)', () => {
    const icsi = '+g.3gpp.icsi-ref';
    expect(parseNameAddr(`<sip:a@b>;${icsi}="x,y";${icsi}="z"`).params.get(icsi)).toBe('x,y,z');
  });

  it('unquoted feature tag values are taken (hazard R14)', () => {
    const value = 'urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg';
    expect(parseNameAddr(`<sip:a@b>;+G.3gpp.ICSI-ref=${value}`).params.get('+g.3gpp.icsi-ref')).toBe(value);
  });

  it.each([
    ['a tag twice', '<sip:a@b>;tag=1;tag=2'],
    ['an open quote (hazard R16)', '<sip:a@b>;+g.3gpp.icsi-ref="urn%3Aurn-7'],
    ['an open bracket', '<sip:a@b'],
    ['an open display name', '"Alice <sip:a@b>'],
    ['an empty bracket', '<>'],
    ['a comma without brackets', 'sip:a,b@c'],
    ['something after it', '<sip:a@b> x'],
    ['a name without an address', '"Alice"'],
  ])('%s is refused', (_what, text) => {
    expect(parseErrorOf(() => parseNameAddr(text, 'From')).field).toBe('From');
  });
});

describe('Via', () => {
  it.each([
    [
      'SIP/2.0/UDP erlang.bell-telephone.com:5060;branch=z9hG4bK87asdks7',
      'UDP',
      'erlang.bell-telephone.com',
      5060,
    ],
    ['SIP / 2.0 / UDP first.example.com: 4000;ttl=16;maddr=224.2.0.1', 'UDP', 'first.example.com', 4000],
    ['SIP/2.0/TLS [2001:db8::9:1];received=2001:db8::1', 'TLS', '2001:db8::9:1', undefined],
    ['SIP/2.0/UNKNOWN t5.example.com;branch=x', 'UNKNOWN', 't5.example.com', undefined],
  ])('%s (RFC 3261 20.42)', (text, transport, host, port) => {
    const via = parseVia(text);
    expect([via.transport, via.host, via.port]).toEqual([transport, host, port]);
    expect(parseVia(writeVia(via))).toEqual(via);
  });

  it.each([
    ['SIP/2.0/UDP'],
    ['SIP/2.0/UDPhost'],
    ['SIP/3.0/UDP host'],
    ['HTTP/2.0/UDP host'],
    ['SIP/2.0/UDP host:99999'],
    ['SIP/2.0/UDP host;;'],
    ['SIP/2.0/UDP host;branch='],
    ['SIP/2.0/UDP host branch'],
  ])('%s is refused', (text) => {
    expect(parseErrorOf(() => parseVia(text)).field).toBe('Via');
  });

  it.each([
    ['SIP/2.0/UDP 10.1.1.1:4540;received=192.0.2.1;rport=9988', 'udp', '192.0.2.1:9988'],
    ['SIP/2.0/UDP 10.1.1.1:4540;received=192.0.2.1', 'udp', '192.0.2.1:4540'],
    ['SIP/2.0/UDP 10.1.1.1;rport', 'udp', '10.1.1.1:5060'],
    ['SIP/2.0/UDP 10.1.1.1;maddr=10.9.9.9;received=192.0.2.1', 'udp', '10.9.9.9:5060'],
    ['SIP/2.0/TCP 10.1.1.1:4540;received=192.0.2.1;rport=9988', 'tcp', '192.0.2.1:4540'],
    ['SIP/2.0/TLS 10.1.1.1', 'tls', '10.1.1.1:5061'],
  ] as const)(
    'the response for %s over %s goes to %s (RFC 3261 18.2.2, RFC 3581 4)',
    (text, transport, to) => {
      const { host, port } = responseAddress(parseVia(text), transport);
      expect(`${host}:${port}`).toBe(to);
    },
  );
});
