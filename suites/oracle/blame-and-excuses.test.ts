import { describe, expect, test } from 'vitest';
import { judge } from '../../harness/oracle/judge.ts';
import type { TraceBytes } from '../../reports/trace.ts';
import { PLAIN, STEPS, table, theCase } from './support/case.ts';
import { changed, frameAt, inserted, rewritten, textOf, views, without } from './support/edit.ts';
import { cpimText, type RequestLook, requestText, responseText } from './support/sip-text.ts';
import {
  type Draft,
  event,
  frame,
  healthy,
  ID,
  numbered,
  onward,
  received,
  sent,
  state,
  step,
  TEXT,
  THERE,
} from './support/trace.ts';

const found = (drafts: readonly Draft[], expectations = table()) =>
  judge(theCase(), numbered(drafts), expectations).failures.map(({ rule, blame }) => `${rule} ${blame.side}`);

/** Everything about `second` behind the place, and Bob's copy of it, taken away. */
function lostFrom(drafts: Draft[], from: string, to: string): Draft[] {
  const at = frameAt(drafts, from, to, ID.second);
  const last = frameAt(drafts, 'core.alpha', 'alice', 'MxReceipt-second');
  const gone = [...drafts.slice(0, at + 1), ...drafts.slice(last + 2)];
  const unsent = views(
    gone,
    'device:alice',
    (v) => ({ ...v, bubbles: [sent('first'), sent('second', { state: 'sent' })] }),
    3,
  );
  return views(unsent, 'device:bob', (v) => ({ ...v, bubbles: [received('first')] }), 3);
}

describe('a message that does not arrive is blamed on who had it last', () => {
  test('on the link, when every copy was lost there', () => {
    const drafts = lostFrom(healthy(), 'alice', 'core.alpha');
    const at = frameAt(drafts, 'alice', 'core.alpha', ID.second);
    const lost = changed(drafts, at, (d) => ({ ...d, fate: 'lost', link: 'access-alice' }) as Draft);
    expect(new Set(found(lost))).toEqual(
      new Set(['I3-delivery link:access-alice', 'message-rule link:access-alice']),
    );
  });

  describe('when its copies were lost behind a side that had taken it', () => {
    const lost = () => {
      const drafts = lostFrom(healthy(), 'core.beta', 'bob');
      const at = frameAt(drafts, 'core.beta', 'bob', ID.second);
      return changed(drafts, at, (d) => ({ ...d, fate: 'unreachable', link: 'access-bob' }) as Draft);
    };

    test('on that side, once the recipient is back', () => {
      expect(new Set(found(lost()))).toEqual(new Set(['I3-delivery carrier:B', 'message-rule carrier:B']));
    });

    test('on the link, while the recipient is away', () => {
      const away = views(lost(), 'device:bob', (v) => ({ ...v, online: false }), 3);
      expect(found(away)).toContain('message-rule link:access-bob');
      expect(found(away)).not.toContain('message-rule carrier:B');
    });
  });

  test('on the side that refused it', () => {
    const drafts = lostFrom(healthy(), 'core.beta', 'bob');
    const at = frameAt(drafts, 'core.beta', 'bob', ID.second);
    const look: RequestLook = {
      method: 'MESSAGE',
      branch: `z9hG4bK-${ID.second}-core-beta`,
      callId: `call-${ID.second}-core-beta`,
    };
    const refused = inserted(drafts, at + 1, frame('bob', 'core.beta', responseText(look, 488)));
    expect(new Set(found(refused))).toEqual(new Set(['I3-delivery device:bob', 'message-rule device:bob']));
  });

  test('on nobody, when it is kept for a phone that is away', () => {
    const drafts = lostFrom(healthy(), 'core.alpha', 'core.beta');
    const at = frameAt(drafts, 'core.alpha', 'core.beta', ID.second);
    const look: RequestLook = {
      method: 'MESSAGE',
      branch: `z9hG4bK-${ID.second}-core-alpha`,
      callId: `call-${ID.second}-core-alpha`,
    };
    const kept = inserted(
      views(drafts, 'device:bob', (v) => ({ ...v, online: false }), 3),
      at + 1,
      frame('core.beta', 'core.alpha', responseText(look, 200)),
      event('carrier:B', 'stored', { messageId: ID.second }),
    );
    expect(found(kept)).not.toContain('I3-delivery carrier:B');
  });
});

