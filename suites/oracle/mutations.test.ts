/**
 * The world went wrong in one way each: what the oracle notices of it, and whom it blames. Recorded traces of real
 * cells are remade as a faulty phone or carrier would have left them.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { judge } from '../../harness/oracle/judge.ts';
import type { Case } from '../../matrix/schema/case.ts';
import type { Bubble, FrameEntry, TraceEntry } from '../../reports/trace.ts';
import {
  branchOf,
  envelopeId,
  isFrame,
  matrix,
  type Recording,
  recorded,
  remade,
  review,
  rewriteBodies,
  rewriteContent,
  sideOf,
  textOf,
  wireId,
  withBody,
  withoutMessages,
} from './support/real-trace.ts';

type World = Recording;

const withBubbles =
  (change: (bubbles: readonly Bubble[]) => readonly Bubble[], role: string) => (world: World) => ({
    ...world,
    trace: review(world.trace, role, (view) => ({ ...view, bubbles: change(view.bubbles) })),
  });
/** Bob never shows `message`, and Alice was told no more than `state` of it. */
const unseen =
  (message: string, state: Bubble['state'] = 'sent') =>
  (world: World): World => {
    const gone = withBubbles((all) => all.filter((one) => one.message !== message), 'bob')(world);
    return withBubbles(
      (all) =>
        all.map((one) =>
          one.message === message
            ? { ...one, state, ...(state === 'failed' && { reason: 'failed-to-decrypt' }) }
            : one,
        ),
      'alice',
    )(gone);
  };
const withTrace =
  (change: (trace: readonly TraceEntry[]) => TraceEntry[]) =>
  (world: World): World => ({
    ...world,
    trace: change(world.trace),
  });
const withCase =
  (change: (cell: Case) => Case) =>
  (world: World): World => ({ ...world, cell: change(world.cell) });
const sealed = (message: string, rewrite: (content: Buffer, trace: readonly TraceEntry[]) => Buffer) =>
  withTrace((trace) => rewriteContent(trace, wireId(trace, message), (content) => rewrite(content, trace)));
const bodiesOf = (message: string, rewrite: (body: string) => string) =>
  withTrace((trace) =>
    rewriteBodies(trace, (body, frame) =>
      envelopeId(frame) === wireId(trace, message) ? rewrite(body) : body,
    ),
  );
const receiptsAbout = (trace: readonly TraceEntry[], message: string) => (frame: FrameEntry) =>
  textOf(frame).includes(`<message-id>${wireId(trace, message)}<`);
const isWelcome = (frame: FrameEntry) => textOf(frame).includes('message/mls-rcs-server');
const toPhone = (trace: readonly TraceEntry[], role: string) => (frame: FrameEntry) =>
  sideOf(trace, frame.to) === `device:${role}`;
const steps =
  (from: object, to: object) =>
  (world: World): World => {
    const same = (step: unknown) => JSON.stringify(step) === JSON.stringify(from);
    return {
      cell: {
        ...world.cell,
        steps: world.cell.steps.map((step) => (same(step) ? (to as typeof step) : step)),
      },
      trace: remade(world.trace, (entry) =>
        entry.kind === 'step' && same(entry.step) ? { ...entry, step: to as typeof entry.step } : entry,
      ),
    };
  };
const inOrder =
  (...changes: ((world: World) => World)[]) =>
  (world: World) =>
    changes.reduce((made, change) => change(made), world);

/** From frame `from` on, all that was said under one id is said under the other, and the other way round. */
function swapped(trace: readonly TraceEntry[], a: string, b: string, from: number): TraceEntry[] {
  const late = trace.filter((entry) => isFrame(entry) && entry.n >= from) as FrameEntry[];
  const ways = Map.groupBy(late, ({ from: host, to }) => `${host} ${to}`);
  const bodies = new Map<FrameEntry, string>();
  for (const way of ways.values()) {
    const [as, bs] = [a, b].map((id) => way.filter((frame) => envelopeId(frame) === id));
    for (const [i, one] of as!.entries()) {
      const other = bs![i];
      if (!other) continue;
      bodies.set(one, bodyOf(other)).set(other, bodyOf(one));
    }
  }
  return remade(trace, (entry) => {
    const body = isFrame(entry) && bodies.get(entry);
    return body ? withBody(entry as FrameEntry, body) : entry;
  });
}

