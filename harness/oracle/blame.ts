import type { Blame } from '../../reports/result.ts';
import type { OracleContext } from './context.ts';
import { statusOfHop } from './dissect/wire.ts';
import { type Hop, type MessageStory, receiptHops } from './message-story.ts';
import { addresseeOf, isWelcome, type Parcel, reachedBefore } from './parcels.ts';
import { firstTampering } from './tampering.ts';
import { isHealed, isReachable } from './world-facts.ts';

/** Who let the message stop on its way to the recipient, or kept the recipient from opening it. */
export function blameForMessage(context: OracleContext, story: MessageStory): Blame {
  const kept = story.hops.length === 0 ? blameForRefusal(context, story) : undefined;
  if (kept) return kept;
  return followHops(context, {
    hops: story.hops,
    start: story.sender,
    goal: story.recipient,
    ids: story.wireIds,
    what: `message "${story.subject.name}"`,
    arrived: () => blameForUnopened(context, story),
  });
}

/** Who let the receipt stop on its way back to the sender, or sent one that doesn't count. */
export function blameForReceipt(
  context: OracleContext,
  story: MessageStory,
  kind: 'delivery' | 'display',
): Blame {
  const faulty = firstTampering(context) ?? faultyReceipt(context, story);
  if (faulty) return faulty;
  const hops = receiptHops(context, story, kind);
  return followHops(context, {
    hops,
    start: story.recipient,
    goal: story.sender,
    ids: hops.flatMap(({ sip }) => sip?.cpim?.messageId ?? []),
    what: `the ${kind} receipt for "${story.subject.name}"`,
  });
}

/** The author of the first receipt about the message that should not have been sent, or not so. */
export function faultyReceipt(context: OracleContext, story: MessageStory): Blame | undefined {
  return context.receiptFaults.find(({ about }) => story.wireIds.includes(about))?.blame;
}

/** Who kept the Welcome of `parcel`; undefined when it reached the phone that it is for. */
export function blameForWelcome(context: OracleContext, parcel: Parcel): Blame | undefined {
  const goal = addresseeOf(context, parcel);
  if (goal === undefined || reachedBefore(parcel, goal, Infinity)) return undefined;
  const { author, hops, id } = parcel;
  return followHops(context, { hops, start: author, goal, ids: [id], what: `the Welcome ${id}` });
}

/**
 * The message came and is not shown. An author whose content is ill-formed is to blame, then whoever kept a Welcome.
 * A phone that is in the group and reports that it can't open what nobody changed speaks against the author (nothing
 * on the wire can prove it); a phone that is silent, or never entered the group, against itself.
 */
function blameForUnopened(context: OracleContext, story: MessageStory): Blame | undefined {
  const illFormed = context.sealing.faults.find(({ parcel }) => story.wireIds.includes(parcel.id));
  if (illFormed) return illFormed.blame;
  const sealed = [...context.parcels.values()].find(
    ({ id, mls }) => mls !== undefined && story.wireIds.includes(id),
  );
  if (!sealed?.mls || !('facts' in sealed.mls) || sealed.mls.facts.form !== 'private') return undefined;
  const { groupId } = sealed.mls.facts;
  const pair = [story.sender, story.recipient];
  for (const parcel of context.parcels.values()) {
    if (!isWelcome(parcel) || !pair.includes(parcel.author)) continue;
    const kept = blameForWelcome(context, parcel);
    if (kept) return kept;
  }
  const isMember = context.states.some(
    ({ side, view }) => side === story.recipient && view.groups.some((group) => group.groupId === groupId),
  );
  const reported = [...context.parcels.values()].find(
    ({ author, cpim }) =>
      author === story.recipient &&
      cpim.receipts.some(({ about, status }) => about === sealed.id && status === 'failed'),
  );
  if (!isMember || !reported) return undefined;
  const evidence = `${story.recipient} is in group ${groupId} and can't open what ${story.sender} sealed here`;
  return { side: story.sender, entry: sealed.first.entry.n, evidence };
}

