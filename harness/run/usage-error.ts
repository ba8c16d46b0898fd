/** The caller asked for something that isn't there or makes no sense: exit 64, a line for each mistake. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
