/** RFC 3261 section 7: SIP messages as plain data. */

export { SipParseError } from './parse-error.ts';
export { parseSipMessage } from './parse-message.ts';
export { type SipStyle, SipWriteError, writeSipMessage } from './write-message.ts';

export interface SipHeader {
  /** As on the wire: any case, long or compact. */
  readonly name: string;
  /** Unfolded (a fold is one space) and trimmed. */
  readonly value: string;
}

export interface SipRequest {
  readonly kind: 'request';
  readonly method: string;
  readonly uri: string;
  readonly headers: readonly SipHeader[];
  readonly body: Uint8Array;
}

export interface SipResponse {
  readonly kind: 'response';
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly SipHeader[];
  readonly body: Uint8Array;
}

export type SipMessage = SipRequest | SipResponse;
