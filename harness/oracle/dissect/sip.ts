/** SIP messages (RFC 3261 section 7), read for judging: whatever the bytes, what can be read is, and what is wrong is told. */
import type { Buffer } from 'node:buffer';
import { type HeaderLine, readHeaderBlock } from './header-block.ts';

export interface SipFacts {
  readonly kind: 'request' | 'response';
  /** Of a response: the method in its CSeq. */
  readonly method: string;
  readonly uri?: string;
  readonly status?: number;
  /** Long names, lower case. */
  readonly headers: readonly HeaderLine[];
  /** Branch of each Via, topmost first; empty string when it has none. */
  readonly branches: readonly string[];
  readonly cseq?: { readonly number: number; readonly method: string };
  readonly callId?: string;
  readonly fromTag?: string;
  readonly toTag?: string;
  readonly contentLength?: number;
  readonly contentType?: string;
  readonly body: Uint8Array;
}

export interface DissectedSip {
  readonly facts?: SipFacts;
  /** What the message breaks of RFC 3261, each with its section. */
  readonly malformed: readonly { readonly what: string; readonly clause: string }[];
  /** Octets taken. */
  readonly length: number;
  /** The bytes end before the message does. */
  readonly incomplete: boolean;
}

/** RFC 3261 section 7.3.3 and the registry of compact forms. */
const COMPACT: Readonly<Record<string, string>> = {
  a: 'accept-contact',
  b: 'referred-by',
  c: 'content-type',
  d: 'request-disposition',
  e: 'content-encoding',
  f: 'from',
  i: 'call-id',
  j: 'reject-contact',
  k: 'supported',
  l: 'content-length',
  m: 'contact',
  o: 'event',
  r: 'refer-to',
  s: 'subject',
  t: 'to',
  u: 'allow-events',
  v: 'via',
  x: 'session-expires',
};
const START_LINE = /^(?:SIP\/2\.0 (\d{3})(?: .*)?|([A-Za-z0-9\-.!%*_+`'~]+) (\S+) SIP\/2\.0)$/;

export const LENGTH_CLAUSE = 'RFC 3261 18.3';

export function wrongLength(declared: number, actual: number): string {
  return `Content-Length ${declared}, the body has ${actual} octets`;
}

/** A body need not end with a line end, so a start line can stand in the middle of a line. */
const SOME_START =
  /SIP\/2\.0 \d{3}[ \r]|(?:REGISTER|MESSAGE|OPTIONS|INVITE|ACK|BYE|CANCEL|SUBSCRIBE|NOTIFY|PUBLISH|REFER|INFO|UPDATE|PRACK) [^\s]{1,512} SIP\/2\.0\r/g;
const START_HERE = /SIP\/2\.0 \d{3}[ \r]|[A-Za-z0-9\-.!%*_+`'~]{1,32} [^\s]{1,512} SIP\/2\.0\r?\n/y;

/** Whether a SIP start line begins at `at`. `text` is the bytes read as ISO 8859-1. */
export function isSipStart(text: string, at: number): boolean {
  START_HERE.lastIndex = at;
  return START_HERE.test(text);
}

/** The offset of the first start line (of a method known to RCS) at or after `from`; -1 if there is none. */
export function findSipStart(text: string, from: number): number {
  SOME_START.lastIndex = from;
  return SOME_START.exec(text)?.index ?? -1;
}

/** Reads the message that begins at `start`. In a stream Content-Length ends it; in a datagram the datagram does. */
export function dissectSip(bytes: Buffer, start: number, carriage: 'stream' | 'datagram'): DissectedSip {
  const feed = bytes.indexOf(0x0a, start);
  const firstLine = feed < 0 ? '' : bytes.toString('utf8', start, feed).replace(/\r$/, '');
  const match = START_LINE.exec(firstLine);
  if (!match) {
    const malformed = [{ what: 'not a SIP start line', clause: 'RFC 3261 7.1, 7.2' }];
    return { malformed, length: bytes.length - start, incomplete: feed < 0 };
  }
  const block = readHeaderBlock(bytes, feed + 1);
  const malformed: { what: string; clause: string }[] = [];
  if (block.malformed) malformed.push({ what: block.malformed, clause: 'RFC 3261 7.3.1' });
  const headers = block.lines.map((line) => ({ name: COMPACT[line.name] ?? line.name, value: line.value }));
  const value = (name: string) => headers.find((line) => line.name === name)?.value;

  const bodyStart = block.end ?? bytes.length;
  const declared = value('content-length');
  const contentLength = declared !== undefined && /^\d{1,9}$/.test(declared) ? Number(declared) : undefined;
  const available = bytes.length - bodyStart;
  // A stream goes on behind the message, so without a length nothing can be said to be its body.
  let bodyLength = carriage === 'stream' ? 0 : available;
  if (declared !== undefined && contentLength === undefined) {
    malformed.push({
      what: `Content-Length is not a number: ${JSON.stringify(declared)}`,
      clause: 'RFC 3261 20.14',
    });
  } else if (contentLength === undefined) {
    const clause = 'RFC 3261 20.14';
    if (carriage === 'stream') malformed.push({ what: 'no Content-Length on a stream', clause });
  } else {
    if (contentLength > available || (carriage === 'datagram' && contentLength < available)) {
      malformed.push({ what: wrongLength(contentLength, available), clause: LENGTH_CLAUSE });
    }
    bodyLength = Math.min(contentLength, available);
  }

  const cseq = cseqOf(value('cseq'));
  const status = match[1] === undefined ? undefined : Number(match[1]);
  const facts: SipFacts = {
    kind: status === undefined ? 'request' : 'response',
    method: status === undefined ? match[2]! : (cseq?.method ?? ''),
    ...(match[3] !== undefined && { uri: match[3] }),
    ...(status !== undefined && { status }),
    headers,
    branches: headers
      .filter((line) => line.name === 'via')
      .flatMap((line) => splitList(line.value).map(branchOf)),
    ...(cseq && { cseq }),
    ...optional('callId', value('call-id')),
    ...optional('fromTag', tagOf(value('from'))),
    ...optional('toTag', tagOf(value('to'))),
    ...(contentLength !== undefined && { contentLength }),
    ...optional('contentType', value('content-type')),
    body: bytes.subarray(bodyStart, bodyStart + bodyLength),
  };
  malformed.push(...brokenRules(facts));
  const incomplete = block.end === undefined || (contentLength ?? 0) > available;
  return { facts, malformed, length: bodyStart + bodyLength - start, incomplete };
}

function brokenRules(facts: SipFacts): { what: string; clause: string }[] {
  const broken: { what: string; clause: string }[] = [];
  const has = (name: string) => facts.headers.some((line) => line.name === name);
  for (const [name, shown] of [
    ['via', 'Via'],
    ['from', 'From'],
    ['to', 'To'],
    ['call-id', 'Call-ID'],
    ['cseq', 'CSeq'],
  ] as const) {
    if (!has(name)) broken.push({ what: `no ${shown}`, clause: 'RFC 3261 8.1.1' });
  }
  if (has('cseq') && !facts.cseq)
    broken.push({ what: 'CSeq is not a number and a method', clause: 'RFC 3261 20.16' });
  if (has('from') && facts.fromTag === undefined)
    broken.push({ what: 'From has no tag', clause: 'RFC 3261 8.1.1.3' });
  const branch = facts.branches[0];
  if (branch !== undefined && !branch.startsWith('z9hG4bK')) {
    broken.push({
      what: `topmost Via branch ${JSON.stringify(branch)} does not begin with z9hG4bK`,
      clause: 'RFC 3261 8.1.1.7',
    });
  }
  if (facts.kind === 'request') {
    const hops = facts.headers.find((line) => line.name === 'max-forwards')?.value;
    if (hops === undefined) broken.push({ what: 'no Max-Forwards', clause: 'RFC 3261 8.1.1.6' });
    else if (!/^\d{1,3}$/.test(hops) || Number(hops) > 255) {
      broken.push({ what: `Max-Forwards ${JSON.stringify(hops)} is not 0 to 255`, clause: 'RFC 3261 20.22' });
    }
    if (facts.cseq && facts.cseq.method !== facts.method) {
      broken.push({
        what: `CSeq says ${facts.cseq.method}, the request is ${facts.method}`,
        clause: 'RFC 3261 8.1.1.5',
      });
    }
  } else if (facts.status! !== 100 && has('to') && facts.toTag === undefined) {
    broken.push({ what: `To of a ${facts.status} has no tag`, clause: 'RFC 3261 8.2.6.2' });
  }
  return broken;
}

function cseqOf(value: string | undefined): SipFacts['cseq'] {
  const match = /^(\d{1,10})\s+(\S+)$/.exec(value ?? '');
  return match ? { number: Number(match[1]), method: match[2]! } : undefined;
}

/** The `tag` parameter behind the address of a From or To value. */
function tagOf(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const parameters = value.includes('>') ? value.slice(value.lastIndexOf('>')) : value;
  return /;\s*tag\s*=\s*([^;\s]+)/i.exec(parameters)?.[1];
}

function branchOf(via: string): string {
  return /;\s*branch\s*=\s*"?([^;\s"]*)/i.exec(via)?.[1] ?? '';
}

/** Splits at commas outside quotes and angle brackets. */
function splitList(value: string): string[] {
  const items: string[] = [];
  let quoted = false;
  let angled = false;
  let start = 0;
  for (let i = 0; i < value.length; i += 1) {
    const c = value[i];
    if (c === '\\' && quoted) i += 1;
    else if (c === '"') quoted = !quoted;
    else if (!quoted && c === '<') angled = true;
    else if (!quoted && c === '>') angled = false;
    else if (c === ',' && !quoted && !angled) {
      items.push(value.slice(start, i));
      start = i + 1;
    }
  }
  items.push(value.slice(start));
  return items;
}

function optional<Key extends string>(key: Key, value: string | undefined): { [K in Key]?: string } {
  return (value === undefined ? {} : { [key]: value }) as { [K in Key]?: string };
}
