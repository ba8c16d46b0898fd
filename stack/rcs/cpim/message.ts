/** The CPIM message (RFC 3862 2) as data, the bounds of reading one, and what is wrong with one. */

export interface CpimHeader {
  /** As written, prefix included: `imdn.Message-ID`. */
  readonly name: string;
  /** Without the white space around it. */
  readonly value: string;
  /** The line as received, without its line break, when it isn't `name: value`. */
  readonly line?: string;
}

export interface CpimMessage {
  /** URI of the first From header, without display name and angle brackets. */
  readonly from?: string;
  /** URI of the first To header, without display name and angle brackets. */
  readonly to?: string;
  /** As written; see parseDateTime. */
  readonly dateTime?: string;
  /** All message headers in order, From, To, NS, DateTime and prefixed ones as written. */
  readonly headers: readonly CpimHeader[];
  readonly contentHeaders: readonly CpimHeader[];
  /** Transfer encoding still applied. A view of the parsed bytes. */
  readonly content: Uint8Array;
  /** What was tolerated, absent when the message was as RFC 3862 wants it. */
  readonly deviations?: readonly string[];
}

export interface CpimLimits {
  /** Bytes of the whole object. */
  readonly maxBytes: number;
  /** Bytes of message headers and MIME headers together. */
  readonly maxHeaderBytes: number;
  /** Headers in each of the two sections. */
  readonly maxHeaders: number;
}

export const CPIM_LIMITS: CpimLimits = {
  maxBytes: 16 * 1024 * 1024,
  maxHeaderBytes: 64 * 1024,
  maxHeaders: 128,
};

export const IMDN_NAMESPACE = 'urn:ietf:params:imdn';
export const MLS_NAMESPACE = 'http://www.gsma.com/rcs/mls';
export const CPM_NAMESPACE = 'http://www.openmobilealliance.org/cpm/';
/** From and To of a one-to-one message; the true identity is the P-Asserted-Identity of the request. */
export const ANONYMOUS_URI = 'sip:anonymous@anonymous.invalid';

export class CpimParseError extends Error {
  override readonly name = 'CpimParseError';
  /** Offset in bytes. */
  readonly offset: number;
  /** `message headers`, `content headers` or `content`. */
  readonly section: string;
  constructor(offset: number, section: string, expected: string) {
    super(`CPIM ${section}, offset ${offset}: ${expected} (RFC 3862 2)`);
    this.offset = offset;
    this.section = section;
  }
}
