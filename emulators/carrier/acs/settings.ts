/** What an operator decides about its auto-configuration server, and what a phone is answered (RCC.14). */
import type { AcsQuery } from '../../../stack/rcs/config/acs-query.ts';
import type { DocumentShape } from '../../../stack/rcs/config/write-config.ts';

/**
 * - `configure`: the document
 * - `wipe`, `wipe-and-stop`, `disabled`, `dormant`: VERS 0, -1, -2, -3 (docs/rcs-signalling.md 1.5)
 * - `forbidden`: 403, not entitled
 */
export type AcsAnswer = 'configure' | 'wipe' | 'wipe-and-stop' | 'disabled' | 'dormant' | 'forbidden';

/** 503 with Retry-After. */
export interface BusyPeriod {
  /** How many requests meet it, from now on. */
  readonly requests: number | 'all';
  readonly retryAfterMs: number;
  /** RFC 9110 section 10.2.3: delay-seconds or an HTTP-date. */
  readonly form: 'seconds' | 'date';
}

/** What phones of a kind are told; texts are compared as they stand in the query, absent ones match any. */
export interface DevicePolicy {
  readonly vendor?: string;
  readonly model?: string;
  /** One of the `rcs_profile`s, such as `joyn_blackbird`. */
  readonly profile?: string;
  readonly answer?: AcsAnswer;
  readonly documentShape?: DocumentShape;
}

export interface AcsSettings {
  /** VERS/version of the document, above 0. */
  readonly version: number;
  readonly validityMs: number;
  /** `configure` when absent. */
  readonly answer?: AcsAnswer;
  /** `nested` when absent. */
  readonly documentShape?: DocumentShape;
  /** The first that fits a phone decides before `answer` and `documentShape` do. */
  readonly devicePolicies?: readonly DevicePolicy[];
  /** Whether the operator's own bearer tells who asks; true when absent. Without it every phone needs a password. */
  readonly headerEnrichment?: boolean;
  readonly busy?: BusyPeriod;
  /** One-time passwords, for phones that the bearer does not identify. */
  readonly otp?: Partial<OtpSettings>;
  /** How long a configuration token proves the number. 30 days when absent. */
  readonly tokenLifetimeMs?: number;
  /** POLICY/SMS_port: where binary messages go that no query asked for. */
  readonly smsPort?: number;
}

export interface OtpSettings {
  readonly digits: number;
  readonly lifetimeMs: number;
  /** Wrong passwords after which a session is over. */
  readonly tries: number;
  /** Messages to one number in an hour; then 503. */
  readonly messagesPerHour: number;
  /**
   * `as-asked`: binary to SMS_port, readable for SMS_port 0. `text`: always readable. `wrong-port`: a binary one misses
   * its port (hazard R74).
   */
  readonly delivery: 'as-asked' | 'text' | 'wrong-port';
}

export const OTP_DEFAULTS: OtpSettings = {
  digits: 6,
  lifetimeMs: 10 * 60_000,
  tries: 3,
  messagesPerHour: 10,
  delivery: 'as-asked',
};
export const TOKEN_LIFETIME_MS = 30 * 86_400_000;
/** From memory: the port that RCC.14 gives where neither query nor document names one. */
export const DEFAULT_SMS_PORT = 37_273;

/** What the settings come to for the phone that asks. */
export function policyFor(
  settings: AcsSettings,
  query: AcsQuery,
): { readonly answer: AcsAnswer; readonly documentShape: DocumentShape } {
  const policy = settings.devicePolicies?.find(
    ({ vendor, model, profile }) =>
      (vendor === undefined || vendor === query.terminalVendor) &&
      (model === undefined || model === query.terminalModel) &&
      (profile === undefined || query.rcsProfiles?.includes(profile) === true),
  );
  return {
    answer: policy?.answer ?? settings.answer ?? 'configure',
    documentShape: policy?.documentShape ?? settings.documentShape ?? 'nested',
  };
}
