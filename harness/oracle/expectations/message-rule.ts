import type { Blame, Failure } from '../../../reports/result.ts';
import type { Bubble } from '../../../reports/trace.ts';
import { blameForMessage, blameForReceipt, blameForRefusal, faultyReceipt, refusalTo } from '../blame.ts';
import { blameForCertificate } from '../certificates.ts';
import type { OracleContext } from '../context.ts';
import type { Finding } from '../finding.ts';
import {
  arrivals,
  firstStateWhere,
  incoming,
  isAbout,
  type MessageStory,
  outgoing,
  receiptHops,
} from '../message-story.ts';
import type { MessageMoment, MessageRule } from '../subjects.ts';
import { firstTampering } from '../tampering.ts';

type Then = Exclude<MessageRule['then'], { unsupported: string }>;

/** Judges one message at one moment by the rule of the decision table that matched there. */
export function judgeMessage(context: OracleContext, story: MessageStory, moment: MessageMoment): Finding {
  const rule = moment.decision?.rule;
  if (!rule || 'unsupported' in rule.then) return { failures: [], evidence: 0 };
  const failures: Failure[] = [];
  let evidence = 0;
  const stepIndex = moment.stepIndex ?? context.testCase.steps.length - 1;
  const check = (holds: boolean, expected: string, actual: string, blame: () => Blame) => {
    if (holds) evidence += 1;
    else failures.push({ rule: rule.rule, clause: rule.clause, stepIndex, expected, actual, blame: blame() });
  };
  const then = expectedAt(rule, rule.then, moment);
  const name = `"${story.subject.name}"`;
  const senderState = context.stateOf(story.sender, moment.stepIndex);
  const bubble = outgoing(senderState, story).at(-1);
  if (!bubble) {
    check(false, `${story.sender} shows message ${name}`, 'it shows no such bubble', () => ({
      side: story.sender,
      entry: senderState?.n ?? context.end.n,
      evidence: `its view has no outgoing bubble for ${name}`,
    }));
    return { failures, evidence };
  }

  if (moment.when === 'final' || asksMoment(rule)) {
    for (const field of ['channel', 'badge'] as const) {
      check(
        bubble[field] === then[field],
        `${name}: ${field} ${then[field]}`,
        `${field} ${bubble[field]}`,
        () => blameForLook(context, story, field, bubble, moment),
      );
    }
  }
  check(
    then.state.includes(bubble.state as Then['state'][number]),
    `${name}: state ${then.state.join(' or ')}`,
    `state ${bubble.state}${because(bubble)}`,
    () => blameForState(context, story, then, bubble, moment),
  );

  const received = incoming(context.stateOf(story.recipient, moment.stepIndex), story);
  if (then.received) {
    check(received.length > 0, `${story.recipient} shows ${name}`, 'it does not', () =>
      blameForMessage(context, story),
    );
    if (received.length > 0) {
      const same = received.every((one) => one.text === story.text);
      check(same, `${name} is received as it was written`, 'its text is different', () =>
        blameForText(context, story),
      );
      for (const field of ['channel', 'badge'] as const) {
        const other = received.find((one) => one[field] !== then[field]);
        check(
          other === undefined,
          `${name}: ${field} ${then[field]} at ${story.recipient}`,
          `${field} ${other?.[field]}`,
          () => blameForReceivedLook(context, story, field, other!),
        );
      }
    }
  } else {
    check(received.length === 0, `${story.recipient} has not received ${name}`, 'it shows it', () => ({
      side: story.hops[0]?.from ?? story.sender,
      entry: story.hops[0]?.entry.n ?? senderState?.n ?? context.end.n,
      evidence: 'here it was sent on its way',
    }));
  }
  if (moment.when === 'stored') return { failures, evidence };

  checkCarriers(context, story, then, check);
  for (const who of then.notify) {
    const side = who === 'sender' ? story.sender : story.recipient;
    checkEvent(context, story, side, 'notification', undefined, check);
  }
  if (then.audit !== undefined) checkEvent(context, story, story.sender, 'audit', then.audit, check);
  return { failures, evidence };
}

