import { z } from 'zod';
import { name } from './common.ts';

/** Enterprise policy, JSON: the same file that the SDK loads. */
export const policySchema = z.strictObject({
  name,
  /** `required`: what can't be encrypted stays on the phone. `preferred`: encrypted where both ends can. */
  e2ee: z.enum(['required', 'preferred', 'forbidden']),
  /** Whether the client may send as SMS what was never encrypted and can't go by RCS. */
  smsFallback: z.enum(['allowed', 'forbidden']),
  readReceipts: z.boolean(),
});
export type Policy = z.infer<typeof policySchema>;
