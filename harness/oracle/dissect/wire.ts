import type { FrameEntry } from '../../../reports/trace.ts';
import { type CpimFacts, dissectCpim } from './cpim.ts';
import { type Flow, flowsOf, pieceAt } from './flow.ts';
import { mediaType } from './header-block.ts';
import { dissectHttp, type HttpFacts } from './http.ts';
import { dissectMsrp, isMsrpStart } from './msrp.ts';
import { asRequests, type MsrpMessage, type MsrpSeen, messagesOf } from './msrp-messages.ts';
import { dissectSip, findSipStart, isSipStart, LENGTH_CLAUSE, type SipFacts, wrongLength } from './sip.ts';
import { dissectSms, type SmsFacts } from './sms.ts';
import { isStunMessage } from './stun.ts';

/** A SIP message where it left a host. */
export interface SipSeen {
  /** The frame with its first byte; `n` and `t` of this sighting are that frame's. */
  readonly entry: FrameEntry;
  /** `msrp`: a large message, told as the MESSAGE that it stands for. */
  readonly carriage: 'stream' | 'datagram' | 'msrp';
  readonly facts: SipFacts;
  readonly cpim?: CpimFacts;
}

export interface HttpSeen {
  readonly entry: FrameEntry;
  readonly facts: HttpFacts;
}

export interface SmsSeen {
  readonly entry: FrameEntry;
  readonly facts: SmsFacts;
  /** The whole text, at the frame that completes it; of a concatenated message all parts together. */
  readonly text?: string;
}

/** A departure from a message format. */
export interface Malformed {
  readonly entry: FrameEntry;
  readonly what: string;
  readonly clause: string;
  /** Equal for copies of one message, so that its retransmissions and relays don't count again. */
  readonly same: string;
}

/** All that the frames of a trace carry, dissected. Lists are in order of `entry.n`. */
export interface Wire {
  readonly flows: readonly Flow[];
  readonly sip: readonly SipSeen[];
  readonly msrp: readonly MsrpSeen[];
  readonly msrpMessages: readonly MsrpMessage[];
  /** Requests that carry a message, in whichever way: MESSAGE, or large message mode. */
  readonly messages: readonly SipSeen[];
  /** Final responses by their topmost branch. */
  readonly finals: ReadonlyMap<string, readonly SipSeen[]>;
  readonly http: readonly HttpSeen[];
  readonly sms: readonly SmsSeen[];
  readonly malformed: readonly Malformed[];
}

/** Never throws, whatever the bytes. */
export function dissectWire(frames: readonly FrameEntry[]): Wire {
  const flows = flowsOf(frames);
  const sip: SipSeen[] = [];
  const msrp: MsrpSeen[] = [];
  const http: HttpSeen[] = [];
  const sms: SmsSeen[] = [];
  const malformed: Malformed[] = [];
  for (const flow of flows) {
    if (flow.carriage === 'stream') readStream(flow, { sip, msrp }, malformed);
    else if (flow.carriage === 'datagram') readDatagram(flow, sip, malformed);
    else if (flow.carriage === 'http') readHttp(flow, http, malformed);
    else readSms(flow, sms, malformed);
  }
  const byEntry = (a: { entry: FrameEntry }, b: { entry: FrameEntry }) => a.entry.n - b.entry.n;
  sip.sort(byEntry);
  const msrpMessages = messagesOf(msrp.sort(byEntry));
  const large = asRequests(msrpMessages, sip);
  for (const { entry, cpim } of large.requests) {
    if (!cpim?.malformed) continue;
    malformed.push({
      entry,
      what: `CPIM: ${cpim.malformed}`,
      clause: 'RFC 3862 2',
      same: `${cpim.messageId} ${cpim.malformed}`,
    });
  }
  return {
    flows,
    sip,
    msrp,
    msrpMessages,
    messages: [
      ...sip.filter(({ facts }) => facts.kind === 'request' && facts.method === 'MESSAGE'),
      ...large.requests,
    ].sort(byEntry),
    finals: Map.groupBy(
      [...sip, ...large.answers].filter(({ facts }) => facts.kind === 'response' && facts.status! >= 200),
      ({ facts }) => facts.branches[0] ?? '',
    ),
    http: http.sort(byEntry),
    sms: joinParts(sms.sort(byEntry)),
    malformed: malformed.sort(byEntry),
  };
}

