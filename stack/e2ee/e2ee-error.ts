/** What an RCC.16 structure held that it may not, where, and what was expected. Never carries key material. */
export class E2eeError extends Error {
  override readonly name = 'E2eeError';
  readonly where: string;
  readonly expected: string;
  constructor(where: string, found: string, expected: string) {
    super(`${where}: found ${found}, expected ${expected}`);
    this.where = where;
    this.expected = expected;
  }
}