describe('a request without a final response is excused', () => {
  const unanswered = () => {
    const drafts = healthy();
    return without(drafts, frameAt(drafts, 'core.alpha', 'alice', 'call-register'));
  };
  const register = 2;

  test('when it never arrived', () => {
    expect(
      found(changed(unanswered(), register, (d) => ({ ...d, protocol: 'udp', fate: 'lost' }) as Draft)),
    ).toEqual([]);
  });

  test('when its connection broke', () => {
    const own = changed(unanswered(), register, (d) => ({ ...d, connection: 50 }) as Draft);
    const reset = frame('core.alpha', 'alice', '', { event: 'reset', connection: 50 });
    expect(found(inserted(own, register + 1, reset))).toEqual([]);
  });

  test('when the phone that should answer went off the air', () => {
    const drafts = healthy();
    const asked = inserted(drafts, 6, frame('core.beta', 'bob', optionsText(), { protocol: 'udp' }));
    expect(found(asked)).toEqual(['I7-signalling device:bob']);
    expect(found(inserted(asked, 7, step(1, { 'go-offline': { who: 'bob' } })))).toEqual([]);
  });

  test('but not because the world was closed behind it', () => {
    const drafts = unanswered();
    const closing = frame('core.alpha', 'alice', '', { event: 'close' });
    expect(found(inserted(drafts, drafts.length - 1, closing))).toEqual(['I7-signalling carrier:A']);
  });
});

const optionsText = () => requestText({ method: 'OPTIONS', branch: 'z9hG4bK-o', callId: 'call-o' });

test('retransmissions are one transaction', () => {
  const look: RequestLook = { method: 'OPTIONS', branch: 'z9hG4bK-o', callId: 'call-o' };
  const ask = (fate: 'lost' | 'delivered') =>
    frame('alice', 'core.alpha', requestText(look), { protocol: 'udp', fate });
  const answer = (fate: 'lost' | 'delivered') =>
    frame('core.alpha', 'alice', responseText(look, 200), { protocol: 'udp', fate });
  expect(
    found(
      inserted(
        healthy(),
        4,
        ask('lost'),
        ask('delivered'),
        answer('lost'),
        ask('delivered'),
        answer('delivered'),
      ),
    ),
  ).toEqual([]);
});

test('a receipt may come before the answer to the message, and twice', () => {
  const drafts = healthy();
  const at = frameAt(drafts, 'bob', 'core.beta', 'MxReceipt-first');
  expect(found(inserted(drafts, at + 2, drafts[at]!, drafts[at + 1]!))).toEqual([]);
});

test('a later message that was encrypted before makes a plain one a downgrade, whatever the rule says', () => {
  const [first, second] = [table().messages, table(PLAIN).messages];
  const rules = {
    ...table(),
    messages: [{ ...second[1]!, rule: 'plain-rule', when: { 'message.requirement': 'any' } }, ...first],
  };
  const steps = [
    { register: { who: 'alice' } },
    { expect: { device: 'alice' } },
    { send: { message: 'first', from: 'alice', to: 'bob', text: 'the first {marker}' } },
    {
      send: { message: 'second', from: 'alice', to: 'bob', text: 'the second {marker}', requirement: 'any' },
    },
    { expect: { message: 'first', when: 'final' } },
  ];
  const drafts = healthy();
  const from = frameAt(drafts, 'alice', 'core.alpha', ID.second);
  const clear = [
    ...drafts.slice(0, from),
    ...onward(THERE, ID.second, 'text/plain', TEXT.second),
    ...drafts.slice(from + 6),
  ];
  const seen = views(
    clear,
    'device:bob',
    (v) => ({ ...v, bubbles: [received('first'), received('second', { badge: 'plain' })] }),
    3,
  );
  const shown = views(
    seen,
    'device:alice',
    (v) => ({ ...v, bubbles: [sent('first'), sent('second', { badge: 'plain' })] }),
    3,
  );
  const verdict = (all: readonly Draft[]) => judge(theCase(steps), numbered(all), rules).failures;
  expect(verdict(shown)).toMatchObject([
    {
      rule: 'I2-no-silent-downgrade',
      blame: { side: 'device:alice' },
      actual: expect.stringContaining('no audit entry'),
    },
  ]);
  const audited = inserted(
    shown,
    from,
    event('device:alice', 'audit', { wireId: ID.second, entry: 'sent-in-clear' }),
  );
  expect(verdict(audited)).toEqual([]);
});