/** The final response to a request of a hop, if one was sent; `entry` is any copy of it. */
export function statusOfHop(
  wire: Pick<Wire, 'finals'>,
  entry: FrameEntry,
  { facts: { branches } }: SipSeen,
): { readonly status: number; readonly seen: SipSeen } | undefined {
  const seen = wire.finals.get(branches[0] ?? '')?.find((answer) => answer.entry.from === entry.to);
  return seen && { status: seen.facts.status!, seen };
}

/** MSRP (RFC 4975 section 9) on a stream or WebSocket of its own; not judged here. */
const MSRP = /^MSRP [A-Za-z0-9]/;

function readDatagram(flow: Flow, sip: SipSeen[], malformed: Malformed[]): void {
  if (isStunMessage(flow.bytes)) return;
  const { bytes } = flow;
  const entry = flow.pieces[0]!.entry;
  const start = pastLineEnds(bytes, 0);
  if (start === bytes.length || MSRP.test(bytes.toString('latin1', start, start + 16))) return;
  const read = dissectSip(bytes, start, 'datagram');
  if (read.facts) sip.push(seen(entry, 'datagram', read.facts, malformed));
  report(read.malformed, entry, read.facts, malformed);
}

/** A stream carries SIP or MSRP, never both. */
function readStream(
  flow: Flow,
  { sip, msrp }: { sip: SipSeen[]; msrp: MsrpSeen[] },
  malformed: Malformed[],
): void {
  const { bytes } = flow;
  const text = bytes.toString('latin1');
  let at = pastLineEnds(bytes, 0);
  if (isMsrpStart(text, at)) return readMsrp(flow, text, msrp, malformed);
  while (at < bytes.length) {
    const { entry } = pieceAt(flow, at);
    const read = dissectSip(bytes, at, 'stream');
    const end = at + read.length;
    const next = pastLineEnds(bytes, end);
    const lostStep = next < bytes.length && !isSipStart(text, next);
    if (read.facts && !read.incomplete && !lostStep) {
      const stray = strayLineEnd(flow, end, next);
      report(stray ? [...read.malformed, stray] : read.malformed, entry, read.facts, malformed);
      sip.push(seen(entry, 'stream', read.facts, malformed));
      at = next;
      continue;
    }
    // Content-Length is wrong, or this is no SIP: go on at the next start line.
    const found = findSipStart(text, at + 1);
    if (found < 0 && flow.broken && read.incomplete) return;
    const resume = found < 0 ? bytes.length : found;
    const findings = read.malformed.filter((one) => one.clause !== LENGTH_CLAUSE);
    if (read.facts) {
      const { contentLength } = read.facts;
      const bodyStart = end - read.facts.body.length;
      const body = bytes.subarray(bodyStart, Math.max(bodyStart, resume));
      if (contentLength !== undefined)
        findings.push({ what: wrongLength(contentLength, body.length), clause: LENGTH_CLAUSE });
      sip.push(seen(entry, 'stream', { ...read.facts, body }, malformed));
    }
    report(findings, entry, read.facts, malformed);
    at = resume;
  }
}

