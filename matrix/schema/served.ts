import { z } from 'zod';
import { name } from './common.ts';

/** A subscriber of a served carrier (`parley serve`); cells have their own. */
export const accountSchema = z.strictObject({
  name,
  /** E.164; the next number of the carrier's own range unless given. */
  msisdn: z
    .string()
    .regex(/^\+[1-9]\d{6,14}$/, 'an E.164 number such as +999900100001')
    .optional(),
  /** 15 digits; the carrier's MCC and MNC and a number of its own unless given. */
  imsi: z
    .string()
    .regex(/^\d{15}$/, '15 digits')
    .optional(),
  /** `parley-NAME` unless given, which is for loopback only. */
  password: z.string().min(1).max(128).optional(),
  /** Whether the subscription includes RCS. */
  rcs: z.boolean().default(true),
});
export type Account = z.infer<typeof accountSchema>;

/** What a carrier takes from its subscribers at most; emulators/carrier/config.ts has the defaults. */
export const limitsSchema = z.strictObject({
  /** Streams open at once at the P-CSCF. */
  connections: z.int().min(1).optional(),
  /** Phones on UDP known at once. */
  datagramPeers: z.int().min(1).optional(),
  /** Octets of the body of one SIP message. */
  bodySize: z.int().min(1).optional(),
  /** Requests a second of one phone's flow; more are answered 503 with Retry-After. */
  flowRate: z.number().min(1).optional(),
  /** Requests a second of all phones together. */
  requestRate: z.number().min(1).optional(),
  /** SIP server transactions alive at once. */
  transactions: z.int().min(1).optional(),
  /** Messages kept for phones and peers at once. */
  storedMessages: z.int().min(1).optional(),
  /** Messages accepted and on their way to phones that are there, at once; more are answered 503 with Retry-After. */
  messagesUnderWay: z.int().min(1).optional(),
  /** Octets that a peer may leave unread before its stream is closed. */
  unreadOctets: z.int().min(1).optional(),
});
