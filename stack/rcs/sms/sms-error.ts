/** What was wrong with an SMS unit, and where. Never holds message text. */
export class SmsError extends Error {
  override readonly name = 'SmsError';
  /** Field by its name in the specification: `TP-UDL`, `RP-Originator Address`, ... */
  readonly field: string;
  /** Offset in octets of the unit; undefined for values that can't be written. */
  readonly offset: number | undefined;
  constructor(field: string, expected: string, offset?: number) {
    super(`${field}${offset === undefined ? '' : `, offset ${offset}`}: expected ${expected}`);
    this.field = field;
    this.offset = offset;
  }
}
