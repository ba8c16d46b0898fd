/**
 * The policy layer: one pure function decides how a message may leave the phone. It is the only place where
 * protection is given up, and it never gives it up silently.
 */

/** The enterprise's policy, as its JSON file says it. */
export interface Policy {
  readonly name: string;
  readonly e2ee: 'required' | 'preferred' | 'forbidden';
  readonly smsFallback: 'allowed' | 'forbidden';
  readonly readReceipts: boolean;
}

export type Requirement = 'must-encrypt' | 'prefer-encrypted' | 'any';

export interface SendSituation {
  readonly policy: Policy;
  readonly requirement: Requirement;
  /** `off`: the carrier gave no RCS configuration, or shows a certificate that the phone doesn't trust. */
  readonly ownRcs: 'registered' | 'unregistered' | 'off';
  /** KeyPackages uploaded and the MLS feature tags granted by the carrier. */
  readonly ownMls: boolean;
  readonly peerRcs: 'yes' | 'no' | 'unknown';
  readonly peerMls: boolean;
  /** The conversation was end-to-end encrypted at some time. */
  readonly latched: boolean;
}

export type QueueReason =
  | 'recipient-cannot-encrypt'
  | 'own-encryption-not-available'
  | 'encryption-forbidden-by-policy'
  | 'sms-forbidden-by-policy'
  | 'not-registered'
  | 'capabilities-unknown';

export type SendDecision =
  | { readonly kind: 'encrypt' | 'plain' | 'sms' }
  /** Stays on the phone. `retry`: for a reason that may pass, so the phone tries again by itself. */
  | { readonly kind: 'queue'; readonly reason: QueueReason; readonly retry: boolean };

export function decideSend(situation: SendSituation): SendDecision {
  const { policy, ownRcs, ownMls, peerRcs, peerMls, latched } = situation;
  const mustEncrypt = policy.e2ee === 'required' || situation.requirement === 'must-encrypt';
  if (mustEncrypt && policy.e2ee === 'forbidden') return hold('encryption-forbidden-by-policy');
  if (ownRcs === 'unregistered') return wait('not-registered');
  // An encrypted thread stays encrypted (docs/rcs-signalling.md 7.4): refuse, never plaintext.
  if (latched) return ownMls ? { kind: 'encrypt' } : hold('own-encryption-not-available');
  if (ownRcs === 'registered' && peerRcs === 'unknown') return wait('capabilities-unknown');
  if (ownRcs === 'registered' && ownMls && peerMls && policy.e2ee !== 'forbidden') return { kind: 'encrypt' };
  if (mustEncrypt) return hold(ownMls ? 'recipient-cannot-encrypt' : 'own-encryption-not-available');
  if (ownRcs === 'registered' && peerRcs === 'yes') return { kind: 'plain' };
  return policy.smsFallback === 'allowed' ? { kind: 'sms' } : hold('sms-forbidden-by-policy');
}

function hold(reason: QueueReason): SendDecision {
  return { kind: 'queue', reason, retry: false };
}

function wait(reason: QueueReason): SendDecision {
  return { kind: 'queue', reason, retry: true };
}
