/** What intermediaries may not do to what passes through them, found by comparing it with what its author sent. */
import { Buffer } from 'node:buffer';
import type { Blame } from '../../reports/result.ts';
import type { OracleContext } from './context.ts';
import { type CpimFacts, mlsHeader } from './dissect/cpim.ts';
import { type SipSeen, statusOfHop } from './dissect/wire.ts';

const MLS_CONTENT = /^message\/mls$/;
/** RCC.16 7.9 and 7.6.2: without these what is encrypted, or a receipt for it, counts for nothing. */
const MLS_HEADERS = ['Era-ID', 'Epoch-Authenticator', 'MLS-Derived-Content-Signature'] as const;

/** What phones have put under one Message-ID. */
interface Authored {
  readonly contents: Set<string>;
  readonly first: CpimFacts;
}

/**
 * The first end-to-end content that someone between the phones altered (the Message-ID stays, the content is another),
 * took headers from, gave another Message-ID, or made up (MLS content that no phone wrote). Intermediaries may do none
 * of it (RFC 9420 section 16; RFC 5438 section 6.3; OMA CPM; RCC.16), so whatever the phones make of it later is its
 * doing. The same holds for a request that crosses to another carrier without saying who sent it (RFC 3325 section 5).
 */
export function firstTampering(context: OracleContext): Blame | undefined {
  const authored = new Map<string, Authored>();
  /** Message-ID by content. */
  const idOf = new Map<string, string>();
  const asked = context.wire.sip.filter(
    ({ facts }) => facts.kind === 'request' && facts.method === 'OPTIONS',
  );
  const carried = [...context.wire.messages, ...asked].sort((a, b) => a.entry.n - b.entry.n);
  for (const sip of carried) {
    const { entry, facts, cpim } = sip;
    const side = context.sideOf(entry.from);
    const at = (evidence: string): Blame => ({ side, entry: entry.n, evidence: `${side} ${evidence} here` });
    if (isUnasserted(context, sip)) return at(`sent a ${facts.method} on without P-Asserted-Identity`);
    if (cpim?.messageId === undefined) continue;
    const { messageId, contentType } = cpim;
    const content = `${contentType} ${Buffer.from(cpim.content).toString('latin1')}`;
    const known = authored.get(messageId);
    if (side.startsWith('device:')) {
      authored.set(messageId, known ?? { contents: new Set(), first: cpim });
      authored.get(messageId)!.contents.add(content);
      idOf.set(content, messageId);
    } else if (known) {
      if (!known.contents.has(content))
        return at(`altered the content of ${contentType} message ${messageId}`);
      const lost = MLS_HEADERS.find(
        (name) =>
          mlsHeader(known.first, name) !== undefined &&
          mlsHeader(cpim, name) !== mlsHeader(known.first, name),
      );
      if (lost !== undefined) return at(`changed or dropped the header ${lost} of ${messageId}`);
    } else {
      const original = idOf.get(content);
      if (original !== undefined) return at(`gave message ${original} another Message-ID, ${messageId},`);
      if (MLS_CONTENT.test(contentType ?? '')) return at(`made up ${contentType} message ${messageId}`);
    }
  }
  return undefined;
}

/** A user's request between networks that says not whose it is, and is refused for it. */
function isUnasserted(context: OracleContext, sip: SipSeen): boolean {
  const { entry, facts } = sip;
  const ends = [context.sideOf(entry.from), context.sideOf(entry.to)];
  if (ends[0] === ends[1] || ends.some((side) => side.startsWith('device:'))) return false;
  if (facts.method !== 'MESSAGE' && facts.method !== 'OPTIONS') return false;
  if (facts.headers.some(({ name }) => name === 'p-asserted-identity')) return false;
  return statusOfHop(context.wire, entry, sip)?.status === 403;
}
