import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/**
 * Which alternative of a union the writer of `value` meant, by its errors: the one whose own fields differ least from
 * what was written, whatever is wrong inside them. Undefined when no single one is nearest.
 */
export function closestBranch(
  branches: readonly (readonly Issue[])[],
  value: unknown,
): readonly Issue[] | undefined {
  const distances = branches.map((errors) => distance(errors, value));
  const least = Math.min(...distances);
  if (least === Infinity || distances.filter((one) => one === least).length > 1) return undefined;
  return branches[distances.indexOf(least)];
}

/** Fields too many and fields missing; infinite when it is no mapping at all. */
function distance(errors: readonly Issue[], value: unknown): number {
  return errors.reduce((sum, { path, ...issue }) => {
    const [field] = path;
    if (field === undefined) return sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : Infinity);
    const missing =
      path.length === 1 && (value as Readonly<Record<PropertyKey, unknown>>)[field] === undefined;
    return missing ? sum + 1 : sum;
  }, 0);
}
