/** What was wrong with an RCC.14 document or query, and where. Never holds a value: documents carry passwords. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  /** Path of the parm or query parameter, e.g. `ap2001/APPAUTH/Realm`; `document` or `query` for the whole. */
  readonly field: string;
  constructor(field: string, expected: string) {
    super(`configuration ${field}: expected ${expected} (RCC.14)`);
    this.field = field;
  }
}