interface Journey {
  readonly hops: readonly Hop[];
  readonly start: string;
  readonly goal: string;
  /** Message-IDs by which a carrier's log names it. */
  readonly ids: readonly string[];
  readonly what: string;
  /** When it came to the goal: who is to blame, if it isn't the goal itself. */
  readonly arrived?: () => Blame | undefined;
}

/**
 * Follows `hops` from side to side: to blame is the side that had it and neither passed it on nor was refused, the side
 * that refused it, who answered for it and kept it though the goal could be reached, or the link that lost every copy.
 */
function followHops(context: OracleContext, journey: Journey): Blame {
  const { hops, start, goal, what } = journey;
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
      const kept = by && blameForKeeping(context, journey, by, onward.at(-1)!);
      if (kept) return kept;
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
  const other = holder === goal ? journey.arrived?.() : undefined;
  if (other) return other;
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

/** The holder had taken it upon itself (RFC 3428 section 7; rcs-signalling 4.6), and tried no more once it could. */
function blameForKeeping(
  context: OracleContext,
  { goal, ids, what }: Journey,
  by: Hop,
  lastTry: Hop,
): Blame | undefined {
  const holder = by.to;
  if (!isHealed(context) || !isReachable(context, goal)) return undefined;
  const answer = finalResponse(context, by);
  const stored = context.events.some(
    (event) =>
      event.side === holder &&
      event.name === 'stored' &&
      ids.includes(String(event.data['wireId'] ?? event.data['messageId'])),
  );
  if (!stored && !(answer && answer.status < 300)) return undefined;
  const back = context.states.find(
    ({ side, n, view }) =>
      side === goal && n > lastTry.entry.n && view.online && view.registration !== 'unregistered',
  );
  const evidence = `${holder} had taken ${what}, and did not send it again though ${goal} was there from here on`;
  return { side: holder, entry: back?.n ?? context.end.n, evidence };
}

/** The final response to the request of a hop, if one was sent. */
function finalResponse(context: OracleContext, hop: Hop): { status: number; n: number } | undefined {
  const found = hop.sip && statusOfHop(context.wire, hop.entry, hop.sip);
  return found && { status: found.status, n: found.seen.entry.n };
}

/**
 * Who refused the message, or the Welcome that had to go before it: of all that passed the refusal on, the side that
 * had not passed the request on.
 */
export function blameForRefusal(context: OracleContext, story: MessageStory): Blame | undefined {
  const tampering = firstTampering(context);
  if (tampering) return tampering;
  const ways = [
    { hops: story.hops, what: `message "${story.subject.name}"` },
    ...[...context.parcels.values()]
      .filter((parcel) => parcel.author === story.sender && isWelcome(parcel))
      .map(({ hops, id }) => ({ hops, what: `the Welcome ${id}` })),
  ];
  for (const { hops, what } of ways) {
    for (const hop of hops) {
      const answer = finalResponse(context, hop);
      if (!answer || answer.status < 400 || hops.some(({ from }) => from === hop.to)) continue;
      return { side: hop.to, entry: answer.n, evidence: `${hop.to} answered ${what} with ${answer.status}` };
    }
  }
  return undefined;
}

/** Answers that are a normal part of a dialogue: challenges, and intervals to try again with. */
const ROUTINE = new Set([401, 407, 423, 412]);

/** The first refusal that another side gave to `side` in steps `from` and later: a SIP or HTTP error answer. */
export function refusalTo(context: OracleContext, side: string, from: number): Blame | undefined {
  const answers = [
    ...context.wire.sip.map(({ entry, facts }) => ({ entry, status: facts.status ?? 0 })),
    ...context.wire.msrp.map(({ entry, facts }) => ({ entry, status: facts.status ?? 0 })),
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
