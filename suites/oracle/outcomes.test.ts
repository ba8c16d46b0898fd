import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { explain } from '../../harness/oracle/explain.ts';
import { judge } from '../../harness/oracle/judge.ts';
import { FIRST, HELD, PLAIN, SECURE, STEPS, table, theCase } from './support/case.ts';
import { views } from './support/edit.ts';
import {
  type Draft,
  end,
  event,
  frame,
  healthy,
  ID,
  numbered,
  sent,
  state,
  step,
  world,
} from './support/trace.ts';

const outcomeOf = (drafts: readonly Draft[], expectations = table(), steps: readonly object[] = STEPS) =>
  judge(theCase(steps), numbered(drafts), expectations);

describe('what can not be judged is infra-error, with its reason', () => {
  test('a step that the harness could not run', () => {
    const broken: Draft = { kind: 'error', stepIndex: 2, message: 'no such phone' };
    const verdict = outcomeOf([...healthy().slice(0, 9), broken]);
    expect(verdict).toMatchObject({ outcome: 'infra-error', reason: 'step 2: no such phone' });
  });

  test('a trace that breaks off', () => {
    expect(outcomeOf(healthy().slice(0, -1))).toMatchObject({
      outcome: 'infra-error',
      reason: /no end entry/,
    });
  });

  test('a trace that does not say who is who', () => {
    expect(outcomeOf(healthy().slice(1))).toMatchObject({ outcome: 'infra-error', reason: /no world entry/ });
  });

  test('a message that no rule of the table matches', () => {
    const expectations = { ...table(), messages: table().messages.slice(0, 1) };
    expect(outcomeOf(healthy(), expectations)).toMatchObject({
      outcome: 'infra-error',
      reason: 'no rule of the decision table matches message:first',
    });
  });

  test('a rule that asks for a fact that does not exist', () => {
    const [first, ...others] = table().messages;
    const expectations = {
      ...table(),
      messages: [{ ...first!, when: { 'sender.colour': 'blue' } }, ...others],
    };
    expect(outcomeOf(healthy(), expectations)).toMatchObject({
      outcome: 'infra-error',
      reason: /sender\.colour/,
    });
  });

  test('a case in which nothing is put to the test', () => {
    const steps = [{ register: { who: 'alice' } }];
    expect(outcomeOf([world, step(0, {}), state('alice', 0, []), end], table(), steps)).toMatchObject({
      outcome: 'infra-error',
      reason: /nothing was established/,
    });
  });
});

describe('unsupported is what a rule says, and hides nothing', () => {
  const unsupported = table({ unsupported: 'the phone has no such thing' });

  test('with its reason', () => {
    expect(outcomeOf(healthy(), unsupported)).toMatchObject({
      outcome: 'unsupported',
      reason: 'the phone has no such thing',
    });
  });

  test('an invariant that is broken makes it failed', () => {
    const leaky: Draft = {
      ...end,
      leaks: { timers: 1, streams: 0, sockets: 0, listeners: 0, requests: 0 },
    } as Draft;
    expect(outcomeOf([...healthy().slice(0, -1), leaky], unsupported)).toMatchObject({
      outcome: 'failed',
      failures: [{ rule: 'I10-resources' }],
    });
  });
});

describe('a verdict names the rules and puts the earliest failure first', () => {
  test('each subject has its rule', () => {
    expect(outcomeOf(healthy()).rules).toEqual({
      'device:alice': 'device-rule',
      'message:first': 'message-rule',
      'message:second': 'message-rule',
    });
  });

  test('failures are in order of their evidence', () => {
    const { failures } = outcomeOf(
      healthy(),
      table(HELD, { registration: 'disabled', peerRcs: 'no', peerMls: false }),
    );
    const entries = failures.map(({ blame }) => blame.entry);
    expect(entries.length).toBeGreaterThan(3);
    expect(entries).toEqual([...entries].sort((a, b) => a - b));
  });
});

describe('a message that the rule keeps on the phone', () => {
  const queued = sent('first', {
    badge: 'none',
    channel: 'none',
    state: 'queued',
    reason: 'recipient-cannot-encrypt',
  });
  const steps = [STEPS[0]!, STEPS[2]!, { expect: { message: 'first', when: 'stored' } }];
  const held: Draft[] = [
    world,
    step(0, {}),
    step(1, {}),
    event('device:alice', 'notification', { wireId: ID.first, text: 'not sent' }),
    event('device:alice', 'audit', { wireId: ID.first, entry: 'queued-for-e2ee' }),
    state('alice', 1, [queued], { groups: [] }),
    state('bob', 1, []),
    step(2, {}),
    state('alice', 2, [queued], { groups: [] }),
    state('bob', 2, []),
    end,
  ];

  test('passes when it is queued, told and recorded', () => {
    expect(outcomeOf(held, table(HELD), steps)).toMatchObject({ outcome: 'passed', failures: [] });
  });

  test.each(['notification', 'audit'])('fails without its %s', (name) => {
    const silent = held.filter((draft) => draft.kind !== 'event' || draft.name !== name);
    expect(outcomeOf(silent, table(HELD), steps).failures).toMatchObject([
      { rule: 'message-rule', blame: { side: 'device:alice' }, expected: expect.stringContaining(name) },
    ]);
  });

  test('fails when a frame speaks of it', () => {
    const probe = frame('alice', 'core.alpha', `about ${ID.first}`, { protocol: 'https', event: 'close' });
    const { failures } = outcomeOf([...held.slice(0, 3), probe, ...held.slice(3)], table(HELD), steps);
    expect(failures.map(({ rule, blame }) => `${rule} ${blame.side} ${blame.entry}`)).toContain(
      'message-rule device:alice 3',
    );
  });

  test('fails when its text leaves the phone', () => {
    const leak = frame('alice', 'core.alpha', FIRST, { protocol: 'udp' });
    const { failures } = outcomeOf([...held.slice(0, 3), leak, ...held.slice(3)], table(HELD), steps);
    expect(failures.map(({ rule }) => rule)).toContain('I1-confidentiality');
  });
});

