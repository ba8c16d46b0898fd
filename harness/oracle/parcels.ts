import type { OracleContext } from './context.ts';
import type { CpimFacts } from './dissect/cpim.ts';
import { type DissectedMls, dissectMls, type MlsWelcome } from './dissect/mls.ts';
import { type SipSeen, statusOfHop } from './dissect/wire.ts';
import { type Hop, hopOf } from './message-story.ts';

/** One end-to-end content: a CPIM message with its Message-ID, as its author first sent it, and where it went. */
export interface Parcel {
  readonly id: string;
  /** The side that it first left. */
  readonly author: string;
  readonly first: SipSeen;
  readonly cpim: CpimFacts;
  readonly hops: readonly Hop[];
  /** Of a content that calls itself MLS. */
  readonly mls?: DissectedMls;
}

type Parts = Pick<OracleContext, 'wire' | 'sideOf' | 'testCase'>;

/** By Message-ID, in the order in which they were first sent. */
export function parcelsOf(context: Parts): ReadonlyMap<string, Parcel> {
  const parcels = new Map<string, Parcel & { readonly hops: Hop[] }>();
  for (const sip of context.wire.messages) {
    const { cpim, entry } = sip;
    if (cpim?.messageId === undefined) continue;
    const hop = hopOf(context, entry, cpim.contentType === 'message/mls' ? 'secure' : 'plain', sip);
    const known = parcels.get(cpim.messageId);
    if (known) {
      known.hops.push(hop);
      continue;
    }
    const mls = /^message\/mls($|-)/.test(cpim.contentType ?? '') ? dissectMls(cpim.content) : undefined;
    const parcel = { id: cpim.messageId, author: hop.from, first: sip, cpim, hops: [hop] };
    parcels.set(cpim.messageId, mls ? { ...parcel, mls } : parcel);
  }
  return parcels;
}

/** The phone that it is for, by the number in the Request-URI of its first hop. */
export function addresseeOf(context: Parts, parcel: Parcel): string | undefined {
  const uri = parcel.first.facts.uri ?? '';
  const role = Object.entries(context.testCase.roles).find(([, { msisdn }]) => uri.includes(msisdn));
  return role && `device:${role[0]}`;
}

/** A Welcome of one phone to another; what a server itself says about a group is not one. */
export function isWelcome(
  parcel: Parcel,
): parcel is Parcel & { readonly mls: { readonly facts: MlsWelcome } } {
  return parcel.mls !== undefined && 'facts' in parcel.mls && parcel.mls.facts.form === 'welcome';
}

const STREAMS: ReadonlySet<string> = new Set(['tcp', 'tls', 'ws', 'wss']);

/** Whether any copy can have come to `side` before entry `n`: what a cut stream held comes when it is healed. */
export function reachedBefore(parcel: Parcel, side: string, n: number): boolean {
  return parcel.hops.some(
    ({ to, entry }) =>
      to === side && entry.n < n && (entry.fate === 'delivered' || STREAMS.has(entry.protocol)),
  );
}

/** Whether the network told the author that it took the parcel. */
export function wasTaken(context: Parts, parcel: Parcel): boolean {
  return parcel.hops.some((hop) => {
    if (hop.from !== parcel.author) return false;
    const answer = statusOfHop(context.wire, hop.entry, hop.sip!);
    return answer !== undefined && answer.status < 300;
  });
}
