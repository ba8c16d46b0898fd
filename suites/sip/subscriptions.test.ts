import { describe, expect, it } from 'vitest';
import { parseEvent, parseSubscriptionState, resubscribeAfter } from '../../stack/rcs/sip/event-header.ts';
import { header } from '../../stack/rcs/sip/headers.ts';
import { type EventPackage, Notifier } from '../../stack/rcs/sip/notifier.ts';
import { SipParseError } from '../../stack/rcs/sip/parse-error.ts';
import type { ServerSubscription } from '../../stack/rcs/sip/server-subscription.ts';
import type { Notification } from '../../stack/rcs/sip/subscription.ts';
import type { SubscribeOptions } from '../../stack/rcs/sip/user-agent.ts';
import { bytes, TwoAgents } from './support/two-agents.ts';

const NOTHING = { dialogs: 0, timers: 0 };

class Presence {
  readonly world: TwoAgents;
  readonly notifier: Notifier;
  readonly open: ServerSubscription[] = [];
  readonly seen: Notification[] = [];
  state = 'open';

  constructor(options: Partial<EventPackage> & { readonly phase?: 'pending'; readonly most?: number } = {}) {
    this.world = new TwoAgents({ bob: { onOther: (incoming) => this.notifier.receive(incoming) } });
    this.notifier = new Notifier(this.world.bob.agent.core, {
      ...(options.most && { most: options.most }),
      packages: [
        {
          event: 'presence',
          contentTypes: ['application/pidf+xml'],
          expires: { least: 60, most: 3600, usual: 600 },
          decide: () => ({
            kind: 'taken',
            ...(options.phase && { phase: options.phase }),
            content: () => ({
              headers: [{ name: 'Content-Type', value: 'application/pidf+xml' }],
              body: bytes(this.state),
            }),
            onOpened: (subscription) => void this.open.push(subscription),
          }),
          ...options,
        },
      ],
    });
  }

  subscribe(more: Partial<SubscribeOptions> = {}) {
    return this.world.alice.agent.subscribe({
      uri: 'sip:bob@bob.example',
      from: '<sip:alice@alice.example>',
      event: 'presence',
      expires: 600,
      headers: [{ name: 'Accept', value: 'application/pidf+xml' }],
      onNotify: (notification) => {
        this.seen.push(notification);
        return undefined;
      },
      ...more,
    });
  }

  get bodies(): string[] {
    return this.seen.map(({ request }) => new TextDecoder().decode(request.body));
  }

  get phases(): string[] {
    return this.seen.map(({ state }) => state.phase + (state.reason ? ` ${state.reason}` : ''));
  }
}

