import { z } from 'zod';
import { duration } from './common.ts';

/**
 * What an ACS tells a phone: its document; VERS 0 (not now), -1 (not for this SIM), -2 (until the owner switches RCS on)
 * or -3 (dormant); or 403. docs/rcs-signalling.md 1.4 and 1.5.
 */
export const ACS_ANSWERS = [
  'configure',
  'wipe',
  'wipe-and-stop',
  'disabled',
  'dormant',
  'forbidden',
] as const;
const SHAPES = ['nested', 'flat'] as const;

/** 503 with Retry-After. */
export const busySchema = z.strictObject({
  /** How many requests meet it. */
  requests: z.union([z.int().min(1), z.literal('all')]),
  retryAfter: duration,
  /** Retry-After in seconds or as an HTTP-date. */
  form: z.enum(['seconds', 'date']).default('seconds'),
});

/** What phones of a kind are told; the first that fits decides. Emulated phones have the vendor EMUL. */
const devicePolicy = z
  .strictObject({
    /** terminal_vendor, at most 4 characters. */
    vendor: z.string().max(4).optional(),
    /** terminal_model: the first 10 characters of the device's name. */
    model: z.string().max(10).optional(),
    /** rcs_profile, such as `joyn_blackbird`. */
    profile: z.string().optional(),
    answer: z.enum(ACS_ANSWERS).optional(),
    documentShape: z.enum(SHAPES).optional(),
  })
  .refine((p) => p.answer !== undefined || p.documentShape !== undefined, {
    message: 'a policy decides answer, documentShape or both',
  });

/** The auto-configuration server (RCC.14). */
export const acsSchema = z.strictObject({
  version: z.int().min(1),
  validity: duration,
  answer: z.enum(ACS_ANSWERS).default('configure'),
  /** `nested`: ap2001 and ap2002, as in the Universal Profile. `flat`: one application, as in joyn. */
  documentShape: z.enum(SHAPES).default('nested'),
  devicePolicies: z.array(devicePolicy).default([]),
  /** Whether the operator's bearer tells the ACS who asks; without it every phone proves its number by SMS. */
  headerEnrichment: z.boolean().default(true),
  /** Absent: never. */
  busy: busySchema.optional(),
  /** One-time passwords. */
  otp: z
    .strictObject({
      digits: z.int().min(4).max(8).default(6),
      lifetime: duration.default('10m' as z.infer<typeof duration>),
      /** Wrong passwords after which a session is over. */
      tries: z.int().min(1).max(10).default(3),
      messagesPerHour: z.int().min(1).max(100).default(10),
      /** `text`: always readable. `wrong-port`: a binary message misses its port (hazard R74). */
      delivery: z.enum(['as-asked', 'text', 'wrong-port']).default('as-asked'),
    })
    .prefault({}),
  tokenLifetime: duration.default('30d' as z.infer<typeof duration>),
  /** POLICY/SMS_port: where `<IMSI>-rcscfg` goes when no query named a port. 37273 is from memory. */
  smsPort: z.int().min(1).max(65_535).default(37_273),
});
