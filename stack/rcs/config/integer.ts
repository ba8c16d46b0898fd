import { ConfigError } from './config-error.ts';

/** The value of a parm that is an integer; undefined when absent or empty. Throws ConfigError below `least`. */
export function integer(value: string | undefined, field: string, least: number): number | undefined {
  if (value === undefined || value.trim() === '') {
    return undefined;
  }
  const text = value.trim();
  if (!/^-?\d{1,10}$/.test(text) || Number(text) < least) {
    throw new ConfigError(field, `an integer of at least ${least}`);
  }
  return Number(text);
}
