import { describe, expect, it } from 'vitest';
import { header } from '../../stack/rcs/sip/headers.ts';
import type { SipHeader } from '../../stack/rcs/sip/message.ts';
import { type IncomingReferral, readProgress, receiveRefer, refer } from '../../stack/rcs/sip/refer.ts';
import { bytes, TwoAgents } from './support/two-agents.ts';

const BOB = { transport: 'udp', host: 'bob.example', port: 5060 } as const;

class Referring {
  readonly came: IncomingReferral[] = [];
  readonly progress: number[] = [];
  readonly world = new TwoAgents({
    bob: {
      onOther: (incoming) => {
        const referral = receiveRefer(this.world.bob.agent.core, incoming);
        if (referral !== undefined) this.came.push(referral);
      },
    },
  });

  send(headers: readonly SipHeader[], withoutSubscription = false) {
    const { core } = this.world.alice.agent;
    const address = { uri: 'sip:bob@bob.example', from: '<sip:alice@alice.example>' };
    const request = this.world.alice.agent.request('REFER', address, { headers });
    const onProgress = ({ status }: { status: number }) => void this.progress.push(status);
    return refer(core, { request, target: BOB, withoutSubscription, onProgress });
  }
}

const REFER_TO = { name: 'Refer-To', value: '<tel:+999900200002>' };

describe('REFER (RFC 3515)', () => {
  it('202, then NOTIFYs with the status lines of what it led to; a final one is the last', async () => {
    const referring = new Referring();
    const { clock } = referring.world;
    const { answered, subscription } = referring.send([REFER_TO]);
    await clock.advance(50);
    expect(referring.came[0]!.referTo.uri).toBe('tel:+999900200002');
    const { progress } = referring.came[0]!.accept();
    await clock.advance(50);
    progress(180);
    await clock.advance(50);
    progress(200);
    await clock.advance(50);
    expect((await answered).status).toBe(202);
    expect(referring.progress).toEqual([100, 180, 200]);
    expect(await subscription!.ended).toMatchObject({ state: { phase: 'terminated', reason: 'noresource' } });
    expect(referring.world.dialogs).toBe(0);
    await clock.advance(60_000);
    expect(referring.world.close()).toEqual({ dialogs: 0, timers: 0 });
  });

  it('Refer-Sub: false with norefersub: 200 and no subscription (RFC 4488)', async () => {
    const referring = new Referring();
    const { answered } = referring.send([REFER_TO], true);
    await referring.world.clock.advance(50);
    referring.came[0]!.accept().progress(200);
    await referring.world.clock.advance(200);
    expect(await answered).toMatchObject({ status: 200 });
    expect(header(await answered, 'Refer-Sub')).toBe('false');
    expect(referring.world.ladder()).toEqual(['A REFER', 'B 200 REFER']);
    expect(referring.world.close()).toEqual({ dialogs: 0, timers: 0 });
  });

  it.each([
    ['none', []],
    ['two', [REFER_TO, REFER_TO]],
  ])('%s Refer-To: 400 (2.4.2)', async (_, headers) => {
    const referring = new Referring();
    const { answered } = referring.send(headers);
    await referring.world.clock.advance(100);
    expect((await answered).status).toBe(400);
    expect(referring.world.close()).toEqual({ dialogs: 0, timers: 0 });
  });

  it('within a session shares its dialog: each lives on when the other ends (RFC 5057)', async () => {
    const world = new TwoAgents();
    const seen: number[] = [];
    let progress: ((status: number) => void) | undefined;
    const [alices, bobs] = await world.session({
      bobs: {
        onRequest: (incoming) => {
          progress = receiveRefer(world.bob.agent.core, incoming, bobs.dialog)?.accept().progress;
        },
      },
    });
    const request = alices.dialog.request('REFER', { headers: [REFER_TO] });
    const { subscription } = refer(world.alice.agent.core, {
      request,
      target: BOB,
      dialog: alices.dialog,
      onProgress: ({ status }) => seen.push(status),
    });
    await world.clock.advance(100);
    void alices.bye();
    await world.clock.advance(100);
    expect(world.dialogs).toBe(2);
    progress!(603);
    await world.clock.advance(100);
    expect(seen).toEqual([100, 603]);
    expect(subscription!.isOver).toBe(true);
    expect(world.dialogs).toBe(0);
    world.close();
  });

  it('a sipfrag begins with a status line, or says nothing', () => {
    expect(readProgress(bytes('SIP/2.0 603 Declined\r\nTo: <sip:x@y>\r\n'))).toEqual({
      status: 603,
      reason: 'Declined',
    });
    expect(readProgress(bytes('SIP/2.0 100'))).toEqual({ status: 100, reason: '' });
    for (const text of ['', 'INVITE sip:a@b SIP/2.0', 'SIP/2.0 700 No', 'SIP/2.0 2000 x']) {
      expect(readProgress(bytes(text))).toBeUndefined();
    }
  });
});
