import { describe, expect, test } from 'vitest';
import { decide, deviceFacts, messageFacts, type When } from '../../matrix/index.ts';
import type { Case } from '../../matrix/schema/case.ts';
import type { Step } from '../../matrix/schema/step.ts';
import { caseWith, expansionOf, matrix } from './support/build.ts';

const { messages, devices } = matrix.expectations;

function messageRule(cell: Case, name = 'hello', when: When = 'final') {
  const send = cell.steps.flatMap((step) =>
    'send' in step && step.send.message === name ? [step.send] : [],
  )[0]!;
  return decide(messages, messageFacts(cell, send, when))?.rule;
}

function deviceRule(cell: Case, role: string) {
  return decide(devices, deviceFacts(cell, role))?.rule;
}

test('every message and phone of every cell of every plan is judged by a rule', () => {
  const used = new Set<string>();
  const unjudged: string[] = [];
  for (const cell of alikeOnce([...matrix.plans.keys()].flatMap((plan) => expansionOf(plan).cells))) {
    for (const rule of cell.steps.flatMap((step) => rulesAt(cell, step))) {
      if (rule === undefined) unjudged.push(cell.id);
      else used.add(rule);
    }
  }
  expect(unjudged).toEqual([]);
  const idle = [...messages, ...devices].map(({ rule }) => rule).filter((rule) => !used.has(rule));
  expect(idle, 'rules that no cell of any plan puts to the test').toEqual([
    'mls-without-receipts',
    'rcs-without-receipts',
  ]);
}, 240_000);

/** No rule asks for more of the network than its middleboxes: cells that differ in nothing else are judged alike. */
function alikeOnce(cells: readonly Case[]): Case[] {
  const unlike = new Map(
    cells.map((cell) => [
      cell.network.interconnect.middleboxes.length > 0 ? cell.id : cell.id.replace(/network=[^,]*/, ''),
      cell,
    ]),
  );
  return [...unlike.values()];
}

function rulesAt(cell: Case, step: Step): (string | undefined)[] {
  if ('send' in step) {
    return (['stored', 'final'] as const).map(
      (when) => decide(messages, messageFacts(cell, step.send, when))?.rule.rule,
    );
  }
  return 'expect' in step && 'device' in step.expect ? [deviceRule(cell, step.expect.device)?.rule] : [];
}

describe('rcs-signalling 10.4: the kind of thread between two phones', () => {
  const SMS = 'aosp-sms';
  const UP24 = 'galaxy-up24';
  const UP30 = 'galaxy-up30-no-mls';
  const E2EE = 'pixel-up30';
  test.each([
    [UP24, SMS, 'sms', 'sms', 'plaintext'],
    [UP24, UP24, 'rcs', 'plain', 'plaintext'],
    [UP24, UP30, 'rcs', 'plain', 'plaintext'],
    [UP24, E2EE, 'rcs', 'plain', 'plaintext'],
    [UP30, SMS, 'sms', 'sms', 'plaintext'],
    [UP30, E2EE, 'rcs', 'plain', 'plaintext'],
    [E2EE, SMS, 'sms', 'sms', 'plaintext'],
    [E2EE, UP24, 'rcs', 'plain', 'plaintext'],
    [E2EE, UP30, 'rcs', 'plain', 'plaintext'],
    [E2EE, E2EE, 'rcs', 'secure', 'ciphertext'],
    [SMS, E2EE, 'sms', 'sms', 'plaintext'],
  ])('%s to %s: %s, %s', (sender, recipient, channel, badge, carrierSees) => {
    expect(messageRule(caseWith({ sender, recipient }))?.then).toMatchObject({
      channel,
      badge,
      carrierSees,
      received: true,
    });
  });

  test.each([
    ['up30-e2ee', 'up30-e2ee-off'],
    ['up30-e2ee-off', 'up30-e2ee'],
    ['up24', 'up30-e2ee'],
    ['up30-e2ee', 'up24'],
  ])('two MLS phones on %s and %s write in clear: one carrier has no E2EE (10.2)', (carrierA, carrierB) => {
    expect(messageRule(caseWith({ carrierA, carrierB }))?.then).toMatchObject({
      channel: 'rcs',
      badge: 'plain',
    });
  });
});

