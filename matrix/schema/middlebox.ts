import { z } from 'zod';

/** How a gateway writes the CPIM envelope anew; the last three change what it means. */
export const CPIM_CHANGES = [
  'parties',
  'namespace-space',
  'prefixes',
  'name-case',
  'media-type',
  'imdn-only',
  'message-id',
  'date-time',
] as const;

const contentType = z
  .string()
  .regex(/^[a-z]+\/[a-z0-9.+-]*\*?$/, 'a media type, or the beginning of some and *: message/mls*');

/**
 * What stands between two carriers and changes what passes (docs/rcs-signalling.md 10.3 and the hazards named there).
 * They act in the order of the list; on what comes back, the other way round.
 */
export const middleboxSchema = z.discriminatedUnion('kind', [
  /** R15. Names, beginnings of names ending in `*`, or suffixes of an ICSI or IARI (`rcs.fthttp`). */
  z.strictObject({ kind: z.literal('strip-feature-tags'), tags: z.array(z.string().min(1)).min(1) }),
  z.strictObject({ kind: z.literal('reorder-headers') }),
  /** Fields that are there: `{value}` stands for what stood there; without `value` the field is taken away. */
  z.strictObject({
    kind: z.literal('rewrite-headers'),
    headers: z.array(z.strictObject({ name: z.string().min(1), value: z.string().optional() })).min(1),
  }),
  /** R16. Contact of OPTIONS and of its answer is cut off; at 240 octets no MLS tag is left, at 200 still a messaging one. */
  z.strictObject({ kind: z.literal('truncate-options'), octets: z.int().min(200).max(240) }),
  /** R14, R21. Names of header fields and feature tags. */
  z.strictObject({ kind: z.literal('change-case'), to: z.enum(['upper', 'lower']) }),
  /** R36 to R40, R42. */
  z.strictObject({ kind: z.literal('reframe-cpim'), changes: z.array(z.enum(CPIM_CHANGES)).min(1) }),
  /** R41. */
  z.strictObject({
    kind: z.literal('drop-content-types'),
    types: z.array(contentType).min(1),
    answer: z.union([z.literal(415), z.literal('silent')]),
  }),
  /** MESSAGEs with a body over `octets` are answered 413. In the gap a Welcome may fit or not, so no rule could judge. */
  z.strictObject({
    kind: z.literal('limit-size'),
    octets: z
      .int()
      .min(1_300)
      .max(65_536)
      .refine((octets) => octets <= 1_600 || octets >= 4_096, { message: 'at most 1600 or at least 4096' }),
  }),
]);
export type Middlebox = z.infer<typeof middleboxSchema>;
export const middleboxes = z.array(middleboxSchema).default([]);
