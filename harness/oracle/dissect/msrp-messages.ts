/** From MSRP chunks to messages (RFC 4975 section 5.1), and to the SIP sessions in which they went. */
import { Buffer } from 'node:buffer';
import type { FrameEntry } from '../../../reports/trace.ts';
import { dissectCpim } from './cpim.ts';
import { headerValue } from './header-block.ts';
import type { MsrpFacts } from './msrp.ts';
import type { SipSeen } from './wire.ts';

/** An MSRP frame where it left a host. */
export interface MsrpSeen {
  /** The frame of the trace with its first byte. */
  readonly entry: FrameEntry;
  readonly facts: MsrpFacts;
}

/** A message whose chunks went over one connection in one direction. */
export interface MsrpMessage {
  readonly messageId: string;
  readonly chunks: readonly MsrpSeen[];
  /** Responses to its chunks. */
  readonly responses: readonly MsrpSeen[];
  readonly contentType: string | undefined;
  /** All of it; undefined when octets are missing. */
  readonly bytes?: Buffer;
  readonly aborted: boolean;
  /** Chunks that say different things of the same octets. */
  readonly contradictory: boolean;
}

/** In the order in which they began. */
export function messagesOf(msrp: readonly MsrpSeen[]): MsrpMessage[] {
  const chunks = new Map<string, MsrpSeen[]>();
  for (const seen of msrp) {
    const { entry, facts } = seen;
    if (facts.method !== 'SEND' || facts.data === undefined) continue;
    const key = `${entry.connection} ${entry.from} ${facts.messageId}`;
    chunks.set(key, [...(chunks.get(key) ?? []), seen]);
  }
  return [...chunks.values()].map((own) => {
    const [{ entry, facts }] = own as [MsrpSeen];
    const ids = new Set(own.map((chunk) => chunk.facts.transactionId));
    const responses = msrp.filter(
      (one) =>
        one.facts.kind === 'response' &&
        one.entry.connection === entry.connection &&
        one.entry.from !== entry.from &&
        ids.has(one.facts.transactionId),
    );
    return {
      messageId: facts.messageId ?? '',
      chunks: own,
      responses,
      contentType: headerValue(facts.headers, 'content-type'),
      aborted: own.some((chunk) => chunk.facts.flag === '#'),
      ...assembled(own),
    };
  });
}

function assembled(chunks: readonly MsrpSeen[]): Pick<MsrpMessage, 'bytes' | 'contradictory'> {
  const octets: number[] = [];
  let contradictory = false;
  let total: number | undefined;
  for (const { facts } of chunks) {
    if (facts.flag === '#') continue;
    const start = (facts.range?.start ?? 1) - 1;
    if (facts.flag === '$') total = start + facts.data!.length;
    facts.data!.forEach((octet, i) => {
      if (octets[start + i] !== undefined && octets[start + i] !== octet) contradictory = true;
      octets[start + i] = octet;
    });
  }
  const complete = total !== undefined && octets.length === total && !octets.includes(undefined as never);
  return complete ? { bytes: Buffer.from(octets), contradictory } : { contradictory };
}

/**
 * Large messages as if each had gone in a MESSAGE (OMA CPM): what the network hands on, keeps and answers is the CPIM
 * inside, whichever way it went. A message stands where its last chunk does; the answer to that chunk is the answer to it.
 */
export function asRequests(
  messages: readonly MsrpMessage[],
  sip: readonly SipSeen[],
): { readonly requests: SipSeen[]; readonly answers: SipSeen[] } {
  const requests: SipSeen[] = [];
  const answers: SipSeen[] = [];
  for (const message of messages) {
    if (!message.bytes || !message.contentType?.toLowerCase().startsWith('message/cpim')) continue;
    const last = message.chunks.findLast(({ facts }) => facts.flag === '$')!;
    const invite = inviteOf(message, sip);
    const branch = `msrp ${last.entry.connection} ${last.facts.transactionId}`;
    const common = { headers: invite?.facts.headers ?? [], branches: [branch], method: 'MESSAGE' };
    requests.push({
      entry: last.entry,
      carriage: 'msrp',
      cpim: dissectCpim(message.bytes),
      facts: {
        ...common,
        kind: 'request',
        ...(invite?.facts.uri !== undefined && { uri: invite.facts.uri }),
        contentType: 'message/cpim',
        body: message.bytes,
      },
    });
    const refused = message.responses.find(({ facts }) => facts.status !== 200);
    const answer =
      refused ?? message.responses.find(({ facts }) => facts.transactionId === last.facts.transactionId);
    if (answer) {
      const { status } = answer.facts;
      const facts = { ...common, kind: 'response' as const, status: status!, body: Buffer.alloc(0) };
      answers.push({ entry: answer.entry, carriage: 'msrp', facts });
    }
  }
  return { requests, answers };
}

/** The INVITE whose offer or answer named the sender's path. */
export function inviteOf(message: MsrpMessage, sip: readonly SipSeen[]): SipSeen | undefined {
  const uri = message.chunks[0]!.facts.fromPath[0] ?? '';
  const named = sip.find(
    ({ facts }) =>
      (facts.method === 'INVITE' || facts.method === 'UPDATE') &&
      uri !== '' &&
      Buffer.from(facts.body).includes(uri),
  );
  if (named?.facts.kind !== 'response') return named;
  const { callId } = named.facts;
  return sip.find(({ facts }) => facts.kind === 'request' && facts.callId === callId) ?? named;
}
