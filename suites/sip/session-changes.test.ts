import { describe, expect, it } from 'vitest';
import { header } from '../../stack/rcs/sip/headers.ts';
import { ANSWER, bytes, TwoAgents } from './support/two-agents.ts';

const SDP = [{ name: 'Content-Type', value: 'application/sdp' }];
const NOTHING = { dialogs: 0, timers: 0 };
const SECOND_OFFER = bytes('second offer');
const SECOND_ANSWER = bytes('second answer');

describe('re-INVITE (RFC 3261 14, RFC 3665 3.7)', () => {
  it('carries a new offer and is answered by the owner of the session; the CSeq goes on', async () => {
    const world = new TwoAgents();
    const offers: Uint8Array[] = [];
    const [alices] = await world.session({
      bobs: {
        onChange: ({ request }) => {
          offers.push(request.body);
          return { status: 200, headers: SDP, body: SECOND_ANSWER };
        },
      },
    });
    const changed = alices.reinvite({ headers: SDP, body: SECOND_OFFER });
    await world.clock.advance(200);
    expect(await changed).toMatchObject({ status: 200, body: SECOND_ANSWER });
    expect(offers).toEqual([SECOND_OFFER]);
    const cseqs = world.wire.datagrams
      .filter((d) => /^(INVITE|ACK)/.test(d.text))
      .map((d) => /CSeq: (.*)\r/.exec(d.text)![1]);
    expect(cseqs).toEqual(['1 INVITE', '1 ACK', '2 INVITE', '2 ACK']);
    world.close();
  });

  it('without a handler the same offer is taken, another is refused 488 and the session goes on', async () => {
    const world = new TwoAgents();
    const [alices, bobs] = await world.session();
    const other = alices.reinvite({ headers: SDP, body: SECOND_OFFER });
    await world.clock.advance(200);
    expect((await other).status).toBe(488);
    const same = alices.reinvite({ headers: SDP, body: bytes('offer') });
    const none = alices.reinvite({});
    await world.clock.advance(500);
    expect(await same).toMatchObject({ status: 200, body: ANSWER });
    expect(await none).toMatchObject({ status: 200, body: ANSWER });
    expect([alices.isOver, bobs.isOver]).toEqual([false, false]);
    world.close();
  });

  it('moves the peer: later requests go to the new Contact (12.2.1.2)', async () => {
    let contact = '<sip:alice@alice.example>';
    const world = new TwoAgents({ alice: { contact: () => contact } });
    const [alices, bobs] = await world.session();
    contact = '<sip:alice2@alice.example>';
    void alices.update();
    await world.clock.advance(100);
    void bobs.bye();
    await world.clock.advance(100);
    const bye = world.wire.datagrams.find((d) => d.text.startsWith('BYE'))!;
    expect(bye.text.split('\r\n')[0]).toBe('BYE sip:alice2@alice.example SIP/2.0');
    world.close();
  });

  it('two at once: 491 for both, each backs off as 14.1 says, both go through (hazard R34)', async () => {
    const world = new TwoAgents();
    const answers = { onChange: () => ({ status: 200, headers: SDP, body: SECOND_ANSWER }) };
    const [alices, bobs] = await world.session({ handlers: answers, bobs: answers });
    const began = world.clock.now();
    const both = [
      alices.reinvite({ headers: SDP, body: SECOND_OFFER }),
      bobs.reinvite({ headers: SDP, body: SECOND_OFFER }),
    ];
    await world.clock.advance(10_000);
    expect((await Promise.all(both)).map(({ status }) => status)).toEqual([200, 200]);
    expect(world.ladder().filter((line) => line.endsWith('491 INVITE'))).toHaveLength(2);
    const again = (host: string) =>
      world.wire.datagrams.filter(
        (d) => d.from.startsWith(host) && d.text.startsWith('INVITE') && d.at > began,
      );
    // Alice made the Call-ID: 2.1 to 4 s. Bob: 0 to 2 s.
    expect(again('alice').at(-1)!.at - began).toBeGreaterThanOrEqual(2100);
    expect(again('alice').at(-1)!.at - began).toBeLessThanOrEqual(4100);
    expect(again('bob').at(-1)!.at - began).toBeLessThanOrEqual(2100);
    await world.clock.advance(60_000);
    expect(world.close()).toEqual(NOTHING);
  });

  it('while the first is unanswered a second of the same side is refused 500 with Retry-After up to 10 s (14.2)', async () => {
    const world = new TwoAgents();
    const [alices] = await world.session({ bobs: { onChange: () => new Promise(() => {}) } });
    void alices.reinvite({ headers: SDP, body: SECOND_OFFER });
    await world.clock.advance(50);
    // The session itself waits its turn; a client that doesn't:
    const second = alices.dialog.request('INVITE', { headers: SDP, body: SECOND_OFFER });
    const answer = world.alice.endpoint.request(second, {
      transport: 'udp',
      host: 'bob.example',
      port: 5060,
    });
    await world.clock.advance(50);
    const refused = await answer;
    expect(refused.status).toBe(500);
    expect(Number(header(refused, 'Retry-After'))).toBeLessThanOrEqual(10);
    world.close();
  });

  it('BYE while one is unanswered: 487 for it, the session is over (15.1.2)', async () => {
    const world = new TwoAgents();
    const [alices, bobs] = await world.session({ bobs: { onChange: () => new Promise(() => {}) } });
    const changed = alices.reinvite({ headers: SDP, body: SECOND_OFFER });
    await world.clock.advance(50);
    void alices.bye();
    await world.clock.advance(200);
    expect((await changed).status).toBe(481);
    expect(world.ladder()).toContain('B 487 INVITE');
    expect(bobs.isOver).toBe(true);
    await world.clock.advance(60_000);
    expect(world.close()).toEqual(NOTHING);
  });

  it('481 to it ends the session (12.2.1.2)', async () => {
    const world = new TwoAgents();
    const [alices] = await world.session();
    world.bob.agent.close();
    const changed = alices.reinvite({ headers: SDP, body: SECOND_OFFER });
    await world.clock.advance(200);
    expect((await changed).status).toBe(481);
    expect(await alices.ended).toMatchObject({ by: 'silence' });
    await world.clock.advance(60_000);
    expect(world.close()).toEqual(NOTHING);
  });
});