describe('the sender sees', () => {
  test('displayed when the message is read, both phones do display notifications and the policy lets them', () => {
    expect(messageRule(caseWith({}), 'hello')?.then).toMatchObject({ state: ['displayed'] });
  });
  test('delivered when it is not read', () => {
    expect(messageRule(caseWith({}), 'dinner')?.then).toMatchObject({ state: ['delivered'] });
  });
  test('delivered when the policy keeps read receipts back', () => {
    expect(messageRule(caseWith({ policy: 'regulated' }), 'hello')?.then).toMatchObject({
      badge: 'secure',
      state: ['delivered'],
    });
  });
  test.each([
    ['joyn-ios', 'pixel-up30'],
    ['pixel-up30', 'joyn-ios'],
  ])('delivered from %s to %s: joyn knows no display notification', (sender, recipient) => {
    expect(messageRule(caseWith({ sender, recipient }))?.then).toMatchObject({ state: ['delivered'] });
  });
  test('sent or delivered for an SMS', () => {
    expect(messageRule(caseWith({ recipient: 'aosp-sms' }))?.then).toMatchObject({
      state: ['sent', 'delivered'],
    });
  });
  test.each(['iphone-up30', 'joyn-ios', 'aosp-sms'])('sent while %s is away', (recipient) => {
    const cell = caseWith({ scenario: 'comes-back', recipient });
    expect(messageRule(cell, 'first', 'stored')?.then).toMatchObject({ state: ['sent'], received: false });
    expect(messageRule(cell, 'first', 'final')?.then).toMatchObject({ received: true });
  });
});

describe('a policy that requires encryption', () => {
  const held = {
    channel: 'none',
    badge: 'none',
    state: ['queued'],
    received: false,
    carrierSees: 'nothing',
    notify: ['sender'],
    audit: 'queued-for-e2ee',
  };
  test.each(['aosp-sms', 'joyn-ios', 'galaxy-up24', 'galaxy-up30-no-mls'])(
    'holds what is for %s on the phone',
    (recipient) => {
      expect(messageRule(caseWith({ recipient, policy: 'regulated' }))?.then).toEqual(held);
    },
  );
  test('holds what would cross a carrier without E2EE', () => {
    expect(messageRule(caseWith({ carrierB: 'up30-e2ee-off', policy: 'regulated' }))?.then).toEqual(held);
  });
  test('lets through what can be encrypted', () => {
    expect(messageRule(caseWith({ policy: 'regulated' }))?.then).toMatchObject({ badge: 'secure' });
  });
  test('asks of a phone with SMS alone what it declares that it has not', () => {
    expect(messageRule(caseWith({ sender: 'aosp-sms', policy: 'regulated' }))?.then).toHaveProperty(
      'unsupported',
    );
  });
  test('is as strict as a message that must be encrypted under any policy', () => {
    const cell = caseWith({ recipient: 'galaxy-up24' });
    const send = {
      message: 'hello',
      from: 'alice',
      to: 'bob',
      text: '',
      requirement: 'must-encrypt',
    } as const;
    expect(decide(messages, messageFacts(cell, send))?.rule.then).toEqual(held);
  });
});

describe('a policy', () => {
  const send = { message: 'hello', from: 'alice', to: 'bob', text: '', requirement: 'any' } as const;
  test('that forbids encryption leaves plain RCS', () => {
    const cell = caseWith({});
    const forbidding = { ...cell, policy: { ...cell.policy, e2ee: 'forbidden' } } as const;
    expect(decide(messages, messageFacts(forbidding, send))?.rule.then).toMatchObject({
      channel: 'rcs',
      badge: 'plain',
    });
  });
  test('that forbids SMS holds what could only go as SMS', () => {
    const cell = caseWith({ recipient: 'aosp-sms' });
    const forbidding = { ...cell, policy: { ...cell.policy, smsFallback: 'forbidden' } } as const;
    expect(decide(messages, messageFacts(forbidding, send))?.rule.then).toMatchObject({
      channel: 'none',
      state: ['queued'],
    });
  });
});

describe('a phone whose carrier speaks none of its SIP transports', () => {
  test.each([
    [{ sender: 'joyn-android', carrierA: 'tls-only' }, 'sender'],
    [{ recipient: 'xperia-up30', carrierB: 'tls-only' }, 'recipient'],
  ])('is unsupported (%j)', (axes, who) => {
    expect(messageRule(caseWith(axes))?.rule).toBe(`${who}-shares-no-transport`);
    expect(deviceRule(caseWith({ ...axes, scenario: 'onboarding' }), 'alice')?.then).toHaveProperty(
      'unsupported',
    );
  });
});

