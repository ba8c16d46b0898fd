import { describe, expect, it } from 'vitest';
import { header, headerValues } from '../../stack/rcs/sip/headers.ts';
import { ANSWER, bytes, OFFER, sessionOf, TwoAgents } from './support/two-agents.ts';

const SDP = [{ name: 'Content-Type', value: 'application/sdp' }];
const NOTHING = { dialogs: 0, timers: 0 };

describe('RFC 3665 3.1: a session that is established and ended', () => {
  it('INVITE, 180, 200, ACK, BYE, 200; each side sees the body of the other', async () => {
    const world = new TwoAgents();
    const seen: number[] = [];
    const call = world.invite({ onProvisional: ({ status }) => seen.push(status) });
    await world.clock.advance(50);
    const [incoming] = world.bob.calls;
    expect(incoming!.request.body).toEqual(OFFER);
    incoming!.progress(180);
    await world.clock.advance(50);
    const bobs = incoming!.accept({ headers: SDP, body: ANSWER });
    await world.clock.advance(50);
    const outcome = await call.outcome;
    expect(outcome).toMatchObject({ kind: 'answered', response: { body: ANSWER } });
    await bobs.confirmed;
    expect(seen).toEqual([180]);
    const answered = sessionOf(outcome).bye();
    await world.clock.advance(50);
    expect((await answered).status).toBe(200);
    expect(await bobs.ended).toMatchObject({ by: 'remote', why: 'BYE' });
    expect(world.ladder()).toEqual([
      'A INVITE',
      'B 180 INVITE',
      'B 200 INVITE',
      'A ACK',
      'A BYE',
      'B 200 BYE',
    ]);
    expect(world.dialogs).toBe(0);
    await world.clock.advance(60_000);
    expect(world.close()).toEqual(NOTHING);
  });

  it('the called side ends it, but not before the ACK (RFC 3261 15)', async () => {
    const world = new TwoAgents();
    let acks = 0;
    world.wire.loses = (_index, text) => text.startsWith('ACK') && acks++ < 2;
    const [alices, bobs] = await world.session();
    const answered = bobs.bye([{ name: 'Reason', value: 'SIP;cause=200' }]);
    await world.clock.advance(3000);
    expect((await answered).status).toBe(200);
    const end = await alices.ended;
    expect(header(end.request!, 'Reason')).toBe('SIP;cause=200');
    expect(world.ladder()).toEqual([
      'A INVITE',
      'B 200 INVITE',
      'A ACK (lost)',
      'B 200 INVITE',
      'A ACK (lost)',
      'B 200 INVITE',
      'A ACK',
      'B BYE',
      'A 200 BYE',
    ]);
    await world.clock.advance(60_000);
    expect(world.close()).toEqual(NOTHING);
  });
});

