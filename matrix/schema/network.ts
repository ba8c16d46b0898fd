import { z } from 'zod';
import { duration, name } from './common.ts';
import { middleboxes } from './middlebox.ts';

const link = z.strictObject({
  latency: duration,
  /** Added at random between 0 and this. */
  jitter: duration,
  /** Probability that a packet is lost, 0 to 0.5. */
  loss: z.number().min(0).max(0.5),
});

const access = link.extend({
  /** `other`: not the operator's own bearer (Wi-Fi), so that its ACS can't see whose phone asks. */
  bearer: z.enum(['operator', 'other']).default('operator'),
});

/** The access links of both phones, and the link between the two carriers. */
export const networkSchema = z.strictObject({
  name,
  access,
  /** `middleboxes` stand in the hub where a carrier has one, else in a transit proxy of the link. */
  interconnect: link.extend({ middleboxes }),
});
export type NetworkProfile = z.infer<typeof networkSchema>;
