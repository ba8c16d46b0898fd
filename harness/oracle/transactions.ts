import type { SipSeen } from './dissect/wire.ts';

/** One SIP transaction on one hop (RFC 3261 section 17), retransmissions folded into it. */
export interface Transaction {
  readonly request: SipSeen;
  /** The request and its retransmissions. */
  readonly copies: readonly SipSeen[];
  readonly responses: readonly SipSeen[];
}

interface Open extends Transaction {
  readonly copies: SipSeen[];
  readonly responses: SipSeen[];
}

/** Matches by topmost Via branch and method (section 17.1.3). ACK has no response and opens no transaction. */
export function transactionsOf(sip: readonly SipSeen[]): {
  transactions: readonly Transaction[];
  strays: readonly SipSeen[];
} {
  const byBranch = new Map<string, Open[]>();
  const transactions: Open[] = [];
  const strays: SipSeen[] = [];
  for (const seen of sip) {
    const { facts } = seen;
    const branch = facts.branches[0] ?? '';
    const open = byBranch.get(branch) ?? [];
    if (facts.kind === 'response') {
      // One with a wrong CSeq still answers the branch it names; what is wrong with it is told of the response.
      const answered = open.find((one) => one.request.facts.method === facts.method) ?? open[0];
      if (answered) answered.responses.push(seen);
      else strays.push(seen);
      continue;
    }
    if (facts.method === 'ACK') continue;
    const same = open.find((one) => isCopy(one.request, seen));
    if (same) {
      same.copies.push(seen);
      continue;
    }
    const opened: Open = { request: seen, copies: [seen], responses: [] };
    transactions.push(opened);
    byBranch.set(branch, [...open, opened]);
  }
  return { transactions, strays };
}

function isCopy(request: SipSeen, seen: SipSeen): boolean {
  return (
    request.facts.method === seen.facts.method &&
    request.entry.from === seen.entry.from &&
    request.entry.to === seen.entry.to
  );
}
