import { messageFacts } from '../../../matrix/facts/index.ts';
import type { Blame, Failure } from '../../../reports/result.ts';
import type { Bubble } from '../../../reports/trace.ts';
import { blameForMessage, blameForWelcome } from '../blame.ts';
import type { OracleContext } from '../context.ts';
import type { Finding, Invariant } from '../finding.ts';
import {
  firstStateWhere,
  incoming,
  isAbout,
  type MessageStory,
  outgoing,
  receiptHops,
} from '../message-story.ts';
import { addresseeOf, isWelcome, wasTaken } from '../parcels.ts';
import { isHealed, isReachable } from '../world-facts.ts';
import { orderFailures } from './delivery-order.ts';
import { sentAgain } from './sent-again.ts';

/** Accepted messages end delivered, failed-and-reported or still waiting for a reason; none lost, none twice, in order. */
export const delivery: Invariant = {
  id: 'I3-delivery',
  title: 'nothing is lost, nothing comes twice, nothing overtakes',
  clause: 'RFC 3428 section 7; RFC 5438 sections 7 and 8; rcs-signalling 4.6',
  check,
};

function check(context: OracleContext): Finding {
  const failures: Failure[] = [];
  let evidence = 0;
  const add = (expected: string, actual: string, blame: Blame) => {
    const stepIndex = context.stepAt(blame.entry);
    failures.push({ rule: delivery.id, clause: delivery.clause, stepIndex, expected, actual, blame });
  };
  for (const story of context.messages) {
    const received = incoming(context.stateOf(story.recipient), story);
    if (received.length > 1) {
      add(
        `${story.recipient} shows "${story.subject.name}" once`,
        `${received.length} times`,
        blameForTwin(context, story, received),
      );
    }
    const fault = fateOf(context, story, received);
    if (fault) add(fault.expected, fault.actual, fault.blame);
    else if (received.length === 1) evidence += 1;
  }
  const others = [
    ...orderFailures(context),
    ...context.receiptFaults,
    ...lostWelcomes(context),
    ...sentAgain(context),
  ];
  for (const { expected, actual, blame } of others) add(expected, actual, blame);
  return { failures, evidence };
}

type Fault = Pick<Failure, 'expected' | 'actual' | 'blame'>;

/** A Welcome that the network took reaches its phone, like any message. */
function lostWelcomes(context: OracleContext): Fault[] {
  if (!isHealed(context)) return [];
  return [...context.parcels.values()].filter(isWelcome).flatMap((parcel) => {
    const goal = addresseeOf(context, parcel);
    if (goal === undefined || !isReachable(context, goal) || !wasTaken(context, parcel)) return [];
    if (context.messages.some((story) => story.recipient === goal && isToBeLost(context, story))) return [];
    const blame = blameForWelcome(context, parcel);
    return blame
      ? [{ expected: `the Welcome ${parcel.id} reaches ${goal}`, actual: 'it does not', blame }]
      : [];
  });
}

/** What is wrong with how the message ended; nothing for one that was never accepted. */
function fateOf(context: OracleContext, story: MessageStory, received: readonly Bubble[]): Fault | undefined {
  const { sender } = story;
  const name = `"${story.subject.name}"`;
  const state = context.stateOf(sender);
  const bubble = outgoing(state, story).at(-1);
  const atSender = (evidence: string): Blame => ({
    side: sender,
    entry: state?.n ?? context.end.n,
    evidence,
  });
  if (!bubble) {
    if (story.wireIds.length === 0) return undefined;
    return {
      expected: `${sender} keeps ${name}`,
      actual: 'its bubble is gone',
      blame: atSender(`${name} is not shown any more`),
    };
  }
  switch (bubble.state) {
    case 'pending':
      return {
        expected: `${name} comes to rest`,
        actual: 'it is still being sent',
        blame: atSender(`${name} is pending at the end`),
      };
    case 'queued':
      if (bubble.reason) return undefined;
      return {
        expected: `${name} is queued for a reason`,
        actual: 'none is shown',
        blame: atSender(`${name} is queued without a reason`),
      };
    case 'failed': {
      const told = context.events.some(
        (e) => e.side === sender && e.name === 'notification' && isAbout(context, e, story),
      );
      if (told) return undefined;
      const shown = firstStateWhere(
        context,
        sender,
        (one) => outgoing(one, story).at(-1)?.state === 'failed',
      );
      const blame = { ...atSender(`${name} first shows failed here`), entry: shown?.n ?? context.end.n };
      return { expected: `a notification that ${name} failed`, actual: 'none', blame };
    }
    default:
      return received.length > 0 ? undefined : unseenByRecipient(context, story, bubble);
  }
}

