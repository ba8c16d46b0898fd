type StepData = Readonly<Record<string, unknown>>;

/** The order in which arguments are read: a case file has its own, and a trace has them by name. */
const ORDER = ['side', 'who', 'whom', 'name', 'message', 'device', 'when', 'link', 'by', 'on'];

/**
 * A step as one short line, a message in quotes: `send "hello" from alice to bob, prefer-encrypted`, `read bob "hello"`,
 * `advance 5s`.
 */
export function stepLabel(step: StepData): string {
  const [verb, value] = Object.entries(step)[0] ?? ['(empty)', undefined];
  const args = asObject(value);
  if (verb === 'send') {
    const kind = args['requirement'] === undefined ? '' : `, ${args['requirement']}`;
    return `send "${args['message']}" from ${args['from']} to ${args['to']}${kind}`;
  }
  const words = Object.entries(args)
    .sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .map(([key, arg]) => word(key, arg));
  return [verb, ...words].join(' ');
}

function rank(key: string): number {
  const at = ORDER.indexOf(key);
  return at < 0 ? ORDER.length : at;
}

function asObject(value: unknown): StepData {
  if (value === undefined || value === null) return {};
  return typeof value === 'object' ? (value as StepData) : { value };
}

function word(key: string, arg: unknown): string {
  if (key === 'message') return `"${arg}"`;
  if (typeof arg === 'boolean') return arg ? key : `not ${key}`;
  return typeof arg === 'object' ? JSON.stringify(arg) : String(arg);
}
