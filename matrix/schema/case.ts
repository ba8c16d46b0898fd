import { z } from 'zod';
import { carrierSchema } from './carrier.ts';
import { name } from './common.ts';
import { deviceSchema } from './device.ts';
import { networkSchema } from './network.ts';
import { policySchema } from './policy.ts';
import { stepSchema } from './step.ts';

/** A case is plain data and all there is: everything is written out in full, nothing about a run is outside it. */
export const caseSchema = z.strictObject({
  /** Sorted `axis=value` pairs joined by commas: an address and a promise. */
  id: z.string().min(1).max(240),
  seed: z.string().min(1),
  axes: z.record(z.string(), z.string()),
  scenario: z.strictObject({ name, title: z.string() }),
  /** Each role's phone, the carrier (`A` is the sender's, `B` the recipient's) and the number it is given. */
  roles: z.record(
    name,
    z.strictObject({
      device: deviceSchema,
      carrier: z.enum(['A', 'B']),
      msisdn: z.string().regex(/^\+[1-9]\d{6,14}$/),
    }),
  ),
  carriers: z.strictObject({ A: carrierSchema, B: carrierSchema }),
  network: networkSchema,
  policy: policySchema,
  steps: z.array(stepSchema).min(1),
  /** A planted fault: the cell must fail by this rule with this side to blame. */
  canary: z.strictObject({ rule: z.string(), side: z.string() }).optional(),
});
export type Case = z.infer<typeof caseSchema>;