describe('a message that waits for a phone that is away', () => {
  const steps = [STEPS[0]!, STEPS[2]!, { expect: { message: 'first', when: 'stored' } }];
  const away = (senderState: 'sent' | 'delivered', atBob: ReturnType<typeof sent>[] = []): Draft[] => [
    ...healthy().slice(0, 6),
    step(1, {}),
    ...healthy().slice(9, 9 + 6 + 4),
    event('carrier:B', 'stored', { messageId: ID.first }),
    state('alice', 1, [sent('first', { state: senderState })]),
    state('bob', 1, atBob, { online: false }),
    step(2, {}),
    state('alice', 2, [sent('first', { state: senderState })]),
    state('bob', 2, atBob, { online: false }),
    end,
  ];
  const waiting = table({ ...SECURE, state: ['sent'], received: false });

  test('is sent and not received', () => {
    expect(outcomeOf(away('sent'), waiting, steps)).toMatchObject({ outcome: 'passed' });
  });

  test('is not delivered before it is', () => {
    const { failures } = outcomeOf(away('delivered'), waiting, steps);
    expect(failures).toContainEqual(
      expect.objectContaining({ rule: 'message-rule', stepIndex: 2, actual: 'state delivered' }),
    );
  });
});

test('a rule for plain messages accepts what one for secure ones does not', () => {
  const asPlain = (drafts: readonly Draft[], side: string) =>
    views(drafts, side, (view) => ({
      ...view,
      bubbles: view.bubbles.map((bubble) => ({ ...bubble, badge: 'plain' as const })),
    }));
  const plain = asPlain(asPlain(healthy('plain'), 'device:alice'), 'device:bob');
  expect(outcomeOf(plain, table(PLAIN)).outcome).toBe('passed');
  expect(outcomeOf(plain, table(SECURE)).outcome).toBe('failed');
});

test('explain names the rule of each subject and why the ones above it were passed over', () => {
  expect(explain(theCase(), table())).toMatchObject([
    { subject: 'device:alice', rule: 'device-rule', passedOver: [] },
    {
      subject: 'message:first',
      rule: 'message-rule',
      passedOver: [{ rule: 'never', because: 'scenario: needs another, is two-messages' }],
    },
    { subject: 'message:second', rule: 'message-rule' },
  ]);
});

test('explain shows what both sides offer where a rule asks for a transport in common', () => {
  const asks = table();
  const [never, ...others] = asks.messages;
  const when = { 'sender.transportShared': true };
  const explained = explain(theCase(), { ...asks, messages: [never!, { ...others[0]!, when }, ...others] });
  const { signalling } = theCase().roles['alice']!.device;
  expect(explained.find(({ subject }) => subject === 'message:first')?.transports).toEqual([
    {
      end: 'sender',
      phone: expect.arrayContaining([...signalling!.transports]),
      carrier: expect.arrayContaining([...theCase().carriers.A.signalling.transports]),
    },
  ]);
});

test('explain lists every rule where none matches', () => {
  const none = { ...table(), messages: table().messages.slice(0, 1) };
  expect(explain(theCase(), none).at(-1)).toEqual({
    subject: 'message:second',
    passedOver: [{ rule: 'never', because: expect.stringMatching(/^scenario: needs/) }],
  });
});

test('the same trace is judged the same, and whatever bytes its frames hold there is a verdict', () => {
  const chunk = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc
      .constantFrom(
        ...healthy().flatMap((d) =>
          d.kind === 'frame' && d.bytes && 'text' in d.bytes ? [d.bytes.text] : [],
        ),
      )
      .chain((text) => fc.nat(text.length).map((cut) => Buffer.from(text.slice(cut)))),
    fc
      .constantFrom(
        '\r\n',
        'SIP/2.0 200 OK\r\n\r\n',
        'MESSAGE a SIP/2.0\r\nl: 9\r\n\r\n',
        '\x1f\x8b\x08\0\0',
        'H4sI',
      )
      .map((s) => Buffer.from(s, 'latin1')),
  );
  const draft = fc
    .record({
      data: chunk,
      protocol: fc.constantFrom('udp', 'tcp', 'tls', 'ws', 'wss', 'http', 'https', 'cs'),
      fate: fc.constantFrom('delivered', 'lost', 'unreachable'),
      event: fc.constantFrom('data', 'open', 'close', 'reset', 'request', 'response'),
      connection: fc.integer({ min: 1, max: 4 }),
      from: fc.constantFrom('alice', 'core.alpha', 'bob', 'a stranger'),
    })
    .map(({ data, from, ...change }) => frame(from as 'alice', 'core.beta', data, change as object));
  fc.assert(
    fc.property(fc.array(draft, { maxLength: 12 }), fc.nat(), (drafts, at) => {
      const all = healthy();
      const place = 1 + (at % (all.length - 2));
      const trace = numbered([...all.slice(0, place), ...drafts, ...all.slice(place)]);
      const once = judge(theCase(), trace, table());
      expect(judge(theCase(), trace, table())).toEqual(once);
      expect(['passed', 'failed']).toContain(once.outcome);
    }),
    { numRuns: 300 },
  );
});
