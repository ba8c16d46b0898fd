import { describe, expect, it } from 'vitest';
import { Dialog } from '../../stack/rcs/sip/dialog.ts';
import { DialogTable, type DialogUsage } from '../../stack/rcs/sip/dialog-table.ts';
import { header, headerValues } from '../../stack/rcs/sip/headers.ts';
import { parseSipMessage, type SipRequest, type SipResponse } from '../../stack/rcs/sip/message.ts';
import { targetOfUri } from '../../stack/rcs/sip/next-hop.ts';
import { SipParseError } from '../../stack/rcs/sip/parse-error.ts';
import { bytes, TwoAgents } from './support/two-agents.ts';

/** RFC 3261 section 24.2: F1 as Bob's phone gets it (F4), and the 200 of F9. */
const INVITE = read(`INVITE sip:bob@192.0.2.4 SIP/2.0
Via: SIP/2.0/UDP server10.biloxi.com;branch=z9hG4bK4b43c2ff8.1
Via: SIP/2.0/UDP bigbox3.site3.atlanta.com;branch=z9hG4bK77ef4c2312983.1;received=192.0.2.2
Via: SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bKnashds8;received=192.0.2.1
Max-Forwards: 68
To: Bob <sip:bob@biloxi.com>
From: Alice <sip:alice@atlanta.com>;tag=1928301774
Call-ID: a84b4c76e66710
CSeq: 314159 INVITE
Contact: <sip:alice@pc33.atlanta.com>
`) as SipRequest;
const OK = read(`SIP/2.0 200 OK
Via: SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bKnashds8;received=192.0.2.1
To: Bob <sip:bob@biloxi.com>;tag=a6c85cf
From: Alice <sip:alice@atlanta.com>;tag=1928301774
Call-ID: a84b4c76e66710
CSeq: 314159 INVITE
Contact: <sip:bob@192.0.2.4>
`) as SipResponse;

describe('RFC 3261 24.2, session setup', () => {
  it("Alice's ACK (F12) goes straight to Bob's Contact, Bob's BYE (F13) to hers, CSeq each side's own", () => {
    const alice = Dialog.ofClient(INVITE, OK);
    const ack = alice.ack(314159);
    expect(ack.uri).toBe('sip:bob@192.0.2.4');
    expect(header(ack, 'To')).toBe('Bob <sip:bob@biloxi.com>;tag=a6c85cf');
    expect(header(ack, 'From')).toBe('Alice <sip:alice@atlanta.com>;tag=1928301774');
    expect(header(ack, 'CSeq')).toBe('314159 ACK');
    expect(alice.request('BYE').headers).toContainEqual({ name: 'CSeq', value: '314160 BYE' });
    const bob = Dialog.ofServer(INVITE, 'a6c85cf');
    const bye = bob.request('BYE');
    expect(bye.uri).toBe('sip:alice@pc33.atlanta.com');
    expect(header(bye, 'From')).toBe('Bob <sip:bob@biloxi.com>;tag=a6c85cf');
    expect(header(bye, 'To')).toBe('Alice <sip:alice@atlanta.com>;tag=1928301774');
    expect(bob.phase).toBe('early');
    bob.confirm();
    expect(bob.phase).toBe('confirmed');
  });
});

describe('the route set (RFC 3261 12.1.1, 12.2.1.1, 16.12.1)', () => {
  const recorded = (text: string) => ({ name: 'Record-Route', value: text });
  const P1 = '<sip:p1.example.com;lr>';
  const P2 = '<sip:p2.domain.com;lr>';

  it('16.12.1.1: loose routers; the client has the Record-Route reversed, the server as it came', () => {
    const server = Dialog.ofServer(
      { ...INVITE, headers: [...INVITE.headers, recorded(P2), recorded(P1)] },
      'b',
    );
    const bye = server.request('BYE');
    expect(bye.uri).toBe('sip:alice@pc33.atlanta.com');
    expect(headerValues(bye, 'Route')).toEqual([P2, P1]);
    expect(server.nextHop).toBe('sip:p2.domain.com;lr');
    const client = Dialog.ofClient(INVITE, { ...OK, headers: [...OK.headers, recorded(`${P2}, ${P1}`)] });
    const ack = client.ack(314159);
    expect(headerValues(ack, 'Route')).toEqual([P1, P2]);
    expect(client.nextHop).toBe('sip:p1.example.com;lr');
  });

  it('a strict router first: its URI is the Request-URI, the remote target the last Route (hazard R28)', () => {
    const strict = '<sip:p1.example.com;method=INVITE?Subject=x>';
    const dialog = Dialog.ofServer(
      { ...INVITE, headers: [...INVITE.headers, recorded(strict), recorded(P2)] },
      'b',
    );
    const bye = dialog.request('BYE');
    expect(bye.uri).toBe('sip:p1.example.com');
    expect(headerValues(bye, 'Route')).toEqual([P2, '<sip:alice@pc33.atlanta.com>']);
  });

  it('an early dialog takes the route set of the 2xx, a confirmed one keeps its own (13.2.2.4, 12.2)', () => {
    const early = Dialog.ofClient(INVITE, { ...OK, status: 183, headers: [...OK.headers, recorded(P1)] });
    early.confirm({ ...OK, headers: [...OK.headers, recorded(P2)] });
    expect(early.routeSet).toEqual([P2]);
    early.refreshTarget({ ...OK, headers: [{ name: 'Contact', value: '<sip:bob@new>' }, recorded(P1)] });
    expect(early.routeSet).toEqual([P2]);
    expect(early.remoteTarget).toBe('sip:bob@new');
  });

  it('of more than 64 values, or of one that is no SIP URI, makes no dialog', () => {
    const many = Array.from({ length: 65 }, () => recorded(P1));
    expect(() => Dialog.ofServer({ ...INVITE, headers: [...INVITE.headers, ...many] }, 'b')).toThrow(
      SipParseError,
    );
    const odd = { ...OK, headers: [...OK.headers, recorded('<http://x>')] };
    expect(() => Dialog.ofClient(INVITE, odd)).toThrow(SipParseError);
  });
});