describe('session timers (RFC 4028, hazard R33)', () => {
  it('the client refreshes at half of the interval, by UPDATE where the server takes it; nothing ends', async () => {
    const world = new TwoAgents();
    const [alices, bobs] = await world.session({ sessionExpires: { seconds: 1800 } });
    expect(alices.interval).toEqual({ seconds: 1800, ours: true });
    expect(bobs.interval).toEqual({ seconds: 1800, ours: false });
    const success = world.wire.datagrams.find((d) => d.text.startsWith('SIP/2.0 200'))!.text;
    expect(success).toMatch(/Session-Expires: 1800;refresher=uac\r\n/);
    expect(success).toMatch(/Require: timer\r\n/);
    await world.clock.advance(4 * 3_600_000);
    const updates = world.wire.datagrams.filter((d) => d.text.startsWith('UPDATE'));
    expect(updates).toHaveLength(15);
    expect(updates[1]!.at - updates[0]!.at).toBeGreaterThanOrEqual(900_000);
    expect(updates[1]!.at - updates[0]!.at).toBeLessThan(901_000);
    expect(updates[0]!.text).toMatch(/Session-Expires: 1800;refresher=uac\r\n/);
    expect([alices.isOver, bobs.isOver]).toEqual([false, false]);
    expect(world.close()).toEqual(NOTHING);
  });

  it('the server refreshes when it is told to: by re-INVITE to a client without UPDATE', async () => {
    const world = new TwoAgents();
    const [alices, bobs] = await world.session({
      sessionExpires: { seconds: 600, refresher: 'uas' },
      headers: [...SDP, { name: 'Allow', value: 'INVITE, ACK, BYE, CANCEL' }],
    });
    expect(bobs.interval).toEqual({ seconds: 600, ours: true });
    await world.clock.advance(3_600_000);
    const refreshes = world.wire.datagrams.filter(
      (d) => d.from.startsWith('bob') && /^(INVITE|UPDATE)/.test(d.text),
    );
    expect(refreshes.length).toBeGreaterThanOrEqual(11);
    expect(refreshes.every((d) => d.text.startsWith('INVITE'))).toBe(true);
    // The roles are those of each transaction: now Bob is the client.
    expect(refreshes[0]!.text).toMatch(/Session-Expires: 600;refresher=uac\r\n/);
    expect([alices.isOver, bobs.isOver]).toEqual([false, false]);
    world.close();
  });

  it('without a refresh the other side ends the session, min(32 s, a third) before it expires (10)', async () => {
    const world = new TwoAgents();
    const [, bobs] = await world.session({ sessionExpires: { seconds: 90 } });
    const since = world.clock.now();
    world.wire.loses = (_index, text) => text.startsWith('UPDATE');
    await world.clock.advance(200_000);
    expect(await bobs.ended).toMatchObject({ by: 'silence' });
    const bye = world.wire.datagrams.find((d) => d.from.startsWith('bob') && d.text.startsWith('BYE'))!;
    expect(bye.at - since).toBeGreaterThan(59_000);
    expect(bye.at - since).toBeLessThan(60_001);
    await world.clock.advance(60_000);
    expect(world.close()).toEqual(NOTHING);
  });

  it('422 names the least interval, and the INVITE comes again with it, CSeq one higher (6)', async () => {
    const world = new TwoAgents({ bob: { sessionTimer: { minSe: 1200 } } });
    const [alices] = await world.session({ sessionExpires: { seconds: 600 } });
    expect(world.ladder().slice(0, 4)).toEqual(['A INVITE', 'B 422 INVITE', 'A ACK', 'A INVITE']);
    const [first, , , second] = world.wire.datagrams.map((d) => d.text);
    expect(second).toMatch(/Session-Expires: 1200\r\n/);
    expect(second).toMatch(/Min-SE: 1200\r\n/);
    expect(second).toMatch(/CSeq: 2 INVITE\r\n/);
    expect(/Call-ID: (.*)/.exec(second!)![1]).toBe(/Call-ID: (.*)/.exec(first!)![1]);
    expect(alices.interval?.seconds).toBe(1200);
    world.close();
  });

  it('a server may want one though the client asks for none, and then refreshes it if the client cannot', async () => {
    const world = new TwoAgents({ bob: { sessionTimer: { minSe: 90, wanted: 300 } } });
    const [alices, bobs] = await world.session();
    expect(bobs.interval).toEqual({ seconds: 300, ours: false });
    expect(alices.interval).toEqual({ seconds: 300, ours: true });
    world.close();
  });

  it.each([
    ['Session-Expires', 'soon'],
    ['Min-SE', '-1'],
  ])('a %s that is no number is answered 400', async (name, value) => {
    const world = new TwoAgents();
    const headers = [{ name: 'Session-Expires', value: '600' }].filter((h) => h.name !== name);
    const call = world.invite({ headers: [...SDP, ...headers, { name, value }] });
    await world.clock.advance(100);
    expect(await call.outcome).toMatchObject({ kind: 'refused', response: { status: 400 } });
    world.close();
  });
});

