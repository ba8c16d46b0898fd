type StepData = Readonly<Record<string, unknown>>;

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
  return [verb, ...Object.entries(args).map(([key, arg]) => word(key, arg))].join(' ');
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