type Check = (holds: boolean, expected: string, actual: string, blame: () => Blame) => void;

/** Before the recipient is back a rule that doesn't ask `message.when` itself can promise only this much. */
function expectedAt(rule: MessageRule, then: Then, moment: MessageMoment): Then {
  if (moment.when === 'final' || asksMoment(rule)) return then;
  const held = then.channel === 'none';
  return { ...then, state: held ? then.state : ['sent'], received: false };
}

function asksMoment(rule: MessageRule): boolean {
  return 'message.when' in rule.when;
}

function checkCarriers(context: OracleContext, story: MessageStory, then: Then, check: Check): void {
  const name = `"${story.subject.name}"`;
  const clear = story.hops.find((hop) => hop.protection !== 'secure');
  if (then.carrierSees === 'ciphertext') {
    check(
      clear === undefined,
      `${name} crosses the wire as message/mls only`,
      `it went ${clear?.protection}`,
      () => ({
        side: clear!.from,
        entry: clear!.entry.n,
        evidence: `${clear!.from} sent it unencrypted here`,
      }),
    );
  } else if (then.carrierSees === 'nothing') {
    const seen = context.sightings.find(
      (one) => one.marker.message === story.subject.name && one.marker.kind === 'wire-id',
    )?.n;
    const first = Math.min(seen ?? Infinity, story.hops[0]?.entry.n ?? Infinity);
    const frame = context.trace[first];
    check(first === Infinity, `no frame about ${name} leaves the phone`, 'one does', () => ({
      side: frame?.kind === 'frame' ? context.sideOf(frame.from) : story.sender,
      entry: first,
      evidence: `this entry is about ${name}`,
    }));
  }
}

function checkEvent(
  context: OracleContext,
  story: MessageStory,
  side: string,
  name: 'notification' | 'audit',
  entry: string | undefined,
  check: Check,
): void {
  const told = context.events.filter(
    (event) => event.side === side && event.name === name && isAbout(context, event, story),
  );
  const found = entry === undefined ? told.length > 0 : told.some((event) => event.data['entry'] === entry);
  const expected = entry === undefined ? `a notification at ${side}` : `audit entry ${entry} at ${side}`;
  const actual =
    told.length === 0 ? 'none' : `only ${told.map((event) => String(event.data['entry'])).join(', ')}`;
  check(found, `${expected} about "${story.subject.name}"`, actual, () => {
    const last = context.stateOf(side)?.n ?? context.end.n;
    return { side, entry: last, evidence: `up to its last view ${side} wrote no such ${name}` };
  });
}

function because(bubble: Bubble): string {
  return bubble.reason === undefined ? '' : ` (${bubble.reason})`;
}

/** Less than what was expected may follow from a refusal; anything else is the phone's own doing. */
function blameForLook(
  context: OracleContext,
  story: MessageStory,
  field: 'channel' | 'badge',
  bubble: Bubble,
  moment: MessageMoment,
): Blame {
  const less = field === 'badge' ? bubble.badge !== 'secure' : bubble.channel !== 'rcs';
  return (less ? blameForLess(context, story) : undefined) ?? ownView(context, story, field, bubble, moment);
}

/** Less than was hoped for follows from a certificate, from who refused the message, or from any other refusal. */
function blameForLess(context: OracleContext, story: MessageStory): Blame | undefined {
  return (
    blameForCertificate(context, story.sender) ??
    blameForRefusal(context, story) ??
    refusalTo(context, story.sender, story.subject.sentAt)
  );
}

/** As far as a receipt takes it. */
const PROGRESS: readonly string[] = ['sent', 'delivered', 'displayed'];

