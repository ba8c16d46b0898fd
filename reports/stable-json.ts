/**
 * JSON whose bytes depend on the value alone: keys sorted, except that `first` come first, in that order, at the top
 * level. `undefined` members are left out; numbers and strings as JSON.stringify writes them.
 */
export function stableJson(value: unknown, first: readonly string[] = []): string {
  if (Array.isArray(value)) return `[${value.map((item) => stableJson(item ?? null)).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  const rank = (key: string) => (first.includes(key) ? first.indexOf(key) : first.length);
  members.sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${stableJson(member)}`).join(',')}}`;
}
