import { z } from 'zod';
import { name, TRANSPORTS } from './common.ts';
import { engineReference, rcc16Parts } from './engine.ts';

export const UNIVERSAL_PROFILES = ['none', 'joyn', '2.4', '3.0'] as const;
export const CAPABILITIES = ['chat', 'file-transfer-http', 'geolocation-push'] as const;
/** Named misbehaviours of a phone. */
export const DEVICE_QUIRKS = ['silent-downgrade'] as const;

/** One phone: what it is, and what it declares that it can do. Every field changes what the emulator does. */
export const deviceSchema = z
  .strictObject({
    name,
    os: z.strictObject({ family: z.enum(['android', 'ios', 'other']), version: z.string() }),
    client: z.strictObject({ name, version: z.string() }),
    /** `none` is a phone with SMS only. */
    universalProfile: z.enum(UNIVERSAL_PROFILES),
    capabilities: z.array(z.enum(CAPABILITIES)).default([]),
    /** Absent: the phone doesn't do MLS. */
    mls: z
      .strictObject({
        /** The phone's MLS implementation. */
        engine: engineReference,
        /** Primitives of an engine that has none of its own. */
        provider: z.enum(['native', 'noble']).default('native'),
        /** RFC 9420 cipher suites it offers in KeyPackages, most preferred first. */
        cipherSuites: z.array(z.union([z.literal(1), z.literal(2)])).min(1),
        /** One-time KeyPackages it keeps at the KDS, besides the last-resort one. */
        keyPackages: z.int().min(1).max(100),
        /** Parts of RCC.16 that the phone does without; the expansion adds those that its engine can't do. */
        lacks: rcc16Parts.optional(),
      })
      .optional(),
    /** SIP transports it can use, most preferred first, and how it writes headers. Absent: no IMS. */
    signalling: z
      .strictObject({
        transports: z.array(z.enum(TRANSPORTS)).min(1),
        compactHeaders: z.boolean().default(false),
        foldedHeaders: z.boolean().default(false),
      })
      .optional(),
    receipts: z
      .strictObject({ delivered: z.boolean(), displayed: z.boolean() })
      .default({ delivered: true, displayed: true }),
    /** Shape of imdn.Message-ID: `Mx` and 22 characters, or an upper-case UUID. */
    messageIds: z.enum(['mx', 'uuid']).default('mx'),
    quirks: z.array(z.enum(DEVICE_QUIRKS)).default([]),
  })
  .refine((d) => (d.universalProfile === 'none') === (d.signalling === undefined), {
    message: 'signalling must be present exactly when universalProfile is not none',
    path: ['signalling'],
  })
  .refine((d) => d.mls === undefined || d.universalProfile === '3.0', {
    message: 'mls needs universalProfile "3.0"',
    path: ['mls'],
  });
export type Device = z.infer<typeof deviceSchema>;
