import type { Failure } from '../../../reports/result.ts';
import type { Bubble } from '../../../reports/trace.ts';
import type { OracleContext } from '../context.ts';
import type { Finding, Invariant } from '../finding.ts';
import {
  arrivals,
  firstStateWhere,
  incoming,
  type MessageStory,
  namesMessage,
  outgoing,
} from '../message-story.ts';

/**
 * A message that left with less protection than its conversation had shows it on the badge, notified its sender or
 * followed an explicit rule, and left an audit entry. No badge claims more than the wire gave.
 */
export const noSilentDowngrade: Invariant = {
  id: 'I2-no-silent-downgrade',
  title: 'protection is never given up in silence',
  clause: 'RCC.16; rcs-signalling 7.4: never silent plaintext',
  check,
};

function check(context: OracleContext): Finding {
  const failures: Failure[] = [];
  let evidence = 0;
  for (const story of context.messages) {
    const untrue = untrueBadge(context, story);
    if (untrue) failures.push(untrue);
    const departures = story.hops.filter((hop) => hop.from === story.sender);
    const left = departures.find((hop) => hop.protection !== 'secure');
    if (!left) {
      if (departures.length > 0) evidence += 1;
      continue;
    }
    const bubble = outgoing(context.stateOf(story.sender), story).at(-1);
    const silence = whatIsMissing(context, story, left.entry.n, bubble);
    if (silence.length === 0) continue;
    const name = `"${story.subject.name}"`;
    failures.push({
      rule: noSilentDowngrade.id,
      clause: noSilentDowngrade.clause,
      stepIndex: context.stepAt(left.entry.n),
      expected: `${name} leaves encrypted, or its badge, a notice or a rule of policy, and an audit entry tell that it did not`,
      actual: `it left ${left.protection} and ${silence.join(', ')}`,
      blame: {
        side: story.sender,
        entry: left.entry.n,
        evidence: `${name} left ${story.sender} ${left.protection} here`,
      },
    });
  }
  return { failures, evidence };
}

/** A recipient that shows another protection than what reached it had. */
function untrueBadge(context: OracleContext, story: MessageStory): Failure | undefined {
  const came = arrivals(story).map((hop) => hop.protection);
  const isUntrue = ({ badge }: Bubble) => came.length > 0 && badge !== 'none' && !came.includes(badge);
  const name = `"${story.subject.name}"`;
  const shown = incoming(context.stateOf(story.recipient), story).find(isUntrue);
  if (!shown) return undefined;
  const { recipient } = story;
  const first = firstStateWhere(context, recipient, (state) => incoming(state, story).some(isUntrue));
  const entry = first?.n ?? context.end.n;
  return {
    rule: noSilentDowngrade.id,
    clause: noSilentDowngrade.clause,
    stepIndex: context.stepAt(entry),
    expected: `${recipient} shows ${name} as it came, ${[...new Set(came)].join(' and ')}`,
    actual: `its badge says ${shown.badge}`,
    blame: { side: recipient, entry, evidence: `${recipient} first shows ${name} as ${shown.badge} here` },
  };
}

function whatIsMissing(
  context: OracleContext,
  story: MessageStory,
  leftAt: number,
  bubble: Bubble | undefined,
): string[] {
  const missing: string[] = [];
  if (bubble?.badge === 'secure') missing.push('its badge says secure');
  if (!wasSecure(context, story, leftAt)) return missing;
  const then = story.subject.decision?.rule.then;
  const ruled = then !== undefined && 'badge' in then && then.badge !== 'secure';
  const told = (name: string) =>
    context.events.some(
      (event) => event.side === story.sender && event.name === name && namesMessage(event, story),
    );
  if (!ruled && !told('notification')) missing.push('no notification told its sender');
  if (!told('audit')) missing.push('no audit entry says why');
  return missing;
}

/** Whether the rule wants it secure, or the sender saw a message between the two as secure before this one left. */
function wasSecure(context: OracleContext, story: MessageStory, leftAt: number): boolean {
  const then = story.subject.decision?.rule.then;
  if (then !== undefined && 'badge' in then && then.badge === 'secure') return true;
  const pair = [story.sender, story.recipient];
  const earlier = context.messages.filter(
    (one) =>
      one.subject.sentAt < story.subject.sentAt && pair.includes(one.sender) && pair.includes(one.recipient),
  );
  const before = context.states.filter((state) => state.n < leftAt && state.side === story.sender);
  return earlier.some((one) =>
    before.some((state) =>
      [...outgoing(state, one), ...incoming(state, one)].some((bubble) => bubble.badge === 'secure'),
    ),
  );
}
