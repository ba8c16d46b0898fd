import type { OracleContext } from '../context.ts';
import { inviteOf, type MsrpMessage, type MsrpSeen } from '../dissect/msrp-messages.ts';
import type { SipSeen } from '../dissect/wire.ts';
import { wasOffline } from '../world-facts.ts';

/** Something of MSRP, or of the sessions for it, that isn't as it must be. */
export interface MsrpFault {
  readonly entry: SipSeen['entry'];
  readonly clause: string;
  readonly same: string;
  readonly expected: string;
  readonly actual: string;
  /** The sender of the entry when absent. */
  readonly side?: string;
}

/** RFC 4975 section 7.1.2: how long a sender waits for a response, ms. */
const RESPONSE_WITHIN = 30_000;

/** Every chunk belongs to a message that came to an end, and has the response that its sender asked for and no other. */
export function msrpFaults(context: OracleContext): MsrpFault[] {
  const { wire } = context;
  return [
    ...wire.msrpMessages.flatMap((message) => messageFaults(context, message)),
    ...wire.msrp.flatMap((seen) => frameFaults(context, seen)),
    ...openSessions(context),
  ];
}

function messageFaults(context: OracleContext, message: MsrpMessage): MsrpFault[] {
  const [first] = message.chunks as [MsrpSeen];
  const faults: MsrpFault[] = [];
  const add = (clause: string, expected: string, actual: string) =>
    faults.push({
      entry: first.entry,
      clause,
      same: `msrp ${message.messageId} ${actual}`,
      expected,
      actual,
    });
  if (message.contradictory)
    add('RFC 4975 5.1', 'each octet of a message is sent as one value', 'chunks contradict each other');
  if (!inviteOf(message, context.wire.sip))
    add('RFC 4975 8', 'MSRP goes where an INVITE has led', 'its From-Path is in no session description');
  const wasRefused = message.responses.some(({ facts }) => facts.status !== 200);
  if (message.bytes || message.aborted || wasRefused || isCutShort(context, first.entry, first.entry.from))
    return faults;
  add(
    'RFC 4975 5.1',
    'every chunk belongs to a message that comes whole or is given up',
    'octets are missing',
  );
  return faults;
}

function frameFaults(context: OracleContext, { entry, facts }: MsrpSeen): MsrpFault[] {
  const { msrp } = context.wire;
  const isPeer = (one: MsrpSeen) =>
    one.entry.connection === entry.connection && one.entry.from !== entry.from;
  const same = `msrp ${entry.connection} ${facts.transactionId}`;
  if (facts.kind === 'response') {
    const request = msrp.find(
      (one) => isPeer(one) && one.facts.kind === 'request' && one.facts.transactionId === facts.transactionId,
    );
    if (!request)
      return [
        {
          entry,
          clause: 'RFC 4975 7.2',
          same,
          expected: 'a response answers a request',
          actual: 'it answers none',
        },
      ];
    return [...wrongPath(entry, facts, request, same), ...unwanted(entry, facts, request, same)];
  }
  const wantsAny = facts.method !== 'REPORT' && reportWanted(facts) === 'yes';
  const answered = msrp.filter(
    (one) => isPeer(one) && one.facts.kind === 'response' && one.facts.transactionId === facts.transactionId,
  );
  if (answered.length > 1)
    return [
      {
        entry: answered[1]!.entry,
        clause: 'RFC 4975 7.2',
        same,
        expected: 'one response',
        actual: 'several',
      },
    ];
  if (!wantsAny || answered.length === 1 || facts.flag === '#') return [];
  if (isCutShort(context, entry, entry.to)) return [];
  const side = context.sideOf(entry.to);
  const actual = `${facts.method} ${facts.transactionId} got none`;
  return [{ entry, clause: 'RFC 4975 7.2', same, expected: 'every chunk gets its response', actual, side }];
}

function wrongPath(
  entry: SipSeen['entry'],
  facts: MsrpSeen['facts'],
  { facts: request }: MsrpSeen,
  same: string,
): MsrpFault[] {
  if (facts.toPath.join(' ') === request.fromPath[0] && facts.fromPath.join(' ') === request.toPath[0])
    return [];
  const expected = 'a response goes to the first URI of From-Path, from the first of To-Path';
  return [{ entry, clause: 'RFC 4975 7.2', same, expected, actual: 'its paths are others' }];
}

function unwanted(
  entry: SipSeen['entry'],
  facts: MsrpSeen['facts'],
  { facts: request }: MsrpSeen,
  same: string,
): MsrpFault[] {
  const wanted = request.method === 'REPORT' ? 'no' : reportWanted(request);
  if (wanted === 'yes' || (wanted === 'partial' && facts.status !== 200)) return [];
  const expected = `no ${facts.status} to a ${request.method} with Failure-Report ${wanted}`;
  return [{ entry, clause: 'RFC 4975 7.1.2, 7.2', same, expected, actual: 'one was sent' }];
}

function reportWanted({ headers }: MsrpSeen['facts']): string {
  return headers.find(({ name }) => name === 'failure-report')?.value.toLowerCase() ?? 'yes';
}

/** Every session that was agreed on is confirmed by ACK and ended by BYE (RFC 3261 sections 13.2.2.4 and 15). */
function openSessions(context: OracleContext): MsrpFault[] {
  const { sip } = context.wire;
  const faults: MsrpFault[] = [];
  for (const { entry, facts } of sip) {
    if (facts.kind !== 'response' || facts.method !== 'INVITE' || facts.status! < 200 || facts.status! >= 300)
      continue;
    const sides = [entry.from, entry.to];
    const later = sip.filter((one) => one.entry.n > entry.n && one.facts.callId === facts.callId);
    const missing = ['ACK', 'BYE'].filter(
      (method) =>
        !later.some(
          (one) =>
            one.facts.kind === 'request' &&
            one.facts.method === method &&
            sides.includes(one.entry.from) &&
            sides.includes(one.entry.to),
        ),
    );
    if (
      missing.length === 0 ||
      isCutShort(context, entry, entry.to) ||
      isCutShort(context, entry, entry.from)
    )
      continue;
    const caller = sip.find((one) => one.facts.method === 'INVITE' && one.facts.callId === facts.callId);
    faults.push({
      entry,
      clause: 'RFC 3261 13.2.2.4, 15',
      same: `session ${facts.callId}`,
      expected: 'every session is confirmed by ACK and ended by BYE',
      actual: `no ${missing.join(' and no ')}`,
      side: context.sideOf(caller?.entry.from ?? entry.to),
    });
  }
  return faults;
}

/** The frame or its answer had no chance: a connection went, a phone was off the air, or the world was closing. */
function isCutShort(context: OracleContext, entry: SipSeen['entry'], host: string): boolean {
  const closing = context.states.at(-1)?.n ?? context.end.n;
  if (entry.n > closing || entry.fate !== 'delivered') return true;
  const until = entry.t + RESPONSE_WITHIN;
  if (wasOffline(context, context.sideOf(host), entry.t, until)) return true;
  if (wasOffline(context, context.sideOf(entry.from), entry.t, until)) return true;
  return context.frames.some(
    (frame) =>
      frame.connection === entry.connection &&
      frame.n > entry.n &&
      frame.t <= until &&
      (frame.event === 'reset' || frame.fate === 'unreachable'),
  );
}
