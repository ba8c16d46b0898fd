import { z } from 'zod';
import { acsSchema } from './acs.ts';
import { duration, name, TRANSPORTS } from './common.ts';
import { middleboxes } from './middlebox.ts';
import { accountSchema, limitsSchema } from './served.ts';

/** Named misbehaviours of a carrier. */
export const CARRIER_QUIRKS = ['forge-receipts', 'substitute-key-packages'] as const;

export const AUTHENTICATION = ['aka', 'digest-sha512-256', 'digest-sha256', 'digest-md5'] as const;
const authentication = z.enum(AUTHENTICATION);

/** Hosts of a carrier that phones reach over TLS. */
export const TLS_HOSTS = ['pcscf', 'acs', 'kds'] as const;

const tls = z
  .strictObject({
    /**
     * What `hosts` show (docs/rcs-signalling.md 2.5). `rotated` is valid, but its key is not the one that phones were
     * told to insist on.
     */
    certificate: z.enum(['valid', 'expired', 'not-yet-valid', 'wrong-name', 'unknown-issuer', 'rotated']),
    /** Phones are told the digest of the P-CSCF's key and take no other. */
    pinned: z.boolean().default(false),
    hosts: z.array(z.enum(TLS_HOSTS)).min(1).default(['pcscf']),
  })
  .default({ certificate: 'valid', pinned: false, hosts: ['pcscf'] });

/** One carrier: what its ACS, core, KDS and interconnect can and will do. */
export const carrierSchema = z
  .strictObject({
    name,
    universalProfile: z.enum(['2.4', '3.0']),
    /** Disabled: MLS feature tags are removed at REGISTER (UP 3.0) or merely never served (UP 2.4); there is no KDS. */
    e2ee: z.strictObject({ enabled: z.boolean() }),
    acs: acsSchema,
    signalling: z.strictObject({
      transports: z.array(z.enum(TRANSPORTS)).min(1),
      /** How a phone proves who it is; of several, all are offered, most preferred first. A phone with SIM can do all. */
      auth: z.union([authentication, z.array(authentication).min(1)]),
      /** 403, not a challenge, to a first REGISTER that does not name the private identity. */
      strictImpi: z.boolean().default(false),
      /** Asks for credentials with every request that begins something, not with REGISTER only. */
      challengeRequests: z.boolean().default(false),
      /** Tells phones the nonce of their next request. */
      nextNonce: z.boolean().default(false),
      /** Longest registration granted. */
      expires: duration,
    }),
    /**
     * `tls-only`: the configuration document allows media over TLS and HTTPS only. `http-only`: MSRP is forbidden, so
     * what is too large for pager mode is refused.
     */
    media: z.enum(['all', 'tls-only', 'http-only']),
    tls,
    services: z.strictObject({
      chat: z.boolean(),
      /** How long a message for an unregistered user is kept. */
      storeAndForward: duration,
      /** Largest pager-mode body, octets. */
      pagerMaxSize: z.int().min(200).max(65_536),
      /** Large message mode over MSRP; without it an INVITE for a large message is answered 488. */
      largeMode: z.boolean().default(false),
      /** Octets of a message beyond which it goes in large message mode. */
      switchoverSize: z.int().min(200).max(65_536).default(1_300),
      /** Largest message in large message mode, octets. */
      maxSize: z.int().min(200).max(1_048_576).default(65_536),
      /** Messages kept for one subscriber who is away; for more the sender is answered 480. */
      storedMessages: z.int().min(0).max(100_000).default(1_000),
      /** Octets kept for one subscriber who is away; answered alike, and 413 to a message larger than all of it. */
      storedOctets: z.int().min(0).max(1_073_741_824).default(10_485_760),
      /** Whether a sender who asked for it is told that a kept message ran out of time. */
      reportExpiry: z.boolean().default(true),
      /** Whether what was read on one device of a subscriber is shown as read on the others. */
      readStateSync: z.boolean().default(true),
    }),
    /**
     * How phones find out what others can do: by OPTIONS, by presence (PUBLISH and SUBSCRIBE; OPTIONS of own phones are
     * refused), or by OPTIONS with presence published beside it.
     */
    capabilityDiscovery: z.enum(['options', 'presence', 'both']).default('options'),
    interworking: z.strictObject({ sms: z.boolean() }),
    interconnect: z.strictObject({
      /** `hub`: a third party stands between this carrier and every other; one is enough for it to stand there. */
      via: z.enum(['direct', 'hub']).default('direct'),
      transport: z.enum(['tcp', 'tls']),
      /** At this carrier's own border, both ways. */
      middleboxes,
    }),
    quirks: z.array(z.enum(CARRIER_QUIRKS)).default([]),
    limits: limitsSchema.optional(),
    /** Of `parley serve`; two ready-made ones when absent. */
    accounts: z.array(accountSchema).min(1).optional(),
  })
  .refine((c) => !c.e2ee.enabled || c.universalProfile === '3.0', {
    message: 'e2ee needs universalProfile "3.0"',
    path: ['e2ee'],
  })
  .refine((c) => c.media !== 'http-only' || !c.services.largeMode, {
    message: 'media http-only forbids MSRP, and so large message mode',
    path: ['services', 'largeMode'],
  })
  .refine((c) => !seesTls(c) || c.signalling.transports.every((one) => one === 'tls' || one === 'wss'), {
    message: 'a certificate of the P-CSCF that matters needs signalling over tls and wss alone',
    path: ['tls'],
  });

/** Whether phones may meet another certificate of the P-CSCF than a valid one, or must compare it. */
function seesTls({ tls: { certificate, pinned, hosts } }: { tls: z.infer<typeof tls> }): boolean {
  return pinned || (certificate !== 'valid' && hosts.includes('pcscf'));
}

export type Carrier = z.infer<typeof carrierSchema>;