describe('a 2xx to INVITE (RFC 3261 13.3.1.4)', () => {
  it('is repeated T1, doubling to T2, and without any ACK the session ends with BYE after 64*T1', async () => {
    const world = new TwoAgents();
    world.wire.loses = (_index, text) => text.startsWith('ACK');
    const [alices, bobs] = await world.session();
    const started = world.wire.datagrams.find((d) => d.text.startsWith('SIP/2.0 200'))!.at;
    await world.clock.advance(33_000);
    const successes = world.wire.datagrams.filter(
      (d) => d.text.startsWith('SIP/2.0 200') && d.text.includes('INVITE'),
    );
    expect(successes.map((d) => d.at - started)).toEqual([
      0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500,
    ]);
    const acks = world.wire.datagrams.filter((d) => d.text.startsWith('ACK')).map((d) => d.text);
    expect(acks.length).toBe(successes.length);
    expect(new Set(acks.map((text) => /CSeq: (.*)/.exec(text)![1]))).toEqual(new Set(['1 ACK']));
    expect(await bobs.ended).toMatchObject({ by: 'silence', why: 'no ACK for the 2xx' });
    expect(await alices.ended).toMatchObject({ by: 'remote' });
    expect(world.deviations).toContain('bob: no ACK for a 2xx to INVITE');
    await world.clock.advance(60_000);
    expect(world.close()).toEqual(NOTHING);
  });

  it('of a second branch of a fork is acknowledged and ended; the first stays (13.2.2.4)', async () => {
    const world = new TwoAgents();
    const carol = world.add('carol');
    const call = world.invite();
    await world.clock.advance(20);
    const invite = world.wire.datagrams[0]!.text;
    // A proxy that forks: Carol gets the same INVITE, with her own branch on top.
    const via = 'Via: SIP/2.0/UDP fork.example:5060;branch=z9hG4bKfork';
    const forked = invite.replace('\r\n', `\r\n${via}\r\n`);
    const proxy = world.wire.host('fork.example').datagram(5060);
    proxy.onMessage = (_from, response) => {
      const text = new TextDecoder().decode(response).replace(/Via: .*fork.*\r\n/, '');
      proxy.send({ host: 'alice.example', port: 5060 }, bytes(text));
    };
    proxy.send({ host: 'carol.example', port: 5060 }, bytes(forked));
    await world.clock.advance(20);
    world.bob.calls[0]!.progress(180);
    carol.calls[0]!.progress(180);
    await world.clock.advance(50);
    expect(world.alice.agent.core.dialogs.size).toBe(2);
    const bobs = world.bob.calls[0]!.accept({ headers: SDP, body: ANSWER });
    const carols = carol.calls[0]!.accept({ headers: SDP, body: ANSWER });
    await world.clock.advance(200);
    const session = sessionOf(await call.outcome);
    expect(await carols.ended).toMatchObject({ by: 'remote' });
    expect(bobs.isOver).toBe(false);
    expect(session.isOver).toBe(false);
    await world.clock.advance(60_000);
    expect(world.dialogs).toBe(2);
    expect(world.close()).toEqual(NOTHING);
  });
});

describe('refusals (RFC 3665 3.9 to 3.11)', () => {
  it.each([302, 404, 480, 486, 488, 503, 603])(
    '%i ends the call, and the early dialogs with it',
    async (status) => {
      const world = new TwoAgents();
      const call = world.invite();
      await world.clock.advance(50);
      world.bob.calls[0]!.progress(180);
      await world.clock.advance(50);
      expect(world.dialogs).toBe(2);
      world.bob.calls[0]!.reject(status, { headers: [{ name: 'Warning', value: '399 b "no"' }] });
      await world.clock.advance(50);
      const outcome = await call.outcome;
      expect(outcome).toMatchObject({ kind: 'refused', response: { status } });
      expect(world.dialogs).toBe(0);
      await world.clock.advance(60_000);
      expect(world.close()).toEqual(NOTHING);
    },
  );

  it('nobody answers: a local 408 (RFC 3665 3.11)', async () => {
    const world = new TwoAgents();
    world.wire.loses = () => true;
    const call = world.invite();
    await world.clock.advance(33_000);
    expect(await call.outcome).toMatchObject({ kind: 'refused', response: { status: 408, local: true } });
    expect(world.close()).toEqual(NOTHING);
  });

  it('a call that nobody says anything to is refused after three minutes, an Expires of INVITE ends it earlier', async () => {
    const world = new TwoAgents();
    const call = world.invite({ answerWithinMs: 400_000 });
    const brief = world.invite({ headers: [...SDP, { name: 'Expires', value: '5' }] });
    await world.clock.advance(5100);
    expect(await brief.outcome).toMatchObject({ kind: 'refused', response: { status: 487 } });
    await world.clock.advance(180_000);
    expect(await call.outcome).toMatchObject({ kind: 'refused', response: { status: 480 } });
    await world.clock.advance(60_000);
    expect(world.close()).toEqual(NOTHING);
  });

  it('what an INVITE requires and nobody knows is answered 420 with the list (8.2.2.3)', async () => {
    const world = new TwoAgents();
    const call = world.invite({ headers: [{ name: 'Require', value: '100rel, teleport, timer' }] });
    await world.clock.advance(50);
    const outcome = await call.outcome;
    if (outcome.kind !== 'refused') throw new Error(outcome.kind);
    expect(outcome.response.status).toBe(420);
    expect(headerValues(outcome.response, 'Unsupported')).toEqual(['teleport']);
    expect(world.bob.calls).toHaveLength(0);
  });

  it('the same INVITE by another branch while the first waits is merged: 482 (8.2.2.2)', async () => {
    const world = new TwoAgents();
    world.invite();
    await world.clock.advance(20);
    const proxy = world.wire.host('fork.example').datagram(5060);
    const via = 'Via: SIP/2.0/UDP fork.example:5060;branch=z9hG4bKother';
    proxy.send(
      { host: 'bob.example', port: 5060 },
      bytes(world.wire.datagrams[0]!.text.replace('\r\n', `\r\n${via}\r\n`)),
    );
    await world.clock.advance(50);
    expect(world.ladder()).toContain('B 482 INVITE');
    expect(world.bob.calls).toHaveLength(1);
  });
});

