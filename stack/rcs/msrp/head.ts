/** RFC 4975 section 9: start line and headers of a frame. */

import { MsrpParseError } from './errors.ts';
import type { MsrpHeader } from './frame.ts';
import type { MsrpLimits } from './limits.ts';

export interface MsrpHead {
  readonly transactionId: string;
  /** Of a request. */
  readonly method?: string;
  /** Of a response. */
  readonly status?: number;
  readonly comment?: string;
  readonly toPath: readonly string[];
  readonly fromPath: readonly string[];
  readonly headers: readonly MsrpHeader[];
}

const START = /^MSRP ([A-Za-z0-9][A-Za-z0-9.\-+%=]{3,31}) (?:([A-Z]{1,32})|([0-9]{3})(?: (.*))?)$/s;
const HEADER = /^([A-Za-z][!#$%&'*+\-.0-9A-Z^_`a-z|~]*):(.*)$/s;
const START_FORM = '`MSRP`, a transaction id of 4 to 32 characters, a method or a status of three digits';

/** The transaction id of a start line. Throws MsrpParseError. */
export function transactionIdOf(startLine: string): string {
  const match = START.exec(startLine);
  if (match === null) throw fault('start line', START_FORM);
  return match[1]!;
}

/** `lines` without their line ends. Throws MsrpParseError. */
export function parseHead(lines: readonly string[], limits: MsrpLimits): MsrpHead {
  const match = START.exec(lines[0] ?? '');
  if (match === null) throw fault('start line', START_FORM);
  const [, transactionId, method, status, comment] = match;
  const [to, from, ...headers] = lines.slice(1).map(parseHeader);
  if (headers.length > limits.headerCount) throw fault('headers', `at most ${limits.headerCount} of them`);
  return {
    transactionId: transactionId!,
    ...(method !== undefined && { method }),
    ...(status !== undefined && { status: Number(status) }),
    ...(comment !== undefined && { comment }),
    toPath: parsePath('To-Path', to, limits),
    fromPath: parsePath('From-Path', from, limits),
    headers,
  };
}

function parseHeader(line: string): MsrpHeader {
  const match = HEADER.exec(line);
  if (match === null) throw fault('headers', '`Name: value` on each line');
  return { name: match[1]!, value: match[2]!.trim() };
}

/** To-Path and From-Path stand first, in this order. */
function parsePath(name: string, header: MsrpHeader | undefined, limits: MsrpLimits): readonly string[] {
  if (header === undefined || header.name.toLowerCase() !== name.toLowerCase())
    throw fault(name, 'To-Path and then From-Path right after the start line');
  const uris = header.value.split(' ').filter((uri) => uri !== '');
  if (uris.length === 0 || uris.length > limits.pathLength)
    throw fault(name, `1 to ${limits.pathLength} URIs`);
  return uris;
}

function fault(field: string, expected: string): MsrpParseError {
  return new MsrpParseError({ offset: 0, field, expected, clause: 'RFC 4975 7.1, 9' });
}
