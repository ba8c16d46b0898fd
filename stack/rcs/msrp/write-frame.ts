/** RFC 4975 section 9: a frame into octets. */

import { MsrpWriteError } from './errors.ts';
import { END_LINE_DASHES, IDENT, type MsrpFrame, msrpHeader } from './frame.ts';
import { parseMsrpUri } from './uri.ts';

const encoder = new TextEncoder();
const NAME = /^[A-Za-z][!#$%&'*+\-.0-9A-Z^_`a-z|~]*$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not pass
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f]/;

/** Throws MsrpWriteError when the frame would not read back as itself, MsrpParseError for a path that is no URI. */
export function writeMsrpFrame(frame: MsrpFrame): Uint8Array {
  const { transactionId, toPath, fromPath } = frame;
  if (!IDENT.test(transactionId)) throw new MsrpWriteError('a transaction id has 4 to 32 characters');
  const body = frame.kind === 'request' ? frame.body : undefined;
  if ((body === undefined) !== (msrpHeader(frame, 'Content-Type') === undefined))
    throw new MsrpWriteError('a body and a Content-Type go together');
  if (body && holdsEndLine(body, transactionId))
    throw new MsrpWriteError('the data holds the end-line of the transaction');
  const lines = [startLine(frame), `To-Path: ${path(toPath)}`, `From-Path: ${path(fromPath)}`];
  for (const { name, value } of ordered(frame)) {
    if (!NAME.test(name) || CONTROL.test(value)) throw new MsrpWriteError('a header must stay on its line');
    lines.push(`${name}: ${value}`);
  }
  const head = encoder.encode(`${lines.join('\r\n')}\r\n${body ? '\r\n' : ''}`);
  const flag = frame.kind === 'request' ? frame.flag : '$';
  const tail = encoder.encode(`${body ? '\r\n' : ''}${END_LINE_DASHES}${transactionId}${flag}\r\n`);
  const octets = new Uint8Array(head.length + (body?.length ?? 0) + tail.length);
  octets.set(head);
  if (body) octets.set(body, head.length);
  octets.set(tail, octets.length - tail.length);
  return octets;
}

/** Whether `-------` and the id stand anywhere in the data: the sender must then choose another (section 7.1). */
export function holdsEndLine(data: Uint8Array, transactionId: string): boolean {
  const mark = encoder.encode(END_LINE_DASHES + transactionId);
  const last = data.length - mark.length;
  for (let at = data.indexOf(mark[0]!); at >= 0 && at <= last; at = data.indexOf(mark[0]!, at + 1)) {
    if (mark.every((octet, i) => data[at + i] === octet)) return true;
  }
  return false;
}

function startLine(frame: MsrpFrame): string {
  const { transactionId } = frame;
  if (frame.kind === 'request') {
    if (!/^[A-Z]{1,32}$/.test(frame.method)) throw new MsrpWriteError('a method is upper-case letters');
    return `MSRP ${transactionId} ${frame.method}`;
  }
  const { status, comment } = frame;
  if (!Number.isInteger(status) || status < 0 || status > 999)
    throw new MsrpWriteError('a status has three digits');
  if (comment !== undefined && CONTROL.test(comment)) throw new MsrpWriteError('a comment is one line');
  const digits = String(status).padStart(3, '0');
  return `MSRP ${transactionId} ${digits}${comment === undefined ? '' : ` ${comment}`}`;
}

function path(uris: readonly string[]): string {
  if (uris.length === 0) throw new MsrpWriteError('a path has at least one URI');
  for (const uri of uris) parseMsrpUri(uri);
  return uris.join(' ');
}

/** Content-Type is the last header (section 9: content-stuff). */
function ordered({ headers }: MsrpFrame): MsrpFrame['headers'] {
  const isType = ({ name }: { name: string }) => name.toLowerCase() === 'content-type';
  return [...headers.filter((one) => !isType(one)), ...headers.filter(isType)];
}
