import { z } from 'zod';
import { name } from './common.ts';
import { conditionSchema as condition } from './condition.ts';
import { engineReference } from './engine.ts';

/** Names of what fills an axis; `all` stands for everything in the folder. */
const names = z.union([z.literal('all'), z.array(name).min(1)]);
/** `engines`: the MLS of the phones, instead of the one in their files. */
const phones = z.strictObject({ devices: names, engines: z.array(engineReference).min(1).optional() });
/** Combinations for which `if` holds and `then` does not are left out. */
const constraint = z.strictObject({
  if: condition,
  // biome-ignore lint/suspicious/noThenProperty: plain data, its value is never callable
  then: condition,
  because: z.string(),
});
/** `t-wise`: every feasible combination of values of any `strength` axes is in some cell. */
const strategy = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('full') }),
  z.strictObject({ kind: z.literal('t-wise'), strength: z.int().min(1).max(4) }),
  z.strictObject({ kind: z.literal('sample'), cells: z.int().min(1) }),
]);
export type Strategy = z.infer<typeof strategy>;

export const planSchema = z.strictObject({
  name,
  title: z.string(),
  scenarios: names,
  dimensions: z.strictObject({
    sender: phones,
    recipient: phones,
    carrierA: z.strictObject({ carriers: names }),
    carrierB: z.strictObject({ carriers: names }),
    network: names,
    policy: names,
    /** RFC 9420 cipher suite of both phones, instead of those in their files. */
    cipherSuite: z
      .array(z.union([z.literal(1), z.literal(2)]))
      .min(1)
      .optional(),
  }),
  constraints: z.array(constraint).default([]),
  strategy,
  /** Regions that the plan looks into more closely: each adds the cells its own strategy chooses there. */
  focus: z.array(z.strictObject({ match: condition, strategy, because: z.string() })).default([]),
  seed: z.union([z.string(), z.int()]).default('1'),
  /** Cells the plan leaves out on purpose; they are reported as skipped with the reason. */
  skip: z.array(z.strictObject({ match: condition, because: z.string() })).default([]),
  /** Canary files in matrix/canaries; each must fail with the right blame in every run. */
  canaries: names.default('all'),
});
export type Plan = z.infer<typeof planSchema>;

/** A cell with a planted fault. */
export const canarySchema = z.strictObject({
  name,
  because: z.string(),
  axes: z.record(z.string(), z.string()),
  plant: z.strictObject({ side: z.string(), quirk: z.string() }),
  expect: z.strictObject({ rule: z.string(), side: z.string() }),
});
export type Canary = z.infer<typeof canarySchema>;

export const expectationsSchema = z.strictObject({
  /** Judged for each message of a cell; the first rule whose `when` holds wins. */
  messages: z.array(
    z.strictObject({
      rule: name,
      clause: z.string(),
      when: condition,
      // biome-ignore lint/suspicious/noThenProperty: plain data, its value is never callable
      then: z.union([
        z.strictObject({ unsupported: z.string() }),
        z.strictObject({
          channel: z.enum(['rcs', 'sms', 'none']),
          badge: z.enum(['secure', 'plain', 'sms', 'none']),
          /** What the sender's bubble shows once all came to rest; any of them. */
          state: z.array(z.enum(['queued', 'sent', 'delivered', 'displayed', 'failed'])).min(1),
          received: z.boolean(),
          carrierSees: z.enum(['ciphertext', 'plaintext', 'nothing']),
          notify: z.array(z.enum(['sender', 'recipient'])).default([]),
          /** Audit entry that must be there at the sender. */
          audit: z.string().optional(),
          /** Whether the recipient's MLS leaf signs the receipts of an encrypted message; it does unless told otherwise. */
          receipts: z.enum(['signed', 'unsigned']).optional(),
        }),
      ]),
    }),
  ),
  /** Judged for each `expect: { device }`. */
  devices: z.array(
    z.strictObject({
      rule: name,
      clause: z.string(),
      when: condition,
      // biome-ignore lint/suspicious/noThenProperty: plain data, its value is never callable
      then: z.union([
        z.strictObject({ unsupported: z.string() }),
        z.strictObject({
          registration: z.enum(['registered', 'unregistered', 'sms-only', 'disabled']),
          /** What its view must give as the reason. */
          reason: z.enum(['certificate']).optional(),
          /** What it learns of its peer; absent where nothing follows from what is judged. */
          peerRcs: z.enum(['yes', 'no', 'unknown']).optional(),
          peerMls: z.boolean().optional(),
        }),
      ]),
    }),
  ),
});
export type Expectations = z.infer<typeof expectationsSchema>;

export const knownFailuresSchema = z.array(
  z.strictObject({
    match: condition,
    outcome: z.enum(['failed', 'unsupported', 'infra-error']),
    because: z.string(),
    link: z.string().optional(),
    /** ISO date; after it the entry itself is news. */
    until: z.iso.date(),
  }),
);
export type KnownFailures = z.infer<typeof knownFailuresSchema>;
