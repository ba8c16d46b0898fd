import { describe, expect, it } from 'vitest';
import { parseCSeq } from '../../stack/rcs/sip/cseq.ts';
import { header, headerValues } from '../../stack/rcs/sip/headers.ts';
import { parseSipMessage, type SipMessage, writeSipMessage } from '../../stack/rcs/sip/message.ts';
import { parseNameAddr } from '../../stack/rcs/sip/name-addr.ts';
import { checkRequest, checkResponse } from '../../stack/rcs/sip/request-check.ts';
import { parseSipUri, unescapeUri } from '../../stack/rcs/sip/uri.ts';
import { parseVia } from '../../stack/rcs/sip/via.ts';
import { octets, parse } from './support/text.ts';

/** Messages after those of RFC 4475 section 3.1.1: valid, and each must be understood. */

const get = (message: SipMessage, name: string): string => header(message, name) ?? '';

describe('RFC 4475 3.1.1.1, a short tortuous INVITE', () => {
  const message = parse(`INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0
TO :
 sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n
from   : "J Rosenberg \\\\\\""       <sip:jdrosen@example.com>
  ;
  tag = 98asjd8
MaX-fOrWaRdS: 0068
Call-ID: wsinv.ndaksdj@192.0.2.1
Content-Length   : 6
cseq: 0009
  INVITE
Via  : SIP  /   2.0
 /UDP
    192.0.2.2;branch=390skdjuw
s :
NewFangledHeader:   newfangled value
 continued newfangled value
UnknownHeaderWithUnusualValue: ;;,,;;,;
Content-Type: application/sdp
Route:
 <sip:services.example.com;lr;unknownwith=value;unknown-no-value>
v:  SIP  / 2.0  / TCP     spindle.example.com   ;
  branch  =   z9hG4bK9ikj8  ,
 SIP  /    2.0   / UDP  192.168.255.111   ; branch=
 z9hG4bK30239
m:"Quoted string \\"\\"" <sip:jdrosen@example.com> ; newparam =
      newvalue ;
  secondparam ; q = 0.33

v=0
xyz`);

  it('passes the checks of every request', () => {
    if (message.kind !== 'request') throw new Error('expected a request');
    expect(() => checkRequest(message)).not.toThrow();
  });

  it('its addresses are read through folds and white space', () => {
    expect(parseNameAddr(get(message, 'To'))).toEqual({
      uri: 'sip:vivekg@chair-dnrc.example.com',
      params: new Map([['tag', '1918181833n']]),
    });
    expect(parseNameAddr(get(message, 'From'))).toEqual({
      displayName: 'J Rosenberg \\"',
      uri: 'sip:jdrosen@example.com',
      params: new Map([['tag', '98asjd8']]),
    });
    expect(parseNameAddr(get(message, 'Contact'))).toEqual({
      displayName: 'Quoted string ""',
      uri: 'sip:jdrosen@example.com',
      params: new Map([
        ['newparam', 'newvalue'],
        ['secondparam', undefined],
        ['q', '0.33'],
      ]),
    });
  });

  it('it has three Vias over two fields and two spellings', () => {
    const vias = headerValues(message, 'Via').map(parseVia);
    expect(vias.map((v) => [v.transport, v.host, v.params.get('branch')])).toEqual([
      ['UDP', '192.0.2.2', '390skdjuw'],
      ['TCP', 'spindle.example.com', 'z9hG4bK9ikj8'],
      ['UDP', '192.168.255.111', 'z9hG4bK30239'],
    ]);
  });

  it('numbers have leading zeros, a header is empty, another is of nothing but separators', () => {
    expect(parseCSeq(get(message, 'CSeq'))).toEqual({ number: 9, method: 'INVITE' });
    expect(header(message, 'Subject')).toBe('');
    expect(get(message, 'UnknownHeaderWithUnusualValue')).toBe(';;,,;;,;');
    expect(get(message, 'NewFangledHeader')).toBe('newfangled value continued newfangled value');
    expect(message.body).toHaveLength(6);
  });
});

describe('RFC 4475 3.1.1.2, a wide range of valid characters', () => {
  const method = "!interesting-Method0123456789_*+`.%indeed'~";
  const uri =
    "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com";
  const text = `${method} ${uri} SIP/2.0
Via: SIP/2.0/TCP host1.example.com;branch=z9hG4bK-.!%66*_+\`'~
To: "BEL:\\\x07 NUL:\\\x00 DEL:\\\x7F" <${uri}>
From: token1~\` token2'+_ token3*%!.- <sip:mundane@example.com>;fromParam''~+*_!.-%="работающий";tag=_token~1'+\`*%!-.
Call-ID: intmeth.word%ZK-!.*_+'@word\`~)(><:\\/"][?}{
CSeq: 139122385 ${method}
Max-Forwards: 255
extensionHeader-!.%*+_\`'~: 大停電
Content-Length: 0

`;
  const message = parse(text);

  it('passes the checks, with its method and URI as they were sent', () => {
    if (message.kind !== 'request') throw new Error('expected a request');
    expect(message.method).toBe(method);
    expect(message.uri).toBe(uri);
    expect(() => checkRequest(message)).not.toThrow();
  });

  it('the control characters of the display name are there, unescaped', () => {
    expect(parseNameAddr(get(message, 'To')).displayName).toBe('BEL:\x07 NUL:\x00 DEL:\x7F');
  });

  it('a display name of odd tokens and a UTF-8 parameter are read', () => {
    const from = parseNameAddr(get(message, 'From'));
    expect(from.displayName).toBe("token1~` token2'+_ token3*%!.-");
    expect(from.params.get("fromparam''~+*_!.-%")).toBe('работающий');
    expect(get(message, "extensionHeader-!.%*+_`'~")).toBe('大停電');
  });

  it('user and password of the URI part at the first colon', () => {
    expect(parseSipUri(uri)).toMatchObject({
      user: "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*",
      password: "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)",
      host: 'example.com',
    });
  });

  it('is relayed byte for byte', () => {
    expect(writeSipMessage(message)).toEqual(octets(text));
  });
});