describe('reliable provisional responses (RFC 3262)', () => {
  it('are repeated until PRACK, numbered in a row; a second waits for the PRACK of the first', async () => {
    const world = new TwoAgents();
    const seen: number[] = [];
    const call = world.invite({ onProvisional: ({ status }) => seen.push(status) });
    await world.clock.advance(50);
    let pracks = 0;
    world.wire.loses = (_index, text) => text.startsWith('SIP/2.0 183') && pracks++ === 0;
    const [incoming] = world.bob.calls;
    incoming!.progress(183, { headers: SDP, body: ANSWER, reliable: true });
    incoming!.progress(180, { reliable: true });
    await world.clock.advance(2000);
    expect(seen).toEqual([183, 180]);
    const text = (start: string) =>
      world.wire.datagrams.filter((d) => d.text.startsWith(start)).map((d) => d.text);
    const rseq = (message: string) => Number(/RSeq: (\d+)/.exec(message)![1]);
    expect(text('SIP/2.0 183')).toHaveLength(2);
    expect(rseq(text('SIP/2.0 180')[0]!)).toBe(rseq(text('SIP/2.0 183')[0]!) + 1);
    expect(text('PRACK').map((prack) => /RAck: (.*)\r/.exec(prack)![1])).toEqual([
      `${rseq(text('SIP/2.0 183')[0]!)} 1 INVITE`,
      `${rseq(text('SIP/2.0 180')[0]!)} 1 INVITE`,
    ]);
    incoming!.accept({});
    await world.clock.advance(100);
    expect(await call.outcome).toMatchObject({ kind: 'answered' });
    await world.clock.advance(60_000);
    expect(world.close()).toEqual(NOTHING);
  });

  it('a client that requires them gets no other; the 200 waits for the PRACK', async () => {
    const world = new TwoAgents();
    const call = world.invite({ headers: [...SDP, { name: 'Require', value: '100rel' }] });
    await world.clock.advance(50);
    world.wire.loses = (_index, text) => text.startsWith('PRACK') && world.clock.now() < 1500;
    world.bob.calls[0]!.progress(183, { headers: SDP, body: ANSWER });
    world.bob.calls[0]!.accept({});
    await world.clock.advance(1400);
    expect(world.ladder()).not.toContain('B 200 INVITE');
    await world.clock.advance(3000);
    expect(await call.outcome).toMatchObject({ kind: 'answered' });
    world.close();
  });

  it('without a PRACK for 64*T1 the INVITE is refused with a 5xx (3)', async () => {
    const world = new TwoAgents();
    const call = world.invite();
    await world.clock.advance(50);
    world.wire.loses = (_index, text) => text.startsWith('PRACK');
    world.bob.calls[0]!.progress(183, { reliable: true });
    await world.clock.advance(33_000);
    expect(await call.outcome).toMatchObject({ kind: 'refused', response: { status: 504 } });
    await world.clock.advance(60_000);
    expect(world.close()).toEqual(NOTHING);
  });
});
