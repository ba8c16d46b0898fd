import { z } from 'zod';
import { ACS_ANSWERS, busySchema } from './acs.ts';
import { duration, name } from './common.ts';

const role = name;
/** The scenario's name for a message. */
const messageName = z.string().regex(/^[a-z][a-z0-9-]*$/);

/**
 * The one scenario language: each step is an object with one key, its verb. People write it, generators make it,
 * failing runs save it, replay reads it.
 */
export const stepSchema = z.union([
  z.strictObject({ provision: z.strictObject({ who: role }) }),
  z.strictObject({ register: z.strictObject({ who: role }) }),
  /** By the phone, or by its network: it asks the phone to register anew, forbids it, or asks it to wait (RFC 3680). */
  z.strictObject({
    deregister: z.strictObject({
      who: role,
      by: z.enum(['phone', 'network']).default('phone'),
      event: z.enum(['deactivated', 'rejected', 'probation']).default('deactivated'),
    }),
  }),
  z.strictObject({ discover: z.strictObject({ who: role, whom: role }) }),
  z.strictObject({
    send: z.strictObject({
      message: messageName,
      from: role,
      to: role,
      /** `{marker}` is replaced by the message's planted marker. */
      text: z.string().max(4_000),
      requirement: z.enum(['must-encrypt', 'prefer-encrypted', 'any']).default('prefer-encrypted'),
    }),
  }),
  z.strictObject({ read: z.strictObject({ who: role, message: messageName }) }),
  z.strictObject({ 'go-offline': z.strictObject({ who: role }) }),
  z.strictObject({ 'go-online': z.strictObject({ who: role }) }),
  z.strictObject({ cut: z.strictObject({ link: z.enum(['interconnect']) }) }),
  z.strictObject({ heal: z.strictObject({ link: z.enum(['interconnect']) }) }),
  /** An operator changes what its ACS answers, and tells its phones to ask again (`<IMSI>-rcscfg`) if `tell` says so. */
  z.strictObject({
    acs: z.strictObject({
      carrier: z.enum(['A', 'B']),
      answer: z.enum(ACS_ANSWERS).optional(),
      busy: z.union([busySchema, z.literal('over')]).optional(),
      tell: z.boolean().default(false),
    }),
  }),
  z.strictObject({ quirk: z.strictObject({ side: z.string(), name: z.string(), on: z.boolean() }) }),
  z.strictObject({ advance: z.strictObject({ by: duration }) }),
  /** Judge now what the decision table says of a message, or of a phone after onboarding. */
  z.strictObject({
    expect: z.union([
      z.strictObject({ message: messageName, when: z.enum(['stored', 'final']) }),
      z.strictObject({ device: role }),
    ]),
  }),
]);
export type Step = z.infer<typeof stepSchema>;

export const scenarioSchema = z.strictObject({
  name,
  title: z.string(),
  /** Role -> dimension of the plan that fills it. */
  roles: z.record(role, z.enum(['sender', 'recipient'])),
  steps: z.array(stepSchema).min(1),
});
export type Scenario = z.infer<typeof scenarioSchema>;
