/** RFC 3261 sections 17.1.3 and 17.2.3: which transaction a message belongs to. */

import { parseCSeq } from './cseq.ts';
import { header } from './headers.ts';
import type { SipRequest } from './message.ts';
import { parseNameAddr } from './name-addr.ts';
import { MAGIC_COOKIE, type Via } from './via.ts';

/** Key of a client transaction: the branch it put into its Via, and the method of CSeq. */
export function clientKey(branch: string, method: string): string {
  return `${branch} ${method}`;
}

/** Key of a server transaction; an ACK has the key of its INVITE. Never throws. */
export function serverKey(request: SipRequest, via: Via): string {
  const method = request.method === 'ACK' ? 'INVITE' : request.method;
  const branch = via.params.get('branch') ?? '';
  const sentBy = `${via.host.toLowerCase()}:${via.port ?? ''}`;
  if (branch.startsWith(MAGIC_COOKIE) && branch.length > MAGIC_COOKIE.length) {
    return JSON.stringify([branch, sentBy, method]);
  }
  // A client of RFC 2543: the ACK's To tag is the server's own, so it can't be part of the key.
  const fields = [
    request.uri,
    fromTag(request),
    header(request, 'Call-ID'),
    cseqNumber(request),
    branch,
    sentBy,
    method,
  ];
  return JSON.stringify(fields);
}

function fromTag(request: SipRequest): string | undefined {
  return attempt(() => parseNameAddr(header(request, 'From') ?? '').params.get('tag'));
}

function cseqNumber(request: SipRequest): number | undefined {
  return attempt(() => parseCSeq(header(request, 'CSeq') ?? '').number);
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
