/**
 * The identity in a leaf credential: `tel:` and E.164. RCC.16 carries it as the SAN of an X.509 leaf (section A.4.1);
 * this slice carries the same URI in a basic credential (RFC 9420 section 5.3).
 */
import type { Credential } from '../mls/index.ts';

export function credentialFor(msisdn: string): Credential {
  return { type: 1, identity: new TextEncoder().encode(`tel:${msisdn}`) };
}

/** The E.164 number that a credential speaks for; undefined when it names none. */
export function msisdnOf(credential: Credential): string | undefined {
  if (credential.type !== 1) return undefined;
  const match = /^tel:(\+[1-9]\d{6,14})$/.exec(new TextDecoder().decode(credential.identity));
  return match?.[1];
}
