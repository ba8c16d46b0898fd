import type { Expectations } from '../../matrix/schema/plan.ts';

type Then = Expectations['messages' | 'devices'][number]['then'];

/** `channel rcs, badge secure, state sent or delivered, received yes, carrier sees ciphertext`. */
export function expectationText(then: Then): string {
  if ('unsupported' in then) return `unsupported: ${then.unsupported}`;
  return Object.entries(then)
    .map(
      ([field, value]) => `${field.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)} ${told(value)}`,
    )
    .join(', ');
}

function told(value: unknown): string {
  if (Array.isArray(value)) return value.join(' or ') || 'nobody';
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
}
