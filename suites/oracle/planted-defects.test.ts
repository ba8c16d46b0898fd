import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { judge } from '../../harness/oracle/judge.ts';
import { FIRST, table, theCase } from './support/case.ts';
import { changed, frameAt, inserted, rewritten, views, without } from './support/edit.ts';
import { imdnText, requestText, responseText } from './support/sip-text.ts';
import {
  bytes,
  ciphertext,
  type Draft,
  frame,
  healthy,
  hop,
  ID,
  numbered,
  REGISTER,
  received,
  sent,
} from './support/trace.ts';

const base64 = (text: string, lead = '') => Buffer.from(lead + text).toString('base64');
const lastState = (drafts: readonly Draft[]) => drafts.findLastIndex((draft) => draft.kind === 'state');
const store = (content: string | Uint8Array): Draft => ({
  kind: 'store',
  side: 'carrier:B',
  key: 'log',
  bytes: bytes(content),
});
const replaceBubbles =
  (change: (state: string) => ReturnType<typeof sent>[], side: 'device:alice' | 'device:bob') =>
  (drafts: Draft[]) =>
    views(drafts, side, (view) => ({ ...view, bubbles: change(String(view.bubbles.length)) }), 3);

interface Plant {
  readonly defect: string;
  readonly plant: (drafts: Draft[]) => Draft[];
  /** Each failure as `rule side`, earliest first. */
  readonly found: readonly string[];
}