const bodyOf = (entry: TraceEntry) => textOf(entry).slice(textOf(entry).indexOf('\r\n\r\n') + 4);

/** Carrier B hands `second` to Bob before `first`, and all that follows from it. */
const laterFirst = inOrder(
  withTrace((trace) => {
    const back = trace.find((entry) => entry.kind === 'step' && 'go-online' in entry.step)!.n;
    const receiptOf = (message: string) =>
      envelopeId(
        trace.find(
          (entry) =>
            isFrame(entry) && receiptsAbout(trace, message)(entry) && textOf(entry).includes('<delivered/>'),
        )!,
      )!;
    const messages = swapped(trace, wireId(trace, 'first'), wireId(trace, 'second'), back);
    return swapped(messages, receiptOf('first'), receiptOf('second'), back);
  }),
  withBubbles((all) => [...all].reverse(), 'bob'),
);

interface Mutation {
  readonly what: string;
  readonly scenario: 'one-to-one' | 'comes-back' | 'plain' | 'plain-comes-back';
  readonly mutate: (world: World) => World;
  /** A rule or invariant that must notice it. */
  readonly noticedBy: string;
  /** The only side that may be blamed. */
  readonly blamed: string;
}

const MUTATIONS: readonly Mutation[] = [
  // --- what calls itself encrypted ---
  {
    what: "a client sends XOR'd plaintext as message/mls",
    scenario: 'one-to-one',
    mutate: sealed('hello', (_, trace) => {
      const world = trace[0]!;
      const text = world.kind === 'world' ? `Hello Bob, ${world.markers['hello']}` : '';
      return Buffer.from(text).map((octet) => octet ^ 0x5a) as Buffer;
    }),
    noticedBy: 'I11-sealed-form',
    blamed: 'device:alice',
  },
  {
    what: 'a client puts octets behind the MLS message',
    scenario: 'one-to-one',
    mutate: sealed('hello', (content) => Buffer.concat([content, Buffer.alloc(1)])),
    noticedBy: 'I11-sealed-form',
    blamed: 'device:alice',
  },
  {
    what: 'a client binds another message id than the envelope has',
    scenario: 'one-to-one',
    mutate: sealed('hello', (content, trace) => {
      const spoilt = Buffer.from(content);
      spoilt[content.indexOf(wireId(trace, 'hello')) + 4]! ^= 1;
      return spoilt;
    }),
    noticedBy: 'I11-sealed-form',
    blamed: 'device:alice',
  },
  {
    what: 'a client does not pad',
    scenario: 'one-to-one',
    mutate: sealed('hello', (content) => {
      // The ciphertext is the last vector: ten octets less of it, and of its length. Whichever length the signature
      // has (70 to 72 octets), no other one makes a Padmé length of what is left.
      const spoilt = Buffer.from(content.subarray(0, -10));
      const at = content.findIndex(
        (octet, i) =>
          octet === 0x40 + ((content.length - i - 2) >> 8) &&
          content[i + 1] === ((content.length - i - 2) & 0xff),
      );
      spoilt.writeUInt16BE(0x4000 + (content.length - at - 2 - 10), at);
      return spoilt;
    }),
    noticedBy: 'I11-sealed-form',
    blamed: 'device:alice',
  },
  {
    what: 'a client leaves out Era-ID',
    scenario: 'one-to-one',
    mutate: bodiesOf('hello', (body) => body.replace(/mls\.Era-ID: .*\r\n/, '')),
    noticedBy: 'I11-sealed-form',
    blamed: 'device:alice',
  },
  {
    what: 'a client names the authenticator of another epoch',
    scenario: 'one-to-one',
    mutate: bodiesOf('hello', (body) => body.replace(/(mls\.Epoch-Authenticator: )..../, '$1AAAA')),
    noticedBy: 'I11-sealed-form',
    blamed: 'device:alice',
  },
  {
    what: 'a client sends something else as its Welcome',
    scenario: 'one-to-one',
    mutate: withTrace((trace) => {
      const id = envelopeId(trace.find((entry) => isFrame(entry) && isWelcome(entry))!)!;
      return rewriteContent(trace, id, (content) => content.subarray(0, 90));
    }),
    noticedBy: 'I11-sealed-form',
    blamed: 'device:alice',
  },
  {
    what: 'a client uses a group that it never welcomed anyone to',
    scenario: 'one-to-one',
    mutate: withTrace((trace) => withoutMessages(trace, isWelcome)),
    noticedBy: 'I11-sealed-form',
    blamed: 'device:alice',
  },
  {
    what: 'the generation is always 0: the second message of an epoch can not be opened',
    scenario: 'one-to-one',
    mutate: inOrder(
      withTrace((trace) => {
        const about = receiptsAbout(trace, 'dinner');
        return rewriteBodies(trace, (body, frame) =>
          about(frame) ? body.replace('<delivered/>', '<failed/>') : body,
        );
      }),
      unseen('dinner', 'failed'),
      withTrace((trace) => {
        const told: TraceEntry = {
          kind: 'event',
          n: 0,
          t: trace.at(-1)!.t,
          side: 'device:alice',
          name: 'notification',
          data: { message: 'dinner', text: 'failed' },
        };
        return remade(trace, (entry) => (entry.kind === 'end' ? [told, entry] : entry));
      }),
    ),
    noticedBy: 'mls-delivered',
    blamed: 'device:alice',
  },
  // --- what the screens say ---
  {
    what: 'an inbox shows plain as secure',
    scenario: 'plain',
    mutate: withBubbles(
      (all) => all.map((one) => (one.direction === 'in' ? { ...one, badge: 'secure' } : one)),
      'bob',
    ),
    noticedBy: 'I2-no-silent-downgrade',
    blamed: 'device:bob',
  },
  {
    what: 'an inbox shows secure as plain',
    scenario: 'one-to-one',
    mutate: withBubbles(
      (all) => all.map((one) => (one.direction === 'in' ? { ...one, badge: 'plain' } : one)),
      'bob',
    ),
    noticedBy: 'mls-displayed',
    blamed: 'device:bob',
  },
  {
    what: 'an inbox shows RCS as SMS',
    scenario: 'one-to-one',
    mutate: withBubbles(
      (all) => all.map((one) => (one.direction === 'in' ? { ...one, channel: 'sms' } : one)),
      'bob',
    ),
    noticedBy: 'mls-displayed',
    blamed: 'device:bob',
  },
  {
    what: "a phone's policy ignores that a message must be encrypted",
    scenario: 'plain',
    mutate: withCase((cell) => ({
      ...cell,
      steps: cell.steps.map((step) =>
        'send' in step && step.send.from === 'alice'
          ? { send: { ...step.send, requirement: 'must-encrypt' } }
          : step,
      ),
    })),
    noticedBy: 'message-requires-what-cannot-be',
    blamed: 'device:alice',
  },
  // --- receipts ---
  {
    what: 'receipts are not signed',
    scenario: 'one-to-one',
    mutate: inOrder(
      withTrace((trace) =>
        rewriteBodies(trace, (body, frame) =>
          receiptsAbout(trace, 'dinner')(frame)
            ? body.replace(/mls\.MLS-Derived-Content-Signature: .*\r\n/, '')
            : body,
        ),
      ),
      withBubbles(
        (all) => all.map((one) => (one.message === 'dinner' ? { ...one, state: 'sent' } : one)),
        'alice',
      ),
    ),
    noticedBy: 'I3-delivery',
    blamed: 'device:bob',
  },
  {
    what: 'the signature of a receipt is that of another',
    scenario: 'one-to-one',
    mutate: withTrace((trace) => {
      const header = /mls\.MLS-Derived-Content-Signature: .*\r\n/;
      const other = trace
        .map(textOf)
        .map((text) => header.exec(text)?.[0])
        .find((one) => one)!;
      return rewriteBodies(trace, (body, frame) =>
        receiptsAbout(trace, 'dinner')(frame) ? body.replace(header, other) : body,
      );
    }),
    noticedBy: 'I3-delivery',
    blamed: 'device:bob',
  },
  {
    what: 'displayed is reported though nobody read it',
    scenario: 'one-to-one',
    mutate: steps({ read: { who: 'bob', message: 'hello' } }, { advance: { by: '1s' } }),
    noticedBy: 'I3-delivery',
    blamed: 'device:bob',
  },
  {
    what: 'displayed is reported though the policy forbids it',
    scenario: 'one-to-one',
    mutate: inOrder(
      withCase((cell) => ({ ...cell, policy: { ...cell.policy, readReceipts: false } })),
      withTrace((trace) =>
        withoutMessages(
          trace,
          (frame) => receiptsAbout(trace, 'reply')(frame) && textOf(frame).includes('<displayed/>'),
        ),
      ),
      withBubbles(
        (all) => all.map((one) => (one.message === 'reply' ? { ...one, state: 'delivered' } : one)),
        'bob',
      ),
    ),
    noticedBy: 'I3-delivery',
    blamed: 'device:bob',
  },
  {
    what: 'a receipt that nobody asked for',
    scenario: 'one-to-one',
    mutate: bodiesOf('hello', (body) => body.replace(/, display\r/, '\r')),
    noticedBy: 'I3-delivery',
    blamed: 'device:bob',
  },
  // --- carriers ---
  {
    what: 'a carrier drops a Welcome after 202',
    scenario: 'one-to-one',
    mutate: inOrder(
      withTrace((trace) =>
        withoutMessages(trace, (frame) => isWelcome(frame) && toPhone(trace, 'bob')(frame)),
      ),
      withTrace((trace) =>
        withoutMessages(trace, (frame) =>
          ['hello', 'dinner'].some((one) => receiptsAbout(trace, one)(frame)),
        ),
      ),
      unseen('hello'),
      unseen('dinner'),
      withTrace((trace) => review(trace, 'bob', (view) => ({ ...view, groups: [] }))),
    ),
    noticedBy: 'I3-delivery',
    blamed: 'carrier:B',
  },
  {
    what: 'a carrier keeps a stored message when the phone is back',
    scenario: 'comes-back',
    mutate: inOrder(
      withTrace((trace) => withoutMessages(trace, receiptsAbout(trace, 'second'))),
      withTrace((trace) =>
        withoutMessages(
          trace,
          (frame) => envelopeId(frame) === wireId(trace, 'second') && toPhone(trace, 'bob')(frame),
        ),
      ),
      withTrace((trace) =>
        remade(trace, (entry) =>
          entry.kind === 'event' &&
          entry.name === 'delivered-from-store' &&
          entry.data['message'] === 'second'
            ? undefined
            : entry,
        ),
      ),
      unseen('second'),
    ),
    noticedBy: 'I3-delivery',
    blamed: 'carrier:B',
  },
  {
    what: 'a carrier tried once, and keeps a stored message when the phone is back',
    scenario: 'comes-back',
    mutate: inOrder(
      withTrace((trace) => withoutMessages(trace, receiptsAbout(trace, 'second'))),
      withTrace((trace) => {
        const own = trace.find(
          (entry) => isFrame(entry) && entry.fate === 'unreachable' && textOf(entry).startsWith('MESSAGE'),
        ) as FrameEntry;
        const second = trace.find((entry) => envelopeId(entry) === wireId(trace, 'second')) as FrameEntry;
        const tried = withBody(
          { ...own, bytes: { text: textOf(own).replaceAll(branchOf(own), 'z9hG4bKonce') } },
          bodyOf(second),
        );
        const isLate = (entry: TraceEntry) =>
          isFrame(entry) && envelopeId(entry) === wireId(trace, 'second') && toPhone(trace, 'bob')(entry);
        const late = trace.find(isLate)!;
        return remade(trace, (entry) => {
          if (entry.kind === 'event' && entry.name === 'stored' && entry.data['message'] === 'second')
            return [{ ...tried, t: entry.t }, entry];
          return isFrame(entry) && branchOf(entry) === branchOf(late) ? undefined : entry;
        });
      }),
      unseen('second'),
    ),
    noticedBy: 'I3-delivery',
    blamed: 'carrier:B',
  },
  {
    what: 'a carrier delivers twice',
    scenario: 'one-to-one',
    mutate: withTrace((trace) => {
      const first = trace.find(
        (entry) =>
          isFrame(entry) && envelopeId(entry) === wireId(trace, 'hello') && toPhone(trace, 'bob')(entry),
      )!;
      const pair = trace.filter((entry) => isFrame(entry) && branchOf(entry) === branchOf(first));
      const again = pair.map((entry) => ({
        ...entry,
        bytes: {
          text: textOf(entry)
            .replaceAll(branchOf(first), 'z9hG4bKagain')
            .replace(/Call-ID: /i, 'Call-ID: again-'),
        },
      })) as TraceEntry[];
      return remade(trace, (entry) =>
        entry === pair.at(-1) ? [entry, ...again.map((one) => ({ ...one, t: entry.t + 100 }))] : entry,
      );
    }),
    noticedBy: 'I3-delivery',
    blamed: 'carrier:B',
  },
  {
    what: 'a carrier delivers the later message first',
    scenario: 'comes-back',
    mutate: laterFirst,
    noticedBy: 'I3-delivery',
    blamed: 'carrier:B',
  },
  {
    what: 'a carrier delivers the later message first, after it could not deliver the earlier one',
    scenario: 'plain-comes-back',
    mutate: laterFirst,
    noticedBy: 'I3-delivery',
    blamed: 'carrier:B',
  },
  {
    what: 'a carrier changes an octet of ciphertext',
    scenario: 'one-to-one',
    mutate: inOrder(
      withTrace((trace) =>
        rewriteBodies(trace, (body, frame) =>
          envelopeId(frame) === wireId(trace, 'dinner') && toPhone(trace, 'bob')(frame)
            ? `${body.slice(0, -8)}AAAA${body.slice(-4)}`
            : body,
        ),
      ),
      withTrace((trace) => withoutMessages(trace, receiptsAbout(trace, 'dinner'))),
      unseen('dinner'),
    ),
    noticedBy: 'mls-delivered',
    blamed: 'carrier:B',
  },
  // --- signalling ---
  {
    what: "a wrong CSeq in a phone's own responses only",
    scenario: 'one-to-one',
    mutate: withTrace((trace) =>
      remade(trace, (entry) =>
        isFrame(entry) && sideOf(trace, entry.from) === 'device:bob' && textOf(entry).startsWith('SIP/2.0')
          ? { ...entry, bytes: { text: textOf(entry).replace(/(CSeq: )(\d+)/i, '$19$2') } }
          : entry,
      ),
    ),
    noticedBy: 'I7-signalling',
    blamed: 'device:bob',
  },
];

