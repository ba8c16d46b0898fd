/** RFC 3261 sections 20.10 and 25.1: name-addr and addr-spec with their header parameters (From, To, Contact, Route ...). */

import { Cursor, isToken, quoteString, trimLws } from './cursor.ts';
import { type Params, readParams, writeParams } from './params.ts';

export interface NameAddr {
  /** Without quotes and quoted pairs. */
  readonly displayName?: string;
  /** What stands between < and >, as on the wire; `*` for Contact and Accept-Contact that begin with it. */
  readonly uri: string;
  /** Header parameters by lower-case name, without quotes. */
  readonly params: Params;
}

const CLAUSE = 'RFC 3261 20.10';
const TOKENS_BEFORE_ANGLE = /[A-Za-z0-9\-.!%*_+`'~ \t]+(?=<)/y;
const URI_IN_ANGLES = /[A-Za-z][A-Za-z0-9+.-]*:[!#-;=?-~]+/y;
/** Outside < > a URI ends before `;`, and may hold neither `,` nor `?` (RFC 3261 20). */
const BARE_URI = /[A-Za-z][A-Za-z0-9+.-]*:[!#-+\--:=@-~]+/y;

/** One value (see headerValues). Display names may touch the `<`. Throws SipParseError. */
export function parseNameAddr(value: string, field = 'name-addr'): NameAddr {
  const cursor = new Cursor(value, field);
  cursor.skipLws();
  const displayName = readDisplayName(cursor);
  const uri = cursor.peek() === '<' ? readAngles(cursor) : readBare(cursor, displayName !== undefined);
  const params = readParams(cursor, CLAUSE);
  cursor.expectEnd(CLAUSE);
  return { ...(displayName === undefined ? {} : { displayName }), uri, params };
}

/** Always with < >, but for `*`. Display names that aren't tokens are quoted. */
export function writeNameAddr(address: NameAddr): string {
  const { displayName, uri, params } = address;
  const target = uri === '*' ? '*' : `<${uri}>`;
  if (displayName === undefined) return target + writeParams(params);
  const plain = displayName.split(' ').every(isToken);
  return `${plain ? displayName : quoteString(displayName)} ${target}${writeParams(params)}`;
}

function readDisplayName(cursor: Cursor): string | undefined {
  if (cursor.peek() === '"') {
    const name = cursor.quotedString();
    cursor.skipLws();
    return name;
  }
  const tokens = cursor.match(TOKENS_BEFORE_ANGLE);
  return tokens === undefined ? undefined : trimLws(tokens);
}

function readAngles(cursor: Cursor): string {
  cursor.pos += 1;
  const uri = cursor.match(URI_IN_ANGLES);
  if (uri === undefined) throw cursor.error('a URI right after <', CLAUSE);
  if (cursor.peek() !== '>') throw cursor.error('> right after the URI', CLAUSE);
  cursor.pos += 1;
  return uri;
}

function readBare(cursor: Cursor, named: boolean): string {
  if (named) throw cursor.error('<', CLAUSE);
  if (cursor.peek() === '*') {
    cursor.pos += 1;
    return '*';
  }
  const uri = cursor.match(BARE_URI);
  if (uri === undefined) throw cursor.error('a URI', CLAUSE);
  if (cursor.peek() === '?' || cursor.peek() === ',') {
    throw cursor.error('< and > around a URI that holds , or ?', 'RFC 3261 20');
  }
  return uri;
}