describe('SUBSCRIBE and NOTIFY (RFC 6665)', () => {
  it('a NOTIFY at once, another with each change, the last when it is given up (4.2.1.4, 4.1.2.3)', async () => {
    const presence = new Presence();
    const { clock } = presence.world;
    const subscription = presence.subscribe();
    await clock.advance(100);
    presence.state = 'busy';
    presence.open[0]!.changed();
    await clock.advance(100);
    const ended = subscription.unsubscribe();
    await clock.advance(100);
    expect(await ended).toMatchObject({ kind: 'terminated', state: { reason: 'timeout' } });
    expect(presence.bodies).toEqual(['open', 'busy', 'busy']);
    expect(presence.phases).toEqual(['active', 'active', 'terminated timeout']);
    expect(presence.world.dialogs).toBe(0);
    await clock.advance(60_000);
    expect(presence.world.close()).toEqual(NOTHING);
  });

  it('changes while a NOTIFY is unanswered go out together in the next', async () => {
    const presence = new Presence();
    presence.subscribe();
    await presence.world.clock.advance(100);
    for (const state of ['a', 'b', 'c']) {
      presence.state = state;
      presence.open[0]!.changed();
    }
    await presence.world.clock.advance(100);
    expect(presence.bodies).toEqual(['open', 'a', 'c']);
    presence.world.close();
  });

  it('is refreshed before it ends: 600 s before, or at half of a short one', async () => {
    const presence = new Presence();
    const subscription = presence.subscribe({ expires: 3000 });
    await presence.world.clock.advance(4 * 3_600_000);
    expect(subscription.isOver).toBe(false);
    const asked = presence.world.wire.datagrams.filter((d) => d.text.startsWith('SUBSCRIBE'));
    expect(asked[1]!.at - asked[0]!.at).toBeGreaterThanOrEqual(2_400_000);
    expect(asked[1]!.at - asked[0]!.at).toBeLessThan(2_401_000);
    expect(asked).toHaveLength(6);
    presence.world.close();
  });

  it('that is not refreshed ends with a NOTIFY that says timeout (4.2.1.4)', async () => {
    const presence = new Presence();
    presence.world.wire.loses = (_index, text) => text.startsWith('SUBSCRIBE') && presence.seen.length > 0;
    const subscription = presence.subscribe({ expires: 60 });
    await presence.world.clock.advance(100_000);
    expect(await subscription.ended).toMatchObject({ kind: expect.stringMatching(/terminated|silence/) });
    expect(presence.notifier.open).toEqual([]);
    expect(presence.world.dialogs).toBe(0);
    presence.world.close();
  });

  it('Expires: 0 fetches once: one NOTIFY, terminated (4.4.3)', async () => {
    const presence = new Presence();
    const subscription = presence.subscribe({ expires: 0 });
    await presence.world.clock.advance(100);
    expect(await subscription.ended).toMatchObject({ kind: 'terminated' });
    expect(presence.bodies).toEqual(['open']);
    expect(presence.world.ladder()).toEqual(['A SUBSCRIBE', 'B 200 SUBSCRIBE', 'B NOTIFY', 'A 200 NOTIFY']);
    await presence.world.clock.advance(60_000);
    expect(presence.world.close()).toEqual(NOTHING);
  });

  it('a NOTIFY that overtakes the 200 makes the dialog (hazard R20)', async () => {
    const presence = new Presence();
    presence.world.wire.loses = (index) => index === 1;
    const subscription = presence.subscribe();
    await presence.world.clock.advance(100);
    expect(presence.world.ladder()).toEqual([
      'A SUBSCRIBE',
      'B 200 SUBSCRIBE (lost)',
      'B NOTIFY',
      'A 200 NOTIFY',
    ]);
    expect(presence.bodies).toEqual(['open']);
    await presence.world.clock.advance(2000);
    expect(subscription.isOver).toBe(false);
    expect(presence.world.alice.agent.core.dialogs.size).toBe(1);
    presence.world.close();
  });

  it('without any NOTIFY it has failed after 64*T1, Timer N (4.1.2.4, hazard R19)', async () => {
    const presence = new Presence();
    presence.world.wire.loses = (_index, text) => text.startsWith('NOTIFY');
    const subscription = presence.subscribe();
    await presence.world.clock.advance(33_000);
    expect(await subscription.ended).toEqual({ kind: 'silence', why: 'no NOTIFY (Timer N)' });
    // The notifier gives it up as well: nobody answered.
    expect(presence.notifier.open).toEqual([]);
    await presence.world.clock.advance(60_000);
    expect(presence.world.close()).toEqual(NOTHING);
  });

  it('a notifier whose NOTIFY is answered 481 forgets the subscriber (4.2.2)', async () => {
    const presence = new Presence();
    presence.subscribe();
    await presence.world.clock.advance(100);
    presence.world.alice.agent.close();
    presence.open[0]!.changed();
    await presence.world.clock.advance(100);
    expect(presence.world.ladder().at(-1)).toBe('A 481 NOTIFY');
    expect(presence.notifier.open).toEqual([]);
    presence.world.close();
  });

  it('a refresh that is answered 481 ends it for the subscriber (4.1.2.2)', async () => {
    const presence = new Presence();
    const subscription = presence.subscribe();
    await presence.world.clock.advance(100);
    presence.world.bob.agent.close();
    void subscription.refresh();
    await presence.world.clock.advance(100);
    expect(await subscription.ended).toMatchObject({ kind: 'silence' });
    presence.world.close();
  });

  it('pending says nothing but that; once allowed it is active with the state (4.1.3)', async () => {
    const presence = new Presence({ phase: 'pending' });
    presence.subscribe();
    await presence.world.clock.advance(100);
    presence.open[0]!.activate();
    await presence.world.clock.advance(100);
    expect(presence.phases).toEqual(['pending', 'active']);
    expect(presence.bodies).toEqual(['', 'open']);
    presence.open[0]!.terminate('probation', 30);
    await presence.world.clock.advance(100);
    expect(presence.seen.at(-1)!.state).toEqual({ phase: 'terminated', reason: 'probation', retryAfter: 30 });
    presence.world.close();
  });

  it.each([
    ['489 for a package nobody serves', { event: 'dialog' }, 489, 'Allow-Events', 'presence'],
    [
      '406 when no body it can send is accepted',
      { headers: [{ name: 'Accept', value: 'text/plain' }] },
      406,
      '',
      '',
    ],
  ])('%s', async (_, options, status, name, value) => {
    const presence = new Presence();
    const subscription = presence.subscribe(options);
    await presence.world.clock.advance(100);
    const end = await subscription.ended;
    if (end.kind !== 'refused') throw new Error(end.kind);
    expect(end.response.status).toBe(status);
    if (name) expect(header(end.response, name)).toBe(value);
    expect(presence.world.close()).toEqual(NOTHING);
  });

  it('423 names the least, and the subscriber asks for that', async () => {
    const presence = new Presence();
    const subscription = presence.subscribe({ expires: 5 });
    await presence.world.clock.advance(100);
    expect(subscription.isOver).toBe(false);
    const asked = presence.world.wire.datagrams
      .filter((d) => d.text.startsWith('SUBSCRIBE'))
      .map((d) => d.text);
    expect(asked.map((text) => /Expires: (\d+)/.exec(text)![1])).toEqual(['5', '60']);
    presence.world.close();
  });

  it('beyond the bound of the notifier is refused 503 with Retry-After', async () => {
    const presence = new Presence({ most: 1 });
    const first = presence.subscribe();
    const second = presence.subscribe();
    await presence.world.clock.advance(100);
    expect(first.isOver).toBe(false);
    const end = await second.ended;
    if (end.kind !== 'refused') throw new Error(end.kind);
    expect([end.response.status, header(end.response, 'Retry-After')]).toEqual([503, '60']);
    presence.world.close();
  });
});

describe('Event and Subscription-State', () => {
  it('are read with their parameters', () => {
    expect(parseEvent('presence.winfo;id=7')).toEqual({ name: 'presence.winfo', id: '7' });
    expect(parseSubscriptionState('Terminated; reason=Probation;retry-after=60')).toEqual({
      phase: 'terminated',
      reason: 'probation',
      retryAfter: 60,
    });
    expect(parseSubscriptionState('later;expires=5')).toEqual({ phase: 'active', expires: 5 });
    expect(() => parseEvent(';id=1')).toThrow(SipParseError);
    expect(() => parseSubscriptionState(undefined)).toThrow(SipParseError);
  });

  it.each([
    ['deactivated', undefined, 0],
    ['timeout', undefined, 0],
    ['probation', 60, 60],
    ['giveup', undefined, 0],
    ['rejected', 60, undefined],
    ['noresource', undefined, undefined],
    ['invariant', undefined, undefined],
    ['something', 9, 9],
  ])('after %s with retry-after %s the next attempt is in %s s (4.1.3)', (reason, retryAfter, seconds) => {
    expect(resubscribeAfter({ phase: 'terminated', reason, ...(retryAfter && { retryAfter }) })).toBe(
      seconds,
    );
  });
});