/** The network took it and the recipient doesn't show it. */
function unseenByRecipient(context: OracleContext, story: MessageStory, bubble: Bubble): Fault | undefined {
  const name = `"${story.subject.name}"`;
  if (bubble.state === 'sent') {
    if (isWaiting(context, story, bubble) || isToBeLost(context, story)) return undefined;
    return {
      expected: `${name} is shown by ${story.recipient} or kept for it`,
      actual: 'it is lost',
      blame: blameForMessage(context, story),
    };
  }
  const receipt = receiptHops(context, story, bubble.state === 'displayed' ? 'display' : 'delivery')[0];
  const state = context.stateOf(story.sender);
  return {
    expected: `${name} is shown by ${story.recipient}, because its sender was told it is ${bubble.state}`,
    actual: 'it is not shown',
    blame: {
      side: receipt?.from ?? story.sender,
      entry: receipt?.entry.n ?? state?.n ?? context.end.n,
      evidence: receipt
        ? `${receipt.from} reported ${name} as ${bubble.state} here`
        : `no receipt says ${bubble.state}`,
    },
  };
}

/** A middlebox of the case loses it, which is judged by the table, not here. */
function isToBeLost({ testCase }: OracleContext, { subject }: MessageStory): boolean {
  return messageFacts(testCase, subject.send)['message.fate'] === 'lost';
}

/** Kept by a carrier for a phone that can't be reached. An SMSC keeps without an event that could name the message. */
function isWaiting(context: OracleContext, story: MessageStory, bubble: Bubble): boolean {
  if (isReachable(context, story.recipient) && isHealed(context)) return false;
  if (bubble.channel === 'sms') return true;
  const last = (name: string) =>
    context.events.findLast((event) => event.name === name && isAbout(context, event, story))?.n ?? -1;
  return last('stored') > last('delivered-from-store');
}

/** One wire id twice is the recipient's failure to recognise it; two wire ids are two messages, made by who sent the second. */
function blameForTwin(context: OracleContext, story: MessageStory, received: readonly Bubble[]): Blame {
  const first = firstStateWhere(context, story.recipient, (state) => incoming(state, story).length > 1);
  const shown = { side: story.recipient, entry: first?.n ?? context.end.n };
  const ids = [...new Set(received.map((bubble) => bubble.wireId))];
  if (ids.length < 2) return { ...shown, evidence: `it first shows "${story.subject.name}" twice here` };
  const known = new Set<string>([ids[0]!]);
  for (const hop of story.hops) {
    const id = hop.sip?.cpim?.messageId;
    if (id === undefined || known.has(id) || !ids.includes(id)) continue;
    return {
      side: hop.from,
      entry: hop.entry.n,
      evidence: `${hop.from} sent it under a second id, ${id}, here`,
    };
  }
  const overSms = story.hops.find((hop) => hop.protection === 'sms');
  if (overSms && received.some((bubble) => bubble.channel !== 'sms')) {
    return { side: overSms.from, entry: overSms.entry.n, evidence: `${overSms.from} sent it as SMS besides` };
  }
  return { ...shown, evidence: `it first shows "${story.subject.name}" twice here` };
}