describe('what stands between the carriers (rcs-signalling 10.3)', () => {
  const plain = { sender: 'galaxy-up24' };
  test.each([
    ['tags stripped leave new threads in clear (R15)', { carrierA: 'nni-strips-tags' }, 'rcs-displayed'],
    ['so do tags cut off (R16)', { network: 'ipx-truncates-options' }, 'rcs-displayed'],
    ['a hub changes nothing', { carrierB: 'hub-hosted' }, 'mls-displayed'],
    ['nor does what means the same', { network: 'ipx-rewrites' }, 'mls-displayed'],
    ['415 fails what is encrypted (R41)', { network: 'ipx-refuses-mls' }, 'mls-refused-on-the-way'],
    ['and nothing else', { network: 'ipx-refuses-mls', ...plain }, 'rcs-displayed'],
    ['silence delivers nothing', { network: 'ipx-loses-mls' }, 'mls-lost-on-the-way'],
    ['texts are refused', { network: 'ipx-refuses-text', ...plain }, 'rcs-refused-on-the-way'],
    ['or lost', { network: 'ipx-loses-text', ...plain }, 'rcs-lost-on-the-way'],
    ['a Welcome is larger than 1300 octets', { network: 'ipx-small-messages' }, 'mls-refused-on-the-way'],
    ['a short text is not', { network: 'ipx-small-messages', ...plain }, 'rcs-displayed'],
    ['no receipts', { network: 'ipx-loses-receipts' }, 'mls-receipts-kept-back'],
  ])('%s', (_, axes, rule) => {
    expect(messageRule(caseWith(axes))?.rule).toBe(rule);
  });
});

describe('certificates (rcs-signalling 2.5)', () => {
  test.each([
    ['tls-only-expired', { registration: 'unregistered', reason: 'certificate' }, 'sms'],
    ['tls-only-wrong-name', { registration: 'unregistered', reason: 'certificate' }, 'sms'],
    ['tls-only-rotated', { registration: 'unregistered', reason: 'certificate' }, 'sms'],
    ['tls-only-acs-early', { registration: 'disabled' }, 'sms'],
    ['tls-only-kds-unknown', { registration: 'registered', peerMls: false }, 'rcs'],
    ['tls-only-pinned', { registration: 'registered', peerMls: true }, 'rcs'],
  ])('on %s alice shows %j, and her messages go by %s', (carrierA, shown, channel) => {
    expect(deviceRule(caseWith({ carrierA, scenario: 'onboarding' }), 'alice')?.then).toMatchObject(shown);
    expect(messageRule(caseWith({ carrierA }))?.then).toMatchObject({ channel });
  });
});

describe('after onboarding', () => {
  test.each([
    [{}, { registration: 'registered', peerRcs: 'yes', peerMls: true }],
    [{ recipient: 'galaxy-up24' }, { registration: 'registered', peerRcs: 'yes', peerMls: false }],
    [{ carrierB: 'up30-e2ee-off' }, { registration: 'registered', peerRcs: 'yes', peerMls: false }],
    [{ recipient: 'aosp-sms' }, { registration: 'registered', peerRcs: 'no', peerMls: false }],
    [{ sender: 'aosp-sms' }, { registration: 'sms-only', peerRcs: 'unknown', peerMls: false }],
  ])('with %j alice shows %j', (axes, shown) => {
    expect(deviceRule(caseWith({ ...axes, scenario: 'onboarding' }), 'alice')?.then).toEqual(shown);
  });
});

test('a reply is judged from its own ends: its sender is the recipient of the case', () => {
  const cell = caseWith({ sender: 'galaxy-up24', recipient: 'aosp-sms' });
  const reply = cell.steps.flatMap((step) =>
    'send' in step && step.send.message === 'reply' ? [step.send] : [],
  )[0]!;
  expect(messageFacts(cell, reply)).toMatchObject({
    sender: 'aosp-sms',
    'sender.rcs': 'no',
    recipient: 'galaxy-up24',
    'message.read': true,
  });
});