const PLANTS: readonly Plant[] = [
  // I1
  {
    defect: 'a carrier keeps the text in base64',
    plant: (d) => inserted(d, lastState(d), store(`x${base64(FIRST, 'ab')}y`)),
    found: ['I1-confidentiality carrier:B'],
  },
  {
    defect: 'a carrier keeps the text in gzip',
    plant: (d) => inserted(d, lastState(d), store(gzipSync(`<m>${FIRST}</m>`))),
    found: ['I1-confidentiality carrier:B'],
  },
  {
    defect: 'a carrier shows the text to the other in a header',
    plant: (d) =>
      rewritten(d, frameAt(d, 'core.alpha', 'core.beta', ID.first), (t) =>
        t.replace('Max-Forwards: 70\r\n', `Max-Forwards: 70\r\nSubject: ${FIRST}\r\n`),
      ),
    found: ['I1-confidentiality carrier:A'],
  },
  // I2
  {
    defect: 'a phone sends in clear and shows a secure badge',
    plant: (d) => {
      let out = d;
      for (const [from, to] of [
        ['alice', 'core.alpha'],
        ['core.alpha', 'core.beta'],
        ['core.beta', 'bob'],
      ] as const) {
        const at = frameAt(out, from, to, ID.second);
        out = [
          ...out.slice(0, at),
          ...hop(from, to, ID.second, 'text/plain', 'the second marker-second-c04d82'),
          ...out.slice(at + 2),
        ];
      }
      return replaceBubbles(
        () => [received('first'), received('second', { badge: 'plain' })],
        'device:bob',
      )(out);
    },
    found: [
      'I2-no-silent-downgrade device:alice',
      'I1-confidentiality device:alice',
      'message-rule device:alice',
      'message-rule device:alice',
    ],
  },
  // I3
  {
    defect: 'a phone shows one message twice',
    plant: replaceBubbles(() => [received('first'), received('first'), received('second')], 'device:bob'),
    found: ['I3-delivery device:bob'],
  },
  {
    defect: 'a phone shows messages in another order',
    plant: replaceBubbles(() => [received('second'), received('first')], 'device:bob'),
    found: ['I3-delivery device:bob'],
  },
  {
    defect: 'a carrier takes a message and keeps it for itself',
    plant: (d) => {
      const from = frameAt(d, 'core.beta', 'bob', ID.second);
      const to = frameAt(d, 'core.alpha', 'alice', 'MxReceipt-second');
      const cut = [...d.slice(0, from), ...d.slice(to + 2)];
      const unsent = views(
        cut,
        'device:alice',
        (v) => ({ ...v, bubbles: [sent('first'), sent('second', { state: 'sent' })] }),
        3,
      );
      return views(unsent, 'device:bob', (v) => ({ ...v, bubbles: [received('first')] }), 3);
    },
    found: ['I3-delivery carrier:B', 'message-rule carrier:B', 'message-rule carrier:B'],
  },
  {
    defect: 'a receipt for a message that nobody sent',
    plant: (d) =>
      inserted(
        d,
        lastState(d),
        ...hop('core.beta', 'core.alpha', 'MxReceipt-none', 'message/imdn+xml', imdnText('MxNobodySentThis')),
      ),
    found: ['I3-delivery carrier:B'],
  },
  {
    defect: 'a message that is queued for no reason',
    plant: replaceBubbles(() => [sent('first'), sent('second', { state: 'queued' })], 'device:alice'),
    found: ['message-rule device:alice', 'I3-delivery device:alice'],
  },
  // I4
  {
    defect: 'an epoch authenticator that diverges',
    plant: (d) =>
      views(
        d,
        'device:bob',
        (v) => ({ ...v, groups: v.groups.map((g) => ({ ...g, epochAuthenticator: 'dd44' })) }),
        2,
      ),
    found: ['I4-agreement device:bob'],
  },
  {
    defect: 'a member that stays an epoch behind',
    plant: (d) =>
      views(d, 'device:alice', (v) => ({ ...v, groups: v.groups.map((g) => ({ ...g, epoch: '10' })) }), 3),
    found: ['I4-agreement device:bob'],
  },
  {
    defect: "a carrier that puts ciphertext of its own in place of the phone's",
    plant: (d) => {
      const at = frameAt(d, 'core.beta', 'bob', ID.second);
      const forged = [
        ...d.slice(0, at),
        ...hop('core.beta', 'bob', ID.second, 'message/mls', ciphertext(ID.second, { name: 'forged' })),
        ...d.slice(at + 2),
      ];
      return views(
        forged,
        'device:bob',
        (v) => ({ ...v, groups: v.groups.map((g) => ({ ...g, treeHash: 'ee55' })) }),
        3,
      );
    },
    found: ['I4-agreement carrier:B'],
  },
  // I12
  {
    defect: 'a phone publishes its presence in a network that discovers by OPTIONS',
    plant: (d) => {
      const publish = { ...REGISTER, method: 'PUBLISH', callId: 'call-publish', branch: 'z9hG4bK-publish' };
      return inserted(
        d,
        lastState(d),
        frame('alice', 'core.alpha', requestText(publish)),
        frame('core.alpha', 'alice', responseText(publish, 200)),
      );
    },
    found: ['I12-discovery device:alice'],
  },
  // I7
  {
    defect: 'a request that gets no final response',
    plant: (d) => without(d, frameAt(d, 'core.beta', 'core.alpha', 'SIP/2.0 200')),
    found: ['I7-signalling carrier:B'],
  },
  {
    defect: 'a provisional response and no final one',
    plant: (d) =>
      rewritten(d, frameAt(d, 'core.alpha', 'alice', 'call-register'), (t) =>
        t.replace('SIP/2.0 200', 'SIP/2.0 100'),
      ),
    found: ['I7-signalling carrier:A'],
  },
  {
    defect: 'a response with another CSeq number',
    plant: (d) =>
      rewritten(d, frameAt(d, 'core.alpha', 'alice', 'SIP/2.0 200'), (t) =>
        t.replace('CSeq: 1 ', 'CSeq: 2 '),
      ),
    found: ['I7-signalling carrier:A'],
  },
  {
    defect: 'a response with another CSeq method',
    plant: (d) =>
      rewritten(d, frameAt(d, 'core.alpha', 'alice', 'SIP/2.0 200'), (t) =>
        t.replace('1 REGISTER', '1 OPTIONS'),
      ),
    found: ['I7-signalling carrier:A'],
  },
  {
    defect: 'a response with another Call-ID',
    plant: (d) =>
      rewritten(d, frameAt(d, 'bob', 'core.beta', 'SIP/2.0 200'), (t) =>
        t.replace('Call-ID: call', 'Call-ID: ball'),
      ),
    found: ['I7-signalling device:bob'],
  },
  {
    defect: 'a final response without a To tag',
    plant: (d) =>
      rewritten(d, frameAt(d, 'bob', 'core.beta', 'SIP/2.0 200'), (t) => t.replace(/;tag=to-.*/, '')),
    found: ['I7-signalling device:bob'],
  },
  {
    defect: 'a response to a request that nobody sent',
    plant: (d) =>
      inserted(
        d,
        lastState(d),
        frame('core.alpha', 'alice', responseText({ ...REGISTER, branch: 'z9hG4bK-other' }, 200)),
      ),
    found: ['I7-signalling carrier:A'],
  },
  {
    defect: 'a request whose CSeq names another method',
    plant: (d) =>
      rewritten(d, frameAt(d, 'alice', 'core.alpha', 'REGISTER'), (t) =>
        t.replace('1 REGISTER', '1 MESSAGE'),
      ),
    found: ['I7-signalling device:alice', 'I7-signalling carrier:A'],
  },
  {
    defect: 'a request without Max-Forwards',
    plant: (d) =>
      rewritten(d, frameAt(d, 'alice', 'core.alpha', 'REGISTER'), (t) =>
        t.replace('Max-Forwards: 70\r\n', ''),
      ),
    found: ['I7-signalling device:alice'],
  },
  {
    defect: 'a request without a From tag',
    plant: (d) =>
      rewritten(d, frameAt(d, 'core.beta', 'bob', ID.first), (t) =>
        t.replace(/(From: <sip:alice@alpha>);tag=.*/, '$1'),
      ),
    found: ['I7-signalling carrier:B', 'I7-signalling device:bob'],
  },
  {
    defect: 'a branch without the magic cookie',
    plant: (d) =>
      d.map((x) =>
        x.kind === 'frame' && x.bytes && 'text' in x.bytes
          ? { ...x, bytes: { text: x.bytes.text.replace('z9hG4bK-register', 'register-77') } }
          : x,
      ),
    found: ['I7-signalling device:alice', 'I7-signalling carrier:A'],
  },
  {
    defect: 'a Content-Length that is too small',
    plant: (d) =>
      rewritten(d, frameAt(d, 'alice', 'core.alpha', ID.first), (t) =>
        t.replace(/Content-Length: \d+/, 'Content-Length: 50'),
      ),
    found: ['I7-signalling device:alice'],
  },
  {
    defect: 'a Content-Length that is too large',
    plant: (d) =>
      rewritten(d, frameAt(d, 'alice', 'core.alpha', ID.first), (t) =>
        t.replace(/Content-Length: \d+/, 'Content-Length: 900'),
      ),
    found: ['I7-signalling device:alice'],
  },
  {
    defect: 'no Content-Length on a stream',
    plant: (d) =>
      rewritten(d, frameAt(d, 'core.alpha', 'alice', 'call-register'), (t) =>
        t.replace(/Content-Length: \d+\r\n/, ''),
      ),
    found: ['I7-signalling carrier:A'],
  },
  {
    defect: 'bytes that are no SIP',
    plant: (d) => inserted(d, lastState(d), frame('bob', 'core.beta', 'hello?\r\n\r\n')),
    found: ['I7-signalling device:bob'],
  },
  // I10
  {
    defect: 'a timer that outlives the world',
    plant: (d) =>
      changed(d, d.length - 1, (x) => (x.kind === 'end' ? { ...x, leaks: { ...x.leaks, timers: 2 } } : x)),
    found: ['I10-resources world'],
  },
  // expectations
  {
    defect: 'a phone that shows another badge than the rule says',
    plant: replaceBubbles(() => [sent('first'), sent('second', { badge: 'plain' })], 'device:alice'),
    found: ['message-rule device:alice'],
  },
  {
    defect: 'a phone that shows another text than was written',
    plant: replaceBubbles(
      () => [received('first'), received('second', { text: 'something else' })],
      'device:bob',
    ),
    found: ['message-rule device:bob'],
  },
  {
    defect: 'a phone that never confirms what it shows',
    plant: (d) => {
      const from = frameAt(d, 'bob', 'core.beta', 'MxReceipt-second');
      const silent = [
        ...d.slice(0, from),
        ...d.slice(frameAt(d, 'core.alpha', 'alice', 'MxReceipt-second') + 2),
      ];
      return replaceBubbles(() => [sent('first'), sent('second', { state: 'sent' })], 'device:alice')(silent);
    },
    found: ['message-rule device:bob'],
  },
  {
    defect: 'a phone that forgets what it learnt of its peer',
    plant: (d) => views(d, 'device:alice', (v) => ({ ...v, capabilities: {} })),
    found: ['device-rule device:alice', 'device-rule device:alice'],
  },
];

describe('one planted defect gives exactly its failures, with the side that did it', () => {
  test('nothing is wrong with the trace that the defects are planted in', () => {
    expect(judge(theCase(), numbered(healthy()), table())).toMatchObject({ outcome: 'passed', failures: [] });
  });

  test.each(PLANTS)('$defect', ({ plant, found }) => {
    const verdict = judge(theCase(), numbered(plant(healthy())), table());
    expect(verdict.failures.map(({ rule, blame }) => `${rule} ${blame.side}`)).toEqual(found);
    expect(verdict.outcome).toBe('failed');
    expect(verdict.reason).toContain(found[0]!.split(' ')[1]);
  });
});
