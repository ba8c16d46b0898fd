/** Hazard R16 of docs/rcs-signalling.md: a length cap on the Contact of an OPTIONS and of its answer. */
import { parseCSeq } from '../../../../stack/rcs/sip/cseq.ts';
import { canonicalName } from '../../../../stack/rcs/sip/header-names.ts';
import { header } from '../../../../stack/rcs/sip/headers.ts';
import type { SipHeader, SipMessage } from '../../../../stack/rcs/sip/message.ts';
import { parseNameAddr, writeNameAddr } from '../../../../stack/rcs/sip/name-addr.ts';
import { SipParseError } from '../../../../stack/rcs/sip/parse-error.ts';

/**
 * An answer is cut off wherever it happens to be, within a tag or its quotes. Of a request, which the next hop would
 * refuse then (RFC 3261 section 21.4.1), the parameters that are too many are left out.
 */
export function truncateOptions<M extends SipMessage>(message: M, octets: number): M {
  const isRequest = message.kind === 'request';
  const method = isRequest ? message.method : parseCSeq(header(message, 'CSeq') ?? '').method;
  if (method !== 'OPTIONS') return message;
  const headers = message.headers.map((field): SipHeader => {
    const { name, value } = field;
    if (canonicalName(name) !== 'contact' || value.length <= octets) return field;
    return { name, value: isRequest ? shortened(value, octets) : value.slice(0, octets) };
  });
  return { ...message, headers };
}

function shortened(value: string, octets: number): string {
  try {
    const { uri, params } = parseNameAddr(value);
    let kept = writeNameAddr({ uri, params: new Map() });
    for (const param of params) {
      const longer = kept + writeNameAddr({ uri: '*', params: new Map([param]) }).slice(1);
      if (longer.length > octets) return kept;
      kept = longer;
    }
    return kept;
  } catch (error) {
    if (error instanceof SipParseError) return value;
    throw error;
  }
}
