import { afterEach, describe, expect, test } from 'vitest';
import { headerValues } from '../../stack/rcs/sip/headers.ts';
import { sessionOf } from '../sip/support/two-agents.ts';
import { agentOn } from './agent-phone.ts';
import { ALICE, AMY, type Bench, BOB, openBench } from './bench.ts';

let bench: Bench;
afterEach(() => bench.close());

const SDP = [{ name: 'Content-Type', value: 'application/sdp' }];
const OFFER = new TextEncoder().encode('offer');
const ANSWER = new TextEncoder().encode('answer');

async function two(peer: typeof BOB, transport: 'tls' | 'udp' = 'tls') {
  bench = openBench();
  const alice = bench.phone(ALICE, { transport });
  const other = bench.phone(peer, { transport });
  await bench.run(alice.register());
  await bench.run(other.register());
  const caller = agentOn(bench, alice, 'alice');
  const callee = agentOn(bench, other, 'other');
  const invite = () =>
    caller.agent.invite({
      uri: `tel:${peer.msisdn}`,
      from: `<tel:${ALICE.msisdn}>`,
      headers: [...SDP, { name: 'P-Asserted-Identity', value: '<tel:+999001666666>' }],
      body: OFFER,
    });
  return { alice, other, caller, callee, invite };
}

describe('a session through the carriers (RFC 3261 16, RFC 5626 5)', () => {
  test.each([
    ['in one network over TLS', AMY, 'tls'],
    ['over the interconnect over TLS', BOB, 'tls'],
    ['over the interconnect over UDP', BOB, 'udp'],
  ] as const)(
    '%s: INVITE, 180, 200, ACK, UPDATE and BYE both ways find their way',
    async (_, peer, transport) => {
      const { caller, callee, invite } = await two(peer, transport);
      const call = invite();
      await bench.until(() => callee.calls.length > 0);
      const [incoming] = callee.calls;
      expect(incoming!.request.body).toEqual(OFFER);
      // The network says who calls, and nobody else.
      expect(headerValues(incoming!.request, 'P-Asserted-Identity')).toHaveLength(2);
      expect(headerValues(incoming!.request, 'P-Asserted-Identity')[1]).toBe(`<tel:${ALICE.msisdn}>`);
      expect(headerValues(incoming!.request, 'P-Called-Party-ID')).toEqual([`<tel:${peer.msisdn}>`]);
      incoming!.progress(180);
      const theirs = incoming!.accept({ headers: SDP, body: ANSWER });
      const outcome = await bench.run(call.outcome);
      expect(outcome).toMatchObject({ kind: 'answered', response: { body: ANSWER } });
      await bench.run(theirs.confirmed);
      const mine = sessionOf(outcome);
      expect((await bench.run(theirs.update())).status).toBe(200);
      expect((await bench.run(mine.update())).status).toBe(200);
      expect((await bench.run(theirs.bye())).status).toBe(200);
      expect(await bench.run(mine.ended)).toMatchObject({ by: 'remote' });
      expect(caller.agent.core.dialogs.size + callee.agent.core.dialogs.size).toBe(0);
    },
  );

  test.each([
    ['in one network', AMY],
    ['over the interconnect', BOB],
  ] as const)('%s: CANCEL reaches the phone that rings; 487 comes back', async (_, peer) => {
    const { callee, invite } = await two(peer);
    const call = invite();
    await bench.until(() => callee.calls.length > 0);
    let cancelled = false;
    callee.calls[0]!.onCancelled = () => {
      cancelled = true;
    };
    callee.calls[0]!.progress(180);
    await bench.until(() => false, 200);
    call.cancel();
    expect(await bench.run(call.outcome)).toEqual({ kind: 'cancelled' });
    expect(cancelled).toBe(true);
  });

  test.each([
    ['refuses: its answer comes back', BOB, 'registered', 486],
    ['is not registered: 480, or 404 for whom nobody knows', AMY, 'never', 404],
    ['was registered: 480', AMY, 'gone', 480],
  ] as const)('a callee who %s', async (_, peer, state, status) => {
    bench = openBench();
    const alice = bench.phone(ALICE);
    await bench.run(alice.register());
    const caller = agentOn(bench, alice, 'alice');
    if (state !== 'never') {
      const other = bench.phone(peer);
      await bench.run(other.register());
      agentOn(bench, other, 'other', (call) => call.reject(486));
      if (state === 'gone') await bench.run(other.register(0));
    }
    const call = caller.agent.invite({
      uri: `tel:${peer.msisdn}`,
      from: `<tel:${ALICE.msisdn}>`,
      body: OFFER,
    });
    expect(await bench.run(call.outcome)).toMatchObject({ kind: 'refused', response: { status } });
  });

  test('two devices of one user: 486 of one does not hide the other that answers (hazard R06)', async () => {
    const { caller, other } = await two(BOB);
    agentOn(bench, other, 'busy', (call) => call.reject(486));
    const second = bench.phone(BOB, { instance: 'urn:uuid:0f6e6d2a-6a51-4e0b-9d0e-6a0f1c7b0002' });
    await bench.run(second.register());
    agentOn(bench, second, 'free', (call) => {
      call.progress(180);
      bench.clock.setTimer(2_000, () => call.accept({ headers: SDP, body: ANSWER }));
    });
    const call = caller.agent.invite({
      uri: `tel:${BOB.msisdn}`,
      from: `<tel:${ALICE.msisdn}>`,
      body: OFFER,
    });
    expect(await bench.run(call.outcome)).toMatchObject({ kind: 'answered' });
  });

  test('two devices ring, one answers: the other is cancelled', async () => {
    const { caller, other } = await two(BOB);
    let cancelled = false;
    agentOn(bench, other, 'slow', (call) => {
      call.progress(180);
      call.onCancelled = () => {
        cancelled = true;
      };
    });
    const second = bench.phone(BOB, { instance: 'urn:uuid:0f6e6d2a-6a51-4e0b-9d0e-6a0f1c7b0002' });
    await bench.run(second.register());
    agentOn(bench, second, 'fast', (call) => bench.clock.setTimer(1_000, () => call.accept({})));
    const call = caller.agent.invite({
      uri: `tel:${BOB.msisdn}`,
      from: `<tel:${ALICE.msisdn}>`,
      body: OFFER,
    });
    expect(await bench.run(call.outcome)).toMatchObject({ kind: 'answered' });
    expect(await bench.until(() => cancelled, 5_000)).toBe(true);
  });

  test('a phone cannot route through the edge to where it likes', async () => {
    const { alice } = await two(BOB);
    const answer = await bench.run(
      alice.request('BYE', 'sip:victim@smsc.example:9999;transport=tcp', [
        { name: 'To', value: '<sip:victim@smsc.example>;tag=1' },
        { name: 'Route', value: '<sip:elsewhere.example;lr>' },
      ]),
    );
    expect(answer.status).toBe(403);
  });

  test('a request for a flow that is gone is answered 430 (RFC 5626 5.3.1)', async () => {
    const { alice, callee, invite } = await two(BOB);
    const call = invite();
    await bench.until(() => callee.calls.length > 0);
    const theirs = callee.calls[0]!.accept({ headers: SDP, body: ANSWER });
    await bench.run(call.outcome);
    await bench.run(theirs.confirmed);
    alice.vanish();
    await bench.until(() => false, 1_000);
    expect((await bench.run(theirs.request('INFO'))).status).toBe(430);
  });
});
