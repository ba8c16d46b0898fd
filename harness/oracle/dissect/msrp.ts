/** MSRP frames (RFC 4975 section 9) in one direction of a stream, read for judging: what can be read is, what is wrong is told. */
import { Buffer } from 'node:buffer';
import { type HeaderLine, headerValue, readHeaderBlock } from './header-block.ts';

export interface MsrpFacts {
  readonly kind: 'request' | 'response';
  readonly transactionId: string;
  /** Of a request. */
  readonly method?: string;
  /** Of a response. */
  readonly status?: number;
  readonly toPath: readonly string[];
  readonly fromPath: readonly string[];
  /** Lower case. */
  readonly headers: readonly HeaderLine[];
  readonly messageId?: string;
  readonly range?: { readonly start: number; readonly end?: number; readonly total?: number };
  /** Without the line end before the end-line; absent when the frame has none. */
  readonly data?: Uint8Array;
  readonly flag: string;
}

export interface DissectedMsrp {
  readonly facts?: MsrpFacts;
  readonly malformed: readonly { readonly what: string; readonly clause: string }[];
  /** Offset behind the frame. */
  readonly end: number;
  readonly incomplete: boolean;
}

const START = /^MSRP ([A-Za-z0-9][A-Za-z0-9.\-+%=]{3,31}) (?:([A-Z]+)|(\d{3})(?: .*)?)$/;
const URI = /^msrps?:\/\/[^\s;/]+(?::\d{1,5})?(?:\/[A-Za-z0-9\-._~+=/]+)?;[A-Za-z0-9]+(?:;\S+)*$/i;
const RANGE = /^(\d{1,15})-(\d{1,15}|\*)\/(\d{1,15}|\*)$/;

/** Whether a stream speaks MSRP from `at` on. */
export function isMsrpStart(text: string, at: number): boolean {
  return /^MSRP [A-Za-z0-9]/.test(text.slice(at, at + 16));
}

/** Reads the frame that begins at `start`; `text` is `bytes` as ISO 8859-1. Never throws. */
export function dissectMsrp(bytes: Buffer, text: string, start: number): DissectedMsrp {
  const feed = text.indexOf('\r\n', start);
  const match = feed < 0 ? null : START.exec(text.slice(start, feed));
  if (!match) {
    const malformed = [{ what: 'not an MSRP start line', clause: 'RFC 4975 9' }];
    return { malformed, end: bytes.length, incomplete: feed < 0 };
  }
  const [, transactionId, method, status] = match as unknown as [string, string, string?, string?];
  // The first end-line of this transaction ends the frame: its sender had to choose an id that the data doesn't hold.
  const mark = `\r\n-------${transactionId}`;
  const closing = endLine(text, mark, feed);
  if (closing < 0) return { malformed: [], end: bytes.length, incomplete: true };
  const end = closing + mark.length + 3;
  const blank = text.indexOf('\r\n\r\n', feed);
  const hasData = blank >= 0 && blank < closing + 2;
  const headEnd = hasData ? blank + 4 : closing + 2;
  const block = readHeaderBlock(
    Buffer.from(`${bytes.toString('utf8', feed + 2, hasData ? blank : closing)}\r\n\r\n`),
    0,
  );
  const headers = block.lines;
  const malformed: { what: string; clause: string }[] = [];
  if (block.malformed) malformed.push({ what: block.malformed, clause: 'RFC 4975 9' });
  const path = (name: string) => headerValue(headers, name)?.split(' ').filter(Boolean) ?? [];
  const written = headerValue(headers, 'byte-range');
  const range = written === undefined ? null : RANGE.exec(written);
  const messageId = headerValue(headers, 'message-id');
  const facts: MsrpFacts = {
    kind: method === undefined ? 'response' : 'request',
    transactionId,
    ...(method !== undefined && { method }),
    ...(status !== undefined && { status: Number(status) }),
    toPath: path('to-path'),
    fromPath: path('from-path'),
    headers,
    ...(messageId !== undefined && { messageId }),
    ...(range && {
      range: {
        start: Number(range[1]),
        ...(range[2] !== '*' && { end: Number(range[2]) }),
        ...(range[3] !== '*' && { total: Number(range[3]) }),
      },
    }),
    ...(hasData && { data: bytes.subarray(headEnd, Math.max(headEnd, closing)) }),
    flag: text[closing + mark.length]!,
  };
  malformed.push(...brokenRules(facts, written));
  return { facts, malformed, end, incomplete: false };
}

function endLine(text: string, mark: string, from: number): number {
  for (let at = text.indexOf(mark, from); at >= 0; at = text.indexOf(mark, at + 1)) {
    if (/^[$+#]\r\n/.test(text.slice(at + mark.length, at + mark.length + 3))) return at;
  }
  return -1;
}

function brokenRules(facts: MsrpFacts, range: string | undefined): { what: string; clause: string }[] {
  const broken: { what: string; clause: string }[] = [];
  const [first, second] = facts.headers;
  if (first?.name !== 'to-path' || second?.name !== 'from-path')
    broken.push({ what: 'To-Path and From-Path do not stand first', clause: 'RFC 4975 7.1, 9' });
  for (const uri of [...facts.toPath, ...facts.fromPath]) {
    if (!URI.test(uri)) broken.push({ what: `${JSON.stringify(uri)} is no MSRP URI`, clause: 'RFC 4975 6' });
  }
  if (facts.kind === 'response') {
    if (facts.data) broken.push({ what: 'a response with data', clause: 'RFC 4975 7.2' });
    if (facts.flag !== '$') broken.push({ what: 'a response that is not complete', clause: 'RFC 4975 9' });
    return broken;
  }
  if (facts.messageId === undefined) broken.push({ what: 'no Message-ID', clause: 'RFC 4975 7.1.1' });
  if (range !== undefined && !facts.range)
    broken.push({ what: `Byte-Range ${JSON.stringify(range)} is none`, clause: 'RFC 4975 9' });
  const typed = facts.headers.some(({ name }) => name === 'content-type');
  if (typed !== (facts.data !== undefined))
    broken.push({ what: 'Content-Type and data do not go together', clause: 'RFC 4975 7.1' });
  if (typed && facts.headers.at(-1)?.name !== 'content-type')
    broken.push({ what: 'Content-Type is not the last header', clause: 'RFC 4975 9' });
  const octets = facts.data?.length ?? 0;
  const { start = 1, end, total } = facts.range ?? {};
  if (facts.method === 'SEND' && facts.data) {
    if (end !== undefined && end !== start + octets - 1)
      broken.push({
        what: `Byte-Range ends at ${end}, the data at ${start + octets - 1}`,
        clause: 'RFC 4975 7.1.1',
      });
    if (facts.flag === '$' && total !== undefined && total !== start + octets - 1)
      broken.push({
        what: `the last chunk ends at ${start + octets - 1} of ${total}`,
        clause: 'RFC 4975 5.1',
      });
  }
  return broken;
}
