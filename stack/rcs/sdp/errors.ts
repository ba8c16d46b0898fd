/** The only error that the SDP reader throws. Never holds received text. */
export class SdpParseError extends Error {
  override readonly name = 'SdpParseError';
  /** 1 for the first; 0 for the description as a whole. */
  readonly line: number;
  readonly field: string;
  readonly expected: string;
  readonly clause: string;

  constructor(fault: { line: number; field: string; expected: string; clause: string }) {
    super(`SDP ${fault.field}, line ${fault.line}: expected ${fault.expected} (${fault.clause})`);
    this.line = fault.line;
    this.field = fault.field;
    this.expected = fault.expected;
    this.clause = fault.clause;
  }
}