describe('CSeq (RFC 3261 12.2.2)', () => {
  it('lower than the last is out of order, a gap is not; ACK and CANCEL have none of their own', () => {
    const dialog = Dialog.ofServer(INVITE, 'b');
    const numbered = (method: string, number: number) =>
      dialog.takesInOrder({ ...INVITE, method, headers: [{ name: 'CSeq', value: `${number} ${method}` }] });
    expect(numbered('BYE', 314158)).toBe(false);
    expect(numbered('ACK', 314159)).toBe(true);
    expect(numbered('INFO', 314200)).toBe(true);
    expect(numbered('INFO', 314199)).toBe(false);
    expect(numbered('CANCEL', 1)).toBe(true);
  });

  it('an agent answers 500 to a request out of order, and the session goes on', async () => {
    const world = new TwoAgents();
    const [alices, bobs] = await world.session();
    const late = alices.dialog.request('INFO');
    void alices.update();
    await world.clock.advance(100);
    const answer = world.alice.endpoint.request(late, { transport: 'udp', host: 'bob.example', port: 5060 });
    await world.clock.advance(100);
    expect((await answer).status).toBe(500);
    expect(bobs.isOver).toBe(false);
    world.close();
  });
});

describe('a dialog that nobody knows (RFC 3261 12.2.2)', () => {
  it.each(['BYE', 'INFO', 'INVITE', 'NOTIFY', 'UPDATE', 'REFER', 'PRACK'])('%s: 481', async (method) => {
    const world = new TwoAgents();
    const request = world.alice.agent.request(method, {
      uri: 'sip:bob@bob.example',
      from: '<sip:alice@alice.example>',
      to: '<sip:bob@bob.example>;tag=gone',
    });
    const answer = world.alice.endpoint.request(request, {
      transport: 'udp',
      host: 'bob.example',
      port: 5060,
    });
    await world.clock.advance(100);
    expect((await answer).status).toBe(481);
    expect(world.close()).toEqual({ dialogs: 0, timers: 0 });
  });

  it('ACK: nothing', async () => {
    const world = new TwoAgents();
    const ack = world.alice.agent.request('ACK', {
      uri: 'sip:bob@bob.example',
      from: '<sip:alice@alice.example>',
      to: '<sip:bob@bob.example>;tag=gone',
    });
    void world.alice.endpoint.send(ack, { transport: 'udp', host: 'bob.example', port: 5060 });
    await world.clock.advance(100);
    expect(world.ladder()).toEqual(['A ACK']);
  });
});

describe('the table of dialogs', () => {
  const usage = (): DialogUsage => ({ receive: () => true, abandon: () => {} });

  it('holds several usages of one dialog, and ends it with the last (RFC 5057)', () => {
    const table = new DialogTable(2);
    const dialog = Dialog.ofServer(INVITE, 'b');
    const [one, two] = [usage(), usage()];
    expect([table.add(dialog, one), table.add(dialog, two), table.size]).toEqual([true, true, 1]);
    const request = {
      ...INVITE,
      headers: INVITE.headers.map((h) => (h.name === 'To' ? { ...h, value: `${h.value};tag=b` } : h)),
    };
    expect(table.find(request)?.usages).toEqual([one, two]);
    table.remove(dialog, one);
    expect(dialog.phase).toBe('early');
    table.remove(dialog, two);
    expect(dialog.phase).toBe('terminated');
    expect(table.find(request)).toBeUndefined();
  });

  it('is bounded: beyond that calls are refused 503', async () => {
    const world = new TwoAgents({ bob: { limits: { dialogs: 1 } } });
    await world.session();
    const call = world.invite();
    await world.clock.advance(100);
    expect(await call.outcome).toMatchObject({ kind: 'refused', response: { status: 503 } });
    world.close();
  });
});

describe('where a next hop leads (RFC 3261 19.1.2, RFC 3263 4 without DNS)', () => {
  it.each([
    ['sip:a@b.example', 'udp', 'b.example', 5060],
    ['sip:a@b.example:5070;transport=TCP', 'tcp', 'b.example', 5070],
    ['sips:a@b.example', 'tls', 'b.example', 5061],
    ['sips:b.example;transport=tcp', 'tls', 'b.example', 5061],
    ['sip:b.example;transport=wss', 'wss', 'b.example', 5061],
    ['sip:a@b.example;maddr=192.0.2.9', 'udp', '192.0.2.9', 5060],
    ['sip:a@[2001:db8::1]', 'udp', '2001:db8::1', 5060],
  ])('%s', (uri, transport, host, port) => {
    expect(targetOfUri(uri)).toEqual({ transport, host, port });
  });

  it.each(['tel:+999001', 'sip:a@b;transport=sctp', 'http://b'])('%s leads nowhere', (uri) => {
    expect(() => targetOfUri(uri)).toThrow(SipParseError);
  });
});

function read(text: string) {
  return parseSipMessage(bytes(`${text.replaceAll('\n', '\r\n')}\r\n`));
}