describe('each mutation of a real trace is noticed, and its side blamed', () => {
  const worlds = new Map<Mutation['scenario'], World>();

  beforeAll(async () => {
    worlds.set('one-to-one', await recorded('one-to-one'));
    worlds.set('comes-back', await recorded('comes-back'));
    const plain = matrix.devices.get('galaxy-up30-no-mls')!;
    const withoutMls = (cell: Case) => ({
      ...cell,
      roles: { ...cell.roles, bob: { ...cell.roles['bob']!, device: plain } },
    });
    worlds.set('plain', await recorded('one-to-one', withoutMls));
    worlds.set('plain-comes-back', await recorded('comes-back', withoutMls));
  }, 60_000);

  const verdictOf = ({ cell, trace }: World) => judge(cell, trace, matrix.expectations);

  test.each(['one-to-one', 'comes-back', 'plain', 'plain-comes-back'] as const)(
    'nothing is wrong with %s itself',
    (scenario) => {
      expect(verdictOf(worlds.get(scenario)!)).toMatchObject({ outcome: 'passed', failures: [] });
    },
  );

  test.each(MUTATIONS)('$what', ({ scenario, mutate, noticedBy, blamed }) => {
    const { failures } = verdictOf(mutate(worlds.get(scenario)!));
    const found = failures.map(({ rule, blame }) => `${rule} ${blame.side}`);
    expect(found, JSON.stringify(failures, undefined, 1)).toContain(`${noticedBy} ${blamed}`);
    expect(
      [...new Set(failures.map(({ blame }) => blame.side))],
      JSON.stringify(failures, undefined, 1),
    ).toEqual([blamed]);
  });
});

test('a carrier that forges displayed receipts deceives no phone, and is blamed', async () => {
  const { cell, trace } = await recorded('comes-back', (honest) => ({
    ...honest,
    carriers: { ...honest.carriers, B: { ...honest.carriers.B, quirks: ['forge-receipts'] } },
  }));
  const { failures } = judge(cell, trace, matrix.expectations);
  expect(failures.map(({ rule, blame }) => `${rule} ${blame.side}`)).toContain('I3-delivery carrier:B');
  expect([...new Set(failures.map(({ blame }) => blame.side))]).toEqual(['carrier:B']);
  const shown = trace.filter((entry) => entry.kind === 'state' && entry.side === 'device:alice');
  const states = shown.flatMap((entry) =>
    entry.kind === 'state'
      ? entry.view.bubbles.filter((one) => one.message === 'second').map((one) => one.state)
      : [],
  );
  expect(states).toContain('delivered');
  expect(states).not.toContain('displayed');
});
