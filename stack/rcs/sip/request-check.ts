/** RFC 3261 sections 8.1.1, 8.2 and 16.3 item 1: whether the headers that every request needs are there and readable. */

import { parseCSeq } from './cseq.ts';
import { canonicalName } from './header-names.ts';
import { header, headerValues } from './headers.ts';
import type { SipMessage, SipRequest, SipResponse } from './message.ts';
import { parseNameAddr } from './name-addr.ts';
import { SipParseError } from './parse-error.ts';
import { parseSipUri } from './uri.ts';
import { parseVia } from './via.ts';

const SINGLE = ['From', 'To', 'Call-ID', 'CSeq', 'Max-Forwards'] as const;
const CALL_ID = /^[A-Za-z0-9\-.!%*_+`'~()<>:\\"/[\]?{}]+(?:@[A-Za-z0-9\-.!%*_+`'~()<>:\\"/[\]?{}]+)?$/;

/** Throws SipParseError with the status to answer. A missing Max-Forwards passes, as of RFC 2543 clients. */
export function checkRequest(request: SipRequest): void {
  checkCommon(request);
  const { uri } = request;
  if (/^sips?:/i.test(uri)) {
    const parsed = parseSipUri(uri);
    if (parsed.scheme !== 'tel' && parsed.headers.length > 0) {
      throw fault('Request-URI', 'no header component', 'RFC 3261 19.1.1 table 1');
    }
  }
  const cseq = parseCSeq(header(request, 'CSeq') ?? '');
  if (cseq.method !== request.method)
    throw fault('CSeq', 'the method of the request line', 'RFC 3261 8.1.1.5');
  const maxForwards = header(request, 'Max-Forwards');
  if (maxForwards !== undefined && !(/^[0-9]{1,10}$/.test(maxForwards) && Number(maxForwards) <= 255)) {
    throw fault('Max-Forwards', 'a number from 0 to 255', 'RFC 3261 20.22');
  }
  for (const contact of headerValues(request, 'Contact')) checkAddress(contact, 'Contact');
  for (const name of ['Route', 'Record-Route']) {
    for (const route of headerValues(request, name)) checkAddress(route, name);
  }
}

/** Throws SipParseError; a response that fails is dropped (RFC 3261 18.1.2). */
export function checkResponse(response: SipResponse): void {
  checkCommon(response);
  parseCSeq(header(response, 'CSeq') ?? '');
}

function checkCommon(message: SipMessage): void {
  const counts = new Map<string, number>();
  for (const { name } of message.headers) {
    const canonical = canonicalName(name);
    counts.set(canonical, (counts.get(canonical) ?? 0) + 1);
  }
  for (const name of SINGLE) {
    const count = counts.get(canonicalName(name)) ?? 0;
    const required = name !== 'Max-Forwards';
    if (count > 1 || (required && count === 0)) throw fault(name, 'exactly one', 'RFC 3261 8.1.1');
  }
  for (const name of ['From', 'To'] as const) checkAddress(header(message, name) ?? '', name);
  if (!CALL_ID.test(header(message, 'Call-ID') ?? ''))
    throw fault('Call-ID', 'word or word@word', 'RFC 3261 25.1 callid');
  const vias = headerValues(message, 'Via');
  if (vias.length === 0) throw fault('Via', 'at least one', 'RFC 3261 8.1.1.7');
  for (const via of vias) parseVia(via);
}

function checkAddress(value: string, field: string): void {
  const { uri } = parseNameAddr(value, field);
  if (uri === '*' && field !== 'Contact') throw fault(field, 'a URI', 'RFC 3261 25.1 name-addr');
  if (/^sips?:/i.test(uri)) parseSipUri(uri);
}

function fault(field: string, expected: string, clause: string): SipParseError {
  return new SipParseError({ offset: 0, field, expected, clause });
}
