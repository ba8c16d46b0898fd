import type { RcsConfig } from '../../rcs/config/index.ts';

export interface Terminal {
  readonly msisdn: string;
  readonly imsi: string;
  readonly vendor: string;
  readonly model: string;
  readonly softwareVersion: string;
  readonly clientVersion: string;
  /** `UP_2.4`, `UP_3.0` ... */
  readonly rcsProfile: string;
}

/** Whose IP access the phone uses now: the operator's own, which tells the ACS who asks, or any other. */
export type Bearer = 'operator' | 'other';

/**
 * What makes a client ask (docs/rcs-signalling.md 1.2, flows C and D). `boot` stands for the first start too; `user` is
 * the owner who switches RCS on; `validity` comes when a document has run out or a wait is over.
 */
export type Trigger = 'boot' | 'user' | 'validity' | 'network' | 'registration-refused';

export type ProvisioningOutcome =
  /** `changed`: not what was in use before, so a registration made with that is out of date. */
  | { readonly kind: 'configured'; readonly config: RcsConfig; readonly changed: boolean }
  /** The ACS said no, for a time or for good: RCS is off and SMS remains. */
  | { readonly kind: 'disabled'; readonly why: string }
  /** Nothing is stored and nothing came. */
  | { readonly kind: 'unavailable'; readonly why: string };