describe('the other valid messages of RFC 4475 3.1.1', () => {
  it('3.1.1.3 escapes are read once, and a % is not always one of them', () => {
    const contact = parseNameAddr('<sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31>');
    const uri = parseSipUri(contact.uri);
    if (uri.scheme === 'tel') throw new Error('expected a sip URI');
    expect(unescapeUri(uri.user ?? '')).toBe('caller');
    expect([...uri.params].map(([n, v]) => [unescapeUri(n), v && unescapeUri(v)])).toEqual([
      ['lr', undefined],
      ['name', 'value%41'],
    ]);
  });

  it('3.1.1.4 escaped nulls are part of the user', () => {
    const uri = parseSipUri('sip:null-%00-null@example.com');
    expect(uri.scheme !== 'tel' && unescapeUri(uri.user ?? '')).toBe('null-\0-null');
  });

  it('3.1.1.5 a % in a method or header name is a plain character', () => {
    const message = parse('RE%47IST%45R sip:registrar.example.com SIP/2.0\nC%6Fntact: x\n\n');
    expect(message).toMatchObject({ method: 'RE%47IST%45R' });
    expect(header(message, 'Contact')).toBeUndefined();
  });

  it('3.1.1.6 a display name may touch its <', () => {
    expect(parseNameAddr('caller<sip:caller@example.com>;tag=323').displayName).toBe('caller');
  });

  it('3.1.1.7 long values are read whole', () => {
    const name = `I have a user name of extreme${'e'.repeat(2000)} proportion`;
    const long = `sip:${'longuser'.repeat(200)}@example.com`;
    const vias = Array.from({ length: 30 }, (_, i) => `v: SIP/2.0/TCP sip${i}.example.com`).join('\n');
    const message = parse(`INVITE ${long} SIP/2.0\nFrom: "${name}" <${long}>\n${vias}\n\n`);
    expect(parseNameAddr(get(message, 'From')).displayName).toBe(name);
    expect(headerValues(message, 'Via')).toHaveLength(30);
  });

  it("3.1.1.8 octets after the end of a datagram's message are not part of it", () => {
    const message = parse(
      'REGISTER sip:a.example SIP/2.0\nl: 0\n\nINVITE sip:joe@example.com SIP/2.0\nt: x\n\n',
    );
    expect(message).toMatchObject({ method: 'REGISTER', body: new Uint8Array(0) });
  });

  it('3.1.1.9 semicolons in the user are no parameters', () => {
    expect(parseSipUri('sip:user;par=u%40example.net@example.com')).toMatchObject({
      user: 'user;par=u%40example.net',
      host: 'example.com',
    });
  });

  it('3.1.1.10 unknown transports in lower Vias are no fault', () => {
    const message = parse(`OPTIONS sip:user@example.com SIP/2.0
To: sip:user@example.com
From: <sip:caller@example.com>;tag=323
Max-Forwards: 70
Call-ID: transports.kijh4akdnaqjkwendsasfdj
CSeq: 60 OPTIONS
Via: SIP/2.0/UDP t1.example.com;branch=z9hG4bKkdjuw
Via: SIP/2.0/SCTP t2.example.com;branch=z9hG4bKklasjdhf
Via: SIP/2.0/TLS t3.example.com;branch=z9hG4bK2980unddj
Via: SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKasd0f3en
Via: SIP/2.0/TCP t5.example.com;branch=z9hG4bK0a9idfnee
l: 0

`);
    if (message.kind !== 'request') throw new Error('expected a request');
    expect(() => checkRequest(message)).not.toThrow();
  });

  it('3.1.1.11 a body is any octets', () => {
    const head = octets(
      'MESSAGE sip:kumiko@example.org SIP/2.0\nContent-Type: multipart/mixed;boundary=7a9c\nl: 6\n\n',
    );
    const body = new Uint8Array([0, 13, 10, 13, 10, 255]);
    expect(parseSipMessage(new Uint8Array([...head, ...body])).body).toEqual(body);
  });

  const RESPONSE_REST = `Via: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923
Call-ID: unreason.1234ksdfak3j2erwedfsASdf
CSeq: 35 INVITE
From: sip:user@example.com;tag=11141343
To: sip:user@example.edu;tag=2229
Content-Length: 0

`;

  it.each([
    ['3.1.1.12 an unusual', '= 2**3 * 5**2 но сто девяносто девять - простое'],
    ['3.1.1.13 an empty', ''],
  ])('%s reason phrase', (_what, reason) => {
    const message = parse(`SIP/2.0 200 ${reason}\n${RESPONSE_REST}`);
    if (message.kind !== 'response') throw new Error('expected a response');
    expect(message.reason).toBe(reason);
    expect(() => checkResponse(message)).not.toThrow();
  });
});