function readMsrp(flow: Flow, text: string, msrp: MsrpSeen[], malformed: Malformed[]): void {
  for (let at = 0; at < flow.bytes.length; ) {
    const { entry } = pieceAt(flow, at);
    const read = dissectMsrp(flow.bytes, text, at);
    const name = read.facts ? `${read.facts.transactionId} ${read.facts.kind}` : `frame ${entry.n}`;
    for (const { what, clause } of read.malformed)
      malformed.push({ entry, what: `MSRP: ${what}`, clause, same: `msrp ${name} ${what}` });
    if (read.facts) msrp.push({ entry, facts: read.facts });
    else if (!flow.broken && read.incomplete)
      malformed.push({ entry, what: 'MSRP: a frame without end-line', clause: 'RFC 4975 9', same: name });
    at = read.end;
  }
}

/** A line end behind a body and in the same frame is no keep-alive (RFC 5626 section 3.5.1) but a body longer than its length says. */
function strayLineEnd(flow: Flow, end: number, next: number): { what: string; clause: string } | undefined {
  if (next === end || pieceAt(flow, end - 1) !== pieceAt(flow, end)) return undefined;
  return { what: 'octets follow the body that Content-Length counts', clause: LENGTH_CLAUSE };
}

function pastLineEnds(bytes: Buffer, from: number): number {
  let at = from;
  while (bytes[at] === 0x0d || bytes[at] === 0x0a) at += 1;
  return at;
}

function seen(
  entry: FrameEntry,
  carriage: SipSeen['carriage'],
  facts: SipFacts,
  malformed: Malformed[],
): SipSeen {
  if (mediaType(facts.contentType) !== 'message/cpim' || facts.body.length === 0)
    return { entry, carriage, facts };
  const cpim = dissectCpim(facts.body);
  if (cpim.malformed)
    report([{ what: `CPIM: ${cpim.malformed}`, clause: 'RFC 3862 2' }], entry, facts, malformed);
  return { entry, carriage, facts, cpim };
}

function report(
  findings: readonly { what: string; clause: string }[],
  entry: FrameEntry,
  facts: SipFacts | undefined,
  malformed: Malformed[],
): void {
  for (const { what, clause } of findings) {
    const message = facts
      ? `${facts.callId} ${facts.cseq?.number} ${facts.kind} ${facts.status}`
      : `frame ${entry.n}`;
    malformed.push({ entry, what, clause, same: `${message} ${what}` });
  }
}

function readHttp(flow: Flow, http: HttpSeen[], malformed: Malformed[]): void {
  const entry = flow.pieces[0]!.entry;
  const facts = dissectHttp(flow.bytes);
  const what = facts ? facts.malformed : 'not an HTTP message';
  if (what) malformed.push({ entry, what, clause: 'RFC 9112 2.1', same: `frame ${entry.n}` });
  if (facts) http.push({ entry, facts });
}

function readSms(flow: Flow, sms: SmsSeen[], malformed: Malformed[]): void {
  const entry = flow.pieces[0]!.entry;
  const read = dissectSms(flow.bytes);
  if ('facts' in read) {
    sms.push({ entry, facts: read.facts });
    return;
  }
  malformed.push({
    entry,
    what: read.malformed,
    clause: '3GPP TS 24.011 7.3, 23.040 9.2',
    same: `frame ${entry.n}`,
  });
}

/** Gives each sighting that completes a text the whole of it (3GPP TS 23.040 clause 9.2.3.24.1). */
function joinParts(sms: readonly SmsSeen[]): SmsSeen[] {
  const waiting = new Map<string, Map<number, string>>();
  return sms.map((one) => {
    const tpdu = one.facts.tpdu;
    if (tpdu?.text === undefined) return one;
    if (!tpdu.part) return { ...one, text: tpdu.text };
    const key = `${one.entry.from} ${one.entry.to} ${tpdu.address} ${tpdu.part.reference} ${tpdu.part.total}`;
    const parts = waiting.get(key) ?? new Map<number, string>();
    waiting.set(key, parts.set(tpdu.part.index, tpdu.text));
    if (parts.size < tpdu.part.total) return one;
    waiting.delete(key);
    const text = [...parts].sort(([a], [b]) => a - b).map(([, part]) => part);
    return { ...one, text: text.join('') };
  });
}
