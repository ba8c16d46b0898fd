/** What a reload changed, in words: a line for each field, and which of them only a new start changes. */
import type { Carrier } from '../../matrix/schema/carrier.ts';
import type { ServedAccount } from './accounts.ts';

interface Side {
  readonly file: Carrier;
  readonly accounts: readonly ServedAccount[];
}

/** `later`: fields, or what they are part of, that a running carrier did not take. */
export function changes(who: string, before: Side, after: Side, later: readonly string[]): string[] {
  const fields = [...differences('', withoutAccounts(before.file), withoutAccounts(after.file))];
  const lines = fields.map(([field, old, now]) => {
    const waits = later.some(
      (name) => field === name || field.startsWith(`${name}.`) || field.startsWith(`${name}[`),
    );
    return `${who}: ${field}: ${shown(old)} -> ${shown(now)}${waits ? ' (after a new start)' : ''}`;
  });
  return [...lines, ...accountChanges(who, before.accounts, after.accounts)];
}

function accountChanges(
  who: string,
  before: readonly ServedAccount[],
  after: readonly ServedAccount[],
): string[] {
  const old = new Map(before.map((account) => [account.name, account]));
  const now = new Map(after.map((account) => [account.name, account]));
  const added = after.filter(({ name }) => !old.has(name)).map(({ name, msisdn }) => `+ ${name} (${msisdn})`);
  const removed = before
    .filter(({ name }) => !now.has(name))
    .map(({ name, msisdn }) => `- ${name} (${msisdn})`);
  const changed = after.flatMap((account) => {
    const was = old.get(account.name);
    if (was === undefined) return [];
    const fields = [...differences('', was, account)].map(([field]) => field);
    return fields.length === 0 ? [] : [`${account.name}: ${fields.join(', ')}`];
  });
  return [...added, ...removed, ...changed].map((line) => `${who}: account ${line}`);
}

function* differences(path: string, a: unknown, b: unknown): Generator<[string, unknown, unknown]> {
  if (JSON.stringify(a) === JSON.stringify(b)) return;
  const bothPlain = [a, b].every(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  );
  if (!bothPlain) {
    yield [path, a, b];
    return;
  }
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    yield* differences(path === '' ? key : `${path}.${key}`, left[key], right[key]);
  }
}

const shown = (value: unknown): string => (value === undefined ? 'none' : JSON.stringify(value));

function withoutAccounts({ accounts: _, ...file }: Carrier): Omit<Carrier, 'accounts'> {
  return file;
}
