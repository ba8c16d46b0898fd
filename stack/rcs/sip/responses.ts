/** RFC 3261 section 8.2.6: a response made from its request. */

import { canonicalName } from './header-names.ts';
import { header, headerValues, setHeader } from './headers.ts';
import type { SipHeader, SipRequest, SipResponse } from './message.ts';
import { parseNameAddr } from './name-addr.ts';
import { reasonPhrase } from './reason-phrases.ts';

export interface ResponseParts {
  readonly reason?: string;
  readonly headers?: readonly SipHeader[];
  readonly body?: Uint8Array;
  /** Added to To when that has no tag. */
  readonly toTag?: string;
}

const COPIED: ReadonlySet<string> = new Set(['via', 'from', 'to', 'call-id', 'cseq']);

/** Via, From, To, Call-ID and CSeq are the request's (8.2.6.2), Timestamp too in a 100 (8.2.6.1). */
export function makeResponse(request: SipRequest, status: number, parts: ResponseParts = {}): SipResponse {
  const copied = request.headers.filter((h) => {
    const name = canonicalName(h.name);
    return COPIED.has(name) || (status === 100 && name === 'timestamp');
  });
  const response: SipResponse = {
    kind: 'response',
    status,
    reason: parts.reason ?? reasonPhrase(status),
    headers: [...copied, ...(parts.headers ?? [])],
    body: parts.body ?? new Uint8Array(0),
  };
  const to = header(request, 'To');
  if (parts.toTag === undefined || to === undefined || hasTag(to)) return response;
  return setHeader(response, 'To', `${to};tag=${parts.toTag}`);
}

/** RFC 3261 8.1.3.1: the response that a failure at this end counts as; it has no Via and never was on a wire. */
export function makeLocalResponse(
  request: SipRequest,
  status: 408 | 503,
): SipResponse & { readonly local: true } {
  const response = makeResponse(request, status);
  return {
    ...response,
    headers: response.headers.filter((h) => canonicalName(h.name) !== 'via'),
    local: true,
  };
}

/** RFC 3261 17.1.1.3: the ACK of a final response other than 2xx, with the top Via of the INVITE. */
export function makeAck(invite: SipRequest, response: SipResponse): SipRequest {
  const kept = ['from', 'call-id', 'route', 'max-forwards'];
  const headers: SipHeader[] = [{ name: 'Via', value: headerValues(invite, 'Via')[0] ?? '' }];
  headers.push(...invite.headers.filter((h) => kept.includes(canonicalName(h.name))));
  headers.push({ name: 'To', value: header(response, 'To') ?? header(invite, 'To') ?? '' });
  headers.push({ name: 'CSeq', value: `${Number.parseInt(header(invite, 'CSeq') ?? '0', 10)} ACK` });
  return { kind: 'request', method: 'ACK', uri: invite.uri, headers, body: new Uint8Array(0) };
}

function hasTag(to: string): boolean {
  try {
    return parseNameAddr(to, 'To').params.has('tag');
  } catch {
    return /;\s*tag\s*=/i.test(to);
  }
}
