import { Buffer } from 'node:buffer';
import type { Blame } from '../../reports/result.ts';
import type { OracleContext } from './context.ts';
import { type Hop, type MessageStory, receiptHops } from './message-story.ts';

/** Who let the message stop on its way to the recipient. */
export function blameForMessage(context: OracleContext, story: MessageStory): Blame {
  return followHops(context, story.hops, story.sender, story.recipient, `message ${story.subject.name}`);
}

/** Who let the receipt stop on its way back to the sender. */
export function blameForReceipt(
  context: OracleContext,
  story: MessageStory,
  kind: 'delivery' | 'display',
): Blame {
  const what = `the ${kind} receipt for ${story.subject.name}`;
  return followHops(context, receiptHops(context, story, kind), story.recipient, story.sender, what);
}

/**
 * Follows `hops` from side to side: to blame is the side that had it and neither passed it on nor was refused, the side
 * that refused it, or the link that lost every copy.
 */
function followHops(
  context: OracleContext,
  hops: readonly Hop[],
  start: string,
  goal: string,
  what: string,
): Blame {
  const tampering = firstTampering(context);
  if (tampering) return tampering;
  const visited = new Set<string>();
  let holder = start;
  let by: Hop | undefined;
  while (holder !== goal && !visited.has(holder)) {
    visited.add(holder);
    const onward = hops.filter((hop) => hop.from === holder && !visited.has(hop.to));
    if (onward.length === 0) break;
    const arrived = onward.findLast((hop) => hop.entry.fate === 'delivered');
    if (!arrived) {
      const { link, n, fate } = onward[0]!.entry;
      return {
        side: `link:${link}`,
        entry: n,
        evidence: `every copy of ${what} that ${holder} sent was ${fate}`,
      };
    }
    holder = arrived.to;
    by = arrived;
  }
  const refusal = by && finalResponse(context, by);
  if (refusal && refusal.status >= 300) {
    return { side: holder, entry: refusal.n, evidence: `${holder} answered ${what} with ${refusal.status}` };
  }
  if (by)
    return {
      side: holder,
      entry: by.entry.n,
      evidence: `${what} reached ${holder} here and went no further`,
    };
  return {
    side: start,
    entry: context.stateOf(start)?.n ?? context.end.n,
    evidence: `${what} never left ${start}`,
  };
}

/**
 * The first end-to-end content that a carrier altered (the Message-ID stays, the content is another) or made up (MLS
 * content that no phone wrote). Intermediaries may do neither (RFC 9420 section 16; OMA CPM; RCC.16), so whatever the
 * phones make of it later is the carrier's doing.
 */
export function firstTampering(context: OracleContext): Blame | undefined {
  const authored = new Map<string, Set<string>>();
  for (const { entry, facts, cpim } of context.wire.sip) {
    if (facts.kind !== 'request' || cpim?.messageId === undefined) continue;
    const content = `${cpim.contentType} ${Buffer.from(cpim.content).toString('latin1')}`;
    const side = context.sideOf(entry.from);
    const known = authored.get(cpim.messageId);
    if (side.startsWith('device:')) authored.set(cpim.messageId, (known ?? new Set()).add(content));
    else if (known ? !known.has(content) : MLS_CONTENT.test(cpim.contentType ?? '')) {
      const did = known ? 'altered the content of' : 'made up';
      return {
        side,
        entry: entry.n,
        evidence: `${side} ${did} ${cpim.contentType} message ${cpim.messageId} here`,
      };
    }
  }
  return undefined;
}

const MLS_CONTENT = /^message\/mls$/;

/** The final response to the request of a hop, if one was sent. */
function finalResponse(context: OracleContext, hop: Hop): { status: number; n: number } | undefined {
  const branch = hop.sip?.facts.branches[0];
  const found = context.wire.sip.find(
    ({ entry, facts }) =>
      facts.kind === 'response' &&
      facts.status! >= 200 &&
      facts.branches[0] === branch &&
      entry.from === hop.entry.to,
  );
  return found && { status: found.facts.status!, n: found.entry.n };
}

/** Answers that are a normal part of a dialogue: challenges, and intervals to try again with. */
const ROUTINE = new Set([401, 407, 423, 412]);

/** The first refusal that another side gave to `side` in steps `from` and later: a SIP or HTTP error answer. */
export function refusalTo(context: OracleContext, side: string, from: number): Blame | undefined {
  const answers = [
    ...context.wire.sip.map(({ entry, facts }) => ({ entry, status: facts.status ?? 0 })),
    ...context.wire.http.map(({ entry, facts }) => ({ entry, status: facts.status ?? 0 })),
  ];
  const refused = answers
    .filter(({ entry, status }) => status >= 400 && !ROUTINE.has(status) && context.sideOf(entry.to) === side)
    .filter(({ entry }) => context.stepAt(entry.n) >= from)
    .sort((a, b) => a.entry.n - b.entry.n)[0];
  if (!refused) return undefined;
  const by = context.sideOf(refused.entry.from);
  return { side: by, entry: refused.entry.n, evidence: `${by} answered ${side} with ${refused.status}` };
}
