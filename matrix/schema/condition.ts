import { z } from 'zod';

export type Scalar = string | boolean | number;
/** A value, a list (any of), `{ not: ... }`, or a range of numbers, both ends included. */
export type Matcher =
  | Scalar
  | readonly Scalar[]
  | { readonly not: Matcher }
  | { readonly min?: number | undefined; readonly max?: number | undefined };
/** Fact -> what it must be; holds when every entry holds. */
export type Condition = Readonly<Record<string, Matcher>>;

const scalar = z.union([z.string(), z.boolean(), z.number()]);
const range = z
  .strictObject({ min: z.number().optional(), max: z.number().optional() })
  .refine((r) => r.min !== undefined || r.max !== undefined, { message: 'a range needs min, max or both' });

export const matcherSchema: z.ZodType<Matcher> = z.lazy(() =>
  z.union([scalar, z.array(scalar).min(1), z.strictObject({ not: matcherSchema }), range]),
);

/** Keys are axes (`scenario`, `sender`, `carrierA` ...) or facts (`recipient.universalProfile`, `both.mlsUsable`). */
export const conditionSchema = z.record(z.string(), matcherSchema);