function blameForState(
  context: OracleContext,
  story: MessageStory,
  then: Then,
  bubble: Bubble,
  moment: MessageMoment,
): Blame {
  const own = () => ownView(context, story, 'state', bubble, moment);
  const reached = PROGRESS.indexOf(bubble.state);
  const wanted = Math.max(...then.state.map((state) => PROGRESS.indexOf(state)));
  if (reached > wanted && wanted >= 0) return blameForProgress(context, story, bubble) ?? own();
  if ((reached >= 0 || bubble.state === 'pending') && wanted > 0) {
    const arrived = incoming(context.stateOf(story.recipient, moment.stepIndex), story).length > 0;
    if (!arrived) return blameForMessage(context, story);
    return blameForReceipt(context, story, bubble.state === 'delivered' ? 'display' : 'delivery');
  }
  const lessThanSent = bubble.state === 'failed' || bubble.state === 'queued';
  const refusal = lessThanSent ? blameForLess(context, story) : undefined;
  if (refusal) return refusal;
  return bubble.state === 'failed' && wasReportedFailed(context, story)
    ? blameForMessage(context, story)
    : own();
}

/** More than was expected follows from a receipt, if one came; its author is to blame. */
function blameForProgress(context: OracleContext, story: MessageStory, bubble: Bubble): Blame | undefined {
  const hops = receiptHops(context, story, bubble.state === 'displayed' ? 'display' : 'delivery');
  if (!hops.some(({ to }) => to === story.sender)) return undefined;
  const { from, entry } = hops[0]!;
  const evidence = `${from} sent a receipt here that says "${story.subject.name}" is ${bubble.state}`;
  return faultyReceipt(context, story) ?? { side: from, entry: entry.n, evidence };
}

function wasReportedFailed(context: OracleContext, story: MessageStory): boolean {
  return [...context.parcels.values()].some(({ cpim }) =>
    cpim.receipts.some(({ about, status }) => status === 'failed' && story.wireIds.includes(about)),
  );
}

/** The recipient, if it shows something else than what came; otherwise who first sent it on so. */
function blameForReceivedLook(
  context: OracleContext,
  story: MessageStory,
  field: 'channel' | 'badge',
  bubble: Bubble,
): Blame {
  const tampering = firstTampering(context);
  if (tampering) return tampering;
  const fits = (protection: string) =>
    field === 'badge' ? protection === bubble.badge : (protection === 'sms') === (bubble.channel === 'sms');
  const { recipient } = story;
  const name = `"${story.subject.name}"`;
  const came = arrivals(story).find(({ protection }) => fits(protection));
  const first = came && story.hops.find(({ protection }) => protection === came.protection);
  if (first) {
    const evidence = `${first.from} sent ${name} ${first.protection} here`;
    return { side: first.from, entry: first.entry.n, evidence };
  }
  const shown = firstStateWhere(context, recipient, (state) =>
    incoming(state, story).some((one) => one[field] === bubble[field]),
  );
  const evidence = `${recipient} first shows ${field} ${bubble[field]} for ${name} here`;
  return { side: recipient, entry: shown?.n ?? context.end.n, evidence };
}

function ownView(
  context: OracleContext,
  story: MessageStory,
  field: 'channel' | 'badge' | 'state',
  bubble: Bubble,
  moment: MessageMoment,
): Blame {
  const tampering = firstTampering(context);
  if (tampering) return tampering;
  const last = context.stateOf(story.sender, moment.stepIndex);
  const first = firstStateWhere(
    context,
    story.sender,
    (state) => outgoing(state, story).at(-1)?.[field] === bubble[field],
  );
  return {
    side: story.sender,
    entry: first?.n ?? last?.n ?? context.end.n,
    evidence: `its bubble for "${story.subject.name}" first shows ${field} ${bubble[field]} here`,
  };
}

/** Unless a carrier altered the content, only the recipient can have changed the text. */
function blameForText(context: OracleContext, story: MessageStory): Blame {
  const isOther = (bubble: Bubble) => bubble.text !== story.text;
  const shown = firstStateWhere(context, story.recipient, (state) => incoming(state, story).some(isOther));
  const entry = shown?.n ?? context.end.n;
  return (
    firstTampering(context) ?? {
      side: story.recipient,
      entry,
      evidence: `${story.recipient} first shows another text here`,
    }
  );
}
