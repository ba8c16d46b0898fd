import { describe, expect, it } from 'vitest';
import { parseCSeq } from '../../stack/rcs/sip/cseq.ts';
import { header, headerValues } from '../../stack/rcs/sip/headers.ts';
import { writeSipMessage } from '../../stack/rcs/sip/message.ts';
import { parseNameAddr } from '../../stack/rcs/sip/name-addr.ts';
import { checkRequest, checkResponse } from '../../stack/rcs/sip/request-check.ts';
import { makeAck, makeResponse } from '../../stack/rcs/sip/responses.ts';
import { topVia } from '../../stack/rcs/sip/via.ts';
import { octets, parse } from './support/text.ts';

const REGISTER = `REGISTER sip:registrar.biloxi.com SIP/2.0
Via: SIP/2.0/UDP bobspc.biloxi.com:5060;branch=z9hG4bKnashds7
Max-Forwards: 70
To: Bob <sip:bob@biloxi.com>
From: Bob <sip:bob@biloxi.com>;tag=456248
Call-ID: 843817637684230@998sdasdh09
CSeq: 1826 REGISTER
Contact: <sip:bob@192.0.2.4>
Expires: 7200
Content-Length: 0

`;

const INVITE_AT_BOB = `INVITE sip:bob@192.0.2.4 SIP/2.0
Via: SIP/2.0/UDP server10.biloxi.com;branch=z9hG4bK4b43c2ff8.1
Via: SIP/2.0/UDP bigbox3.site3.atlanta.com;branch=z9hG4bK77ef4c2312983.1
 ;received=192.0.2.2
Via: SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bKnashds8
 ;received=192.0.2.1
Max-Forwards: 68
To: Bob <sip:bob@biloxi.com>
From: Alice <sip:alice@atlanta.com>;tag=1928301774
Call-ID: a84b4c76e66710
CSeq: 314159 INVITE
Contact: <sip:alice@pc33.atlanta.com>
Content-Type: application/sdp
Content-Length: 5

v=0
`;

describe('RFC 3261 section 24.1, registration', () => {
  const message = parse(REGISTER);

  it('F1 is a REGISTER with its nine fields', () => {
    expect(message).toMatchObject({ kind: 'request', method: 'REGISTER', uri: 'sip:registrar.biloxi.com' });
    expect(message.headers).toHaveLength(9);
    expect(parseNameAddr(header(message, 'To') ?? '')).toEqual({
      displayName: 'Bob',
      uri: 'sip:bob@biloxi.com',
      params: new Map(),
    });
    expect(parseCSeq(header(message, 'CSeq') ?? '')).toEqual({ number: 1826, method: 'REGISTER' });
    expect(topVia(message)).toEqual({
      transport: 'UDP',
      host: 'bobspc.biloxi.com',
      port: 5060,
      params: new Map([['branch', 'z9hG4bKnashds7']]),
    });
  });

  it('F1 is written as it was read', () => {
    expect(writeSipMessage(message)).toEqual(octets(REGISTER));
  });

  it('F2 is made from F1 with a tag in To', () => {
    if (message.kind !== 'request') throw new Error('expected a request');
    const contact = { name: 'Contact', value: '<sip:bob@192.0.2.4>' };
    const response = makeResponse(message, 200, { toTag: '2493k59kd', headers: [contact] });
    expect(writeSipMessage(response)).toEqual(
      octets(`SIP/2.0 200 OK
Via: SIP/2.0/UDP bobspc.biloxi.com:5060;branch=z9hG4bKnashds7
To: Bob <sip:bob@biloxi.com>;tag=2493k59kd
From: Bob <sip:bob@biloxi.com>;tag=456248
Call-ID: 843817637684230@998sdasdh09
CSeq: 1826 REGISTER
Contact: <sip:bob@192.0.2.4>
Content-Length: 0

`),
    );
  });
});

