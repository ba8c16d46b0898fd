import type { FrameEntry } from '../../../reports/trace.ts';
import { traceBytes } from '../../../reports/trace-lines.ts';

/** What a capture must show of a frame: read here with a few patterns, apart from what wrote the capture. */
export interface MessageKind {
  readonly protocol: 'sip' | 'http' | 'msrp' | 'stun' | 'gsm_a.rp' | 'none';
  /** Method, status or RP message type; for STUN, and what is no message, empty. */
  readonly type: string;
  readonly contentType: string;
}

/** RFC 8489 section 5. */
const STUN_COOKIE = Buffer.from('2112a442', 'hex');

export function messageKind(frame: FrameEntry): MessageKind {
  const octets = frame.bytes === undefined ? new Uint8Array() : traceBytes(frame.bytes);
  if (frame.protocol === 'cs') return { protocol: 'gsm_a.rp', type: String(octets[0]! & 7), contentType: '' };
  if (octets.length === 0) return { protocol: 'none', type: '', contentType: '' };
  const text = Buffer.from(octets).toString('latin1');
  const head = text.split('\r\n\r\n', 1)[0]!;
  const contentType = /^(?:content-type|c)[ \t]*:[ \t]*([^;\r\n]+)/im.exec(head)?.[1]?.trim() ?? '';
  const response = /^(SIP|HTTP)\/\d\.\d (\d{3})/.exec(head);
  if (response) return kind(response[1]!, response[2]!, contentType);
  const request = /^([A-Z]+) \S+ (SIP|HTTP)\/\d\.\d(?:\r\n|$)/.exec(head);
  if (request) return kind(request[2]!, request[1]!, contentType);
  const msrp = /^MSRP \S+ (\S+)/.exec(head);
  if (msrp) return kind('MSRP', msrp[1]!, contentType);
  // RFC 5626 section 3.5.1: over streams two line ends, answered by one.
  if (/^(\r\n){1,2}$/.test(text)) return { protocol: 'none', type: '', contentType: '' };
  if (octets.length >= 20 && Buffer.from(octets.subarray(4, 8)).equals(STUN_COOKIE))
    return { protocol: 'stun', type: '', contentType: '' };
  throw new Error(`entry ${frame.n} is of no kind that is known here: ${JSON.stringify(text.slice(0, 40))}`);
}

function kind(protocol: string, type: string, contentType: string): MessageKind {
  return { protocol: protocol.toLowerCase() as MessageKind['protocol'], type, contentType };
}
