/** What is wrong with received MSRP, or with what was to be sent. */

/** The only error that the MSRP decoders throw. Never holds received text. */
export class MsrpParseError extends Error {
  override readonly name = 'MsrpParseError';
  /** Octets from the start of the frame, or characters from the start of a value parsed alone. */
  readonly offset: number;
  /** `start line`, `headers`, `end line`, or a header's name. */
  readonly field: string;
  readonly expected: string;
  /** e.g. `RFC 4975 9`. */
  readonly clause: string;

  constructor(fault: { offset: number; field: string; expected: string; clause: string }) {
    super(`${fault.field}, offset ${fault.offset}: expected ${fault.expected} (${fault.clause})`);
    this.offset = fault.offset;
    this.field = fault.field;
    this.expected = fault.expected;
    this.clause = fault.clause;
  }
}

/** A frame that can't be put into octets without saying something else than it means. */
export class MsrpWriteError extends Error {
  override readonly name = 'MsrpWriteError';
}