describe('RFC 3261 section 24.2, session setup', () => {
  const invite = parse(INVITE_AT_BOB);
  if (invite.kind !== 'request') throw new Error('expected a request');

  it('F4 has three Vias in the order of the way back', () => {
    expect(headerValues(invite, 'Via').map((v) => v.replace(/;.*/, ''))).toEqual([
      'SIP/2.0/UDP server10.biloxi.com',
      'SIP/2.0/UDP bigbox3.site3.atlanta.com',
      'SIP/2.0/UDP pc33.atlanta.com',
    ]);
    expect(invite.body).toEqual(octets('v=0\n'));
    expect(() => checkRequest(invite)).not.toThrow();
  });

  it('its 180 keeps every Via, From, Call-ID and CSeq', () => {
    const ringing = makeResponse(invite, 180, { toTag: 'a6c85cf' });
    expect(headerValues(ringing, 'Via')).toEqual(headerValues(invite, 'Via'));
    expect(header(ringing, 'To')).toBe('Bob <sip:bob@biloxi.com>;tag=a6c85cf');
    expect(() => checkResponse(ringing)).not.toThrow();
  });

  it('the ACK of a refusal has the one top Via, the To of the response and the number of the INVITE (17.1.1.3)', () => {
    const ack = makeAck(invite, makeResponse(invite, 486, { toTag: 'a6c85cf' }));
    expect(headerValues(ack, 'Via')).toEqual(['SIP/2.0/UDP server10.biloxi.com;branch=z9hG4bK4b43c2ff8.1']);
    expect(header(ack, 'To')).toBe('Bob <sip:bob@biloxi.com>;tag=a6c85cf');
    expect(header(ack, 'CSeq')).toBe('314159 ACK');
    expect(() => checkRequest(ack)).not.toThrow();
  });
});

describe('RFC 3261 section 7.3: header fields', () => {
  it('several fields of a name are one list, in order (7.3.1)', () => {
    const message = parse(`OPTIONS sip:a@b SIP/2.0
Route: <sip:alice@atlanta.com>
Subject: Lunch
Route: <sip:bob@biloxi.com>, <sip:carol@chicago.com>

`);
    expect(headerValues(message, 'ROUTE')).toEqual([
      '<sip:alice@atlanta.com>',
      '<sip:bob@biloxi.com>',
      '<sip:carol@chicago.com>',
    ]);
  });

  it('a fold is one space (7.3.1)', () => {
    const message = parse(
      "OPTIONS sip:a@b SIP/2.0\nSubject: I know you're there,  \n\t pick up the phone\n\n",
    );
    expect(header(message, 'Subject')).toBe("I know you're there, pick up the phone");
  });

  it('compact, long and oddly cased names are one name (7.3.3)', () => {
    const message = parse(
      'OPTIONS sip:a@b SIP/2.0\nv: SIP/2.0/UDP h\nVIA: SIP/2.0/TCP i\nvIa: SIP/2.0/TLS j\n\n',
    );
    expect(headerValues(message, 'Via')).toEqual(['SIP/2.0/UDP h', 'SIP/2.0/TCP i', 'SIP/2.0/TLS j']);
  });

  it.each([
    ['v', 'Via'],
    ['i', 'Call-ID'],
    ['f', 'From'],
    ['t', 'To'],
    ['m', 'Contact'],
    ['l', 'Content-Length'],
    ['c', 'Content-Type'],
    ['s', 'Subject'],
    ['k', 'Supported'],
    ['x', 'Session-Expires'],
    ['a', 'Accept-Contact'],
    ['o', 'Event'],
  ])('%s is %s', (short, long) => {
    const value = long === 'Content-Length' ? '0' : 'value';
    expect(header(parse(`OPTIONS sip:a@b SIP/2.0\n${short}: ${value}\n\n`), long)).toBe(value);
  });

  it('lists of authentication headers are never split at commas (7.3.1)', () => {
    const value = 'Digest realm="a", nonce="b"';
    expect(
      headerValues(parse(`OPTIONS sip:a@b SIP/2.0\nAuthorization: ${value}\n\n`), 'Authorization'),
    ).toEqual([value]);
  });
});