test('a phone off the air at the end need not be at the last epoch', () => {
  const behind = views(
    healthy(),
    'device:alice',
    (v) => ({ ...v, groups: v.groups.map((g) => ({ ...g, epoch: '2' })) }),
    3,
  );
  expect(found(behind)).toEqual(['I4-agreement device:bob']);
  expect(found(views(behind, 'device:bob', (v) => ({ ...v, online: false }), 4))).toEqual([]);
});

test('an OPTIONS answer that loses the MLS tag on its way is blamed on the side that dropped it', () => {
  const tag = 'Contact: <sip:b@b>;+g.gsma.rcs.mls.mls-version="v1"';
  const ask = (
    from: 'alice' | 'core.alpha' | 'core.beta',
    to: 'core.alpha' | 'core.beta' | 'bob',
    extra: string[],
  ) => {
    const look: RequestLook = { method: 'OPTIONS', branch: `z9hG4bK-o-${from}`, callId: `call-o-${from}` };
    return {
      request: frame(from, to, requestText(look)),
      answer: frame(to, from, responseText(look, 200, extra)),
    };
  };
  const hops = [
    ask('alice', 'core.alpha', ['Contact: <sip:b@b>']),
    ask('core.alpha', 'core.beta', [tag]),
    ask('core.beta', 'bob', [tag]),
  ];
  const exchange = [...hops.map((hop) => hop.request), ...hops.toReversed().map((hop) => hop.answer)];
  const unlearnt = views(inserted(healthy(), 4, ...exchange), 'device:alice', (v) => ({
    ...v,
    capabilities: Object.fromEntries(
      Object.entries(v.capabilities).map(([peer, known]) => [peer, { ...known, mls: false }]),
    ),
  }));
  expect(found(unlearnt)).toEqual(['device-rule carrier:A']);
});

test("a plain message that a carrier rewrites is the carrier's doing", () => {
  const drafts = healthy();
  const at = frameAt(drafts, 'core.alpha', 'core.beta', ID.second);
  const altered = rewritten(drafts, at, (text) => text.replace(/base64\r\n\r\n..../, 'base64\r\n\r\nAAAA'));
  const shown = views(
    altered,
    'device:bob',
    (v) => ({ ...v, bubbles: [received('first'), received('second', { text: 'x' })] }),
    3,
  );
  expect(new Set(found(shown))).toEqual(new Set(['message-rule carrier:A']));
});

test('state entries of phones without a message and events of nobody in particular do no harm', () => {
  const odd = inserted(
    healthy(),
    5,
    state('bob', 0, []),
    event('carrier:A', 'something', {}),
    frame('alice', 'bob', cpimText('x', 'a/b', ''), { protocol: 'http', event: 'open' }),
  );
  expect(judge(theCase(), numbered(odd), table()).evidence).toBeGreaterThan(0);
});

describe('a message that is handed over again', () => {
  /** Bob's copy of `second` once more, in a transaction of its own, `later` ms after the first attempt. */
  const again = (later: number, connection: number) => {
    const drafts = numbered(healthy()) as Draft[];
    const at = frameAt(drafts, 'core.beta', 'bob', ID.second);
    const t = drafts[at]!.t! + later;
    const copies = drafts.slice(at, at + 2).map((draft) => {
      const text = textOf((draft as { bytes?: TraceBytes }).bytes)
        .replaceAll(`z9hG4bK-${ID.second}`, 'z9hG4bK-again')
        .replaceAll(`call-${ID.second}`, 'call-again');
      return { ...draft, t, connection, bytes: { text } } as Draft;
    });
    return inserted(drafts, at + 2, ...copies);
  };

  test('to a phone that had taken it is blamed on the carrier', () => {
    expect(found(again(100, 3))).toContain('I3-delivery carrier:B');
  });

  test('while the first answer is on its way and must be waited for, too', () => {
    expect(found(again(11, 3))).toContain('I3-delivery carrier:B');
  });

  test('is excused on a new flow that overtakes the answer', () => {
    expect(found(again(11, 99))).not.toContain('I3-delivery carrier:B');
  });
});

test('a text that does not say where its marker stands ends in it', () => {
  const steps = STEPS.map((one) =>
    'send' in one && (one.send as { message: string }).message === 'first'
      ? { send: { message: 'first', from: 'alice', to: 'bob', text: 'the first' } }
      : one,
  );
  expect(judge(theCase(steps), numbered(healthy()), table())).toMatchObject({ outcome: 'passed' });
});
