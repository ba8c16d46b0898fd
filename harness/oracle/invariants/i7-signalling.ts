import type { Failure } from '../../../reports/result.ts';
import type { OracleContext } from '../context.ts';
import type { SipSeen } from '../dissect/wire.ts';
import type { Finding, Invariant } from '../finding.ts';
import { type Transaction, transactionsOf } from '../transactions.ts';
import { wasOffline } from '../world-facts.ts';
import { msrpFaults } from './msrp-accounts.ts';

/**
 * No message is malformed by the oracle's own dissector, every transaction ends with a response that fits it, every
 * chunk of MSRP is accounted for, and every session ends.
 */
export const signalling: Invariant = {
  id: 'I7-signalling',
  title: 'every request is well formed and gets its final response',
  clause: 'RFC 3261 sections 7, 8, 15, 17 and 18; RFC 4975 section 7',
  check,
};

/** Timer F (RFC 3261 section 17.1.2.2): how long a client waits for the final response, ms. */
const TIMER_F = 32_000;

function check(context: OracleContext): Finding {
  const failures: Failure[] = [];
  const told = new Set<string>();
  const add = (
    entry: { readonly n: number; readonly from: string },
    clause: string,
    same: string,
    expected: string,
    actual: string,
    side = context.sideOf(entry.from),
  ) => {
    if (told.has(same)) return;
    told.add(same);
    failures.push({
      rule: signalling.id,
      clause,
      stepIndex: context.stepAt(entry.n),
      expected,
      actual,
      blame: { side, entry: entry.n, evidence: `${side}: ${actual}` },
    });
  };
  for (const { entry, what, clause, same } of context.wire.malformed)
    add(entry, clause, same, 'a well-formed message', what);

  const { transactions, strays } = transactionsOf(context.wire.sip);
  for (const { entry, facts } of strays) {
    const same = `stray ${facts.branches[0]}`;
    add(
      entry,
      'RFC 3261 17.1.3',
      same,
      'a response has the Via branch of a request',
      `${facts.status} ${facts.method} answers none`,
    );
  }
  let evidence = 0;
  for (const transaction of transactions) {
    const { request } = transaction;
    for (const response of transaction.responses) {
      for (const { what, clause } of mismatches(request, response)) {
        const same = `${request.facts.branches[0]} ${response.facts.status} ${what}`;
        add(
          response.entry,
          clause,
          same,
          `the ${response.facts.status} copies what the ${request.facts.method} says`,
          what,
        );
      }
    }
    if (transaction.responses.some(({ facts }) => facts.status! >= 200)) evidence += 1;
    else if (!isExcused(context, transaction)) {
      const side = context.sideOf(request.entry.to);
      const same = `unanswered ${request.facts.branches[0]} ${request.facts.method}`;
      const actual = `${request.facts.method} from ${context.sideOf(request.entry.from)} got no final response`;
      add(arrival(transaction), 'RFC 3261 17.2', same, 'every request gets a final response', actual, side);
    }
  }
  for (const fault of msrpFaults(context))
    add(fault.entry, fault.clause, fault.same, fault.expected, fault.actual, fault.side);
  evidence += context.wire.msrpMessages.filter(({ bytes }) => bytes !== undefined).length;
  for (const unanswered of httpWithoutResponse(context)) {
    const side = context.sideOf(unanswered.to);
    add(
      unanswered,
      'RFC 9110 3.4',
      `http ${unanswered.connection}`,
      'every HTTP request gets a response',
      'none was sent',
      side,
    );
  }
  return { failures, evidence };
}

function arrival({ request, copies }: Transaction): SipSeen['entry'] {
  return (copies.find(({ entry }) => entry.fate === 'delivered') ?? request).entry;
}

/** What a response must take over unchanged from its request (RFC 3261 section 8.2.6.2). */
function mismatches(
  { facts: request }: SipSeen,
  { facts: response }: SipSeen,
): { what: string; clause: string }[] {
  const clause = 'RFC 3261 8.2.6.2';
  const wrong: { what: string; clause: string }[] = [];
  const compare = (name: string, asked: unknown, answered: unknown) => {
    if (asked !== answered) wrong.push({ what: `${name} is ${answered}, in the request ${asked}`, clause });
  };
  compare('the CSeq number', request.cseq?.number, response.cseq?.number);
  compare('the CSeq method', request.cseq?.method, response.cseq?.method);
  compare('Call-ID', request.callId, response.callId);
  compare('the From tag', request.fromTag, response.fromTag);
  if (request.toTag !== undefined) compare('the To tag', request.toTag, response.toTag);
  compare('the list of Via branches', request.branches.join(' '), response.branches.join(' '));
  return wrong;
}

/** Nobody could answer: no copy arrived, the connection went, the phone was off the air, or the world was closing. */
function isExcused(context: OracleContext, { copies, request }: Transaction): boolean {
  const arrived = copies.filter(({ entry }) => entry.fate === 'delivered');
  if (arrived.length === 0) return true;
  const { n, t, connection, to, protocol } = request.entry;
  if (wasOffline(context, context.sideOf(to), t, t + TIMER_F)) return true;
  // After the last views the world closes: what is asked then need not be answered, and every connection goes.
  const closing = context.states.at(-1)?.n ?? context.end.n;
  if (n > closing) return true;
  if (protocol === 'udp') return false;
  return context.frames.some(
    (frame) =>
      frame.connection === connection &&
      frame.n > n &&
      frame.n < closing &&
      frame.t <= t + TIMER_F &&
      isBreak(frame),
  );
}

function isBreak(frame: SipSeen['entry']): boolean {
  return frame.event === 'reset' || frame.event === 'close' || frame.fate === 'unreachable';
}

function httpWithoutResponse(context: OracleContext): SipSeen['entry'][] {
  const http = context.frames.filter(({ protocol }) => protocol === 'http' || protocol === 'https');
  const ended = new Set(http.filter(({ event }) => event !== 'request').map(({ connection }) => connection));
  return http.filter(
    (frame) => frame.event === 'request' && frame.fate === 'delivered' && !ended.has(frame.connection),
  );
}