describe('CANCEL (RFC 3261 9, RFC 3665 3.8)', () => {
  it('CANCEL, 200, 487, ACK: both sides forget the call', async () => {
    const world = new TwoAgents();
    let told = 0;
    const call = world.invite();
    await world.clock.advance(20);
    world.bob.calls[0]!.onCancelled = () => {
      told += 1;
    };
    world.bob.calls[0]!.progress(180);
    await world.clock.advance(20);
    call.cancel([{ name: 'Reason', value: 'SIP;cause=200' }]);
    await world.clock.advance(100);
    expect(await call.outcome).toEqual({ kind: 'cancelled' });
    expect(told).toBe(1);
    expect(world.ladder()).toEqual([
      'A INVITE',
      'B 180 INVITE',
      'A CANCEL',
      'B 200 CANCEL',
      'B 487 INVITE',
      'A ACK',
    ]);
    const branch = (index: number) => /branch=([^;\r]+)/.exec(world.wire.datagrams[index]!.text)![1];
    expect(branch(2)).toBe(branch(0));
    expect(branch(5)).toBe(branch(0));
    await world.clock.advance(60_000);
    expect(world.close()).toEqual(NOTHING);
  });

  it('waits for a provisional response (9.1)', async () => {
    const world = new TwoAgents();
    const call = world.invite();
    call.cancel();
    await world.clock.advance(150);
    expect(world.ladder()).toEqual(['A INVITE']);
    // The transaction itself says 100 after 200 ms.
    await world.clock.advance(300);
    expect(world.ladder()).toEqual([
      'A INVITE',
      'B 100 INVITE',
      'A CANCEL',
      'B 200 CANCEL',
      'B 487 INVITE',
      'A ACK',
    ]);
    expect(await call.outcome).toEqual({ kind: 'cancelled' });
  });

  it('that crosses the 200: ACK, then BYE, no session on either side (hazard R07)', async () => {
    const world = new TwoAgents();
    const call = world.invite();
    await world.clock.advance(20);
    world.bob.calls[0]!.progress(180);
    await world.clock.advance(20);
    const bobs = world.bob.calls[0]!.accept({ headers: SDP, body: ANSWER });
    call.cancel();
    await world.clock.advance(200);
    expect(await call.outcome).toEqual({ kind: 'cancelled' });
    expect(await bobs.ended).toMatchObject({ by: 'remote' });
    expect(world.ladder().slice(2)).toEqual([
      'B 200 INVITE',
      'A CANCEL',
      'A ACK',
      'A BYE',
      'B 200 CANCEL',
      'B 200 BYE',
    ]);
    expect(world.dialogs).toBe(0);
    await world.clock.advance(60_000);
    expect(world.close()).toEqual(NOTHING);
  });

  it('of a server that keeps silent: the call counts as cancelled after 64*T1', async () => {
    const world = new TwoAgents();
    const call = world.invite();
    await world.clock.advance(20);
    world.bob.calls[0]!.progress(180);
    await world.clock.advance(20);
    world.wire.loses = () => true;
    call.cancel();
    await world.clock.advance(33_000);
    expect(await call.outcome).toEqual({ kind: 'cancelled' });
    expect(world.alice.agent.core.dialogs.size).toBe(0);
    world.close();
  });

  it('of nothing is answered 481', async () => {
    const world = new TwoAgents();
    const cancel = world.alice.agent.request('CANCEL', {
      uri: 'sip:bob@bob.example',
      from: '<sip:a@alice.example>',
    });
    const answer = world.alice.endpoint.request(cancel, {
      transport: 'udp',
      host: 'bob.example',
      port: 5060,
    });
    await world.clock.advance(100);
    expect((await answer).status).toBe(481);
  });
});
