type StepData = Readonly<Record<string, unknown>>;

/** A step as one short line: `send hello: sender to recipient, must-encrypt`, `register sender`, `advance 5s`. */
export function stepLabel(step: StepData): string {
  const [verb, value] = Object.entries(step)[0] ?? ['(empty)', undefined];
  const args = asObject(value);
  if (verb === 'send') {
    const kind = args['requirement'] === undefined ? '' : `, ${args['requirement']}`;
    return `send ${args['message']}: ${args['from']} to ${args['to']}${kind}`;
  }
  const words = Object.entries(args).map(([key, arg]) =>
    typeof arg === 'boolean' ? (arg ? key : `not ${key}`) : plain(arg),
  );
  return [verb, ...words].join(' ');
}

function asObject(value: unknown): StepData {
  if (value === undefined || value === null) return {};
  return typeof value === 'object' ? (value as StepData) : { value };
}

function plain(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
