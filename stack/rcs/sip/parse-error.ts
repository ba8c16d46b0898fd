/** RFC 3261 section 21.4.1: what was wrong with received SIP, told so that a 400 can be built and a person can act. */

export interface SipFault {
  /** Octets from the start of the message, or UTF-16 units from the start of a header value parsed alone. */
  readonly offset: number;
  /** The part of the message: `start line`, `header section`, `body`, or a header's name. */
  readonly field: string;
  readonly expected: string;
  /** e.g. `RFC 3261 7.3.1`. */
  readonly clause: string;
  /** The response a server gives for it; 400 when absent. */
  readonly status?: number;
}

/** The only error that the SIP decoders throw. Never holds received text: a header may carry credentials. */
export class SipParseError extends Error {
  override readonly name = 'SipParseError';
  readonly offset: number;
  readonly field: string;
  readonly expected: string;
  readonly clause: string;
  readonly status: number;

  constructor(fault: SipFault) {
    super(`${fault.field}, offset ${fault.offset}: expected ${fault.expected} (${fault.clause})`);
    this.offset = fault.offset;
    this.field = fault.field;
    this.expected = fault.expected;
    this.clause = fault.clause;
    this.status = fault.status ?? 400;
  }
}
