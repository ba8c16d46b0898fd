/** How registering ends, and how a registration does (docs/rcs-signalling.md 2.2, 2.4). */

/** The registration ended without the phone's doing. */
export interface RegistrationLoss {
  readonly why: string;
  /** `now`: the network asks for it. `later`: with back-off, not before `retryAfterMs`. `never`: the network forbids it. */
  readonly again: 'now' | 'later' | 'never';
  readonly retryAfterMs?: number;
  /** No P-CSCF shows a certificate that holds. */
  readonly untrusted?: boolean;
}

export type RegisterOutcome =
  | { readonly kind: 'registered'; readonly contactParams: ReadonlyMap<string, string | undefined> }
  | { readonly kind: 'refused'; readonly status: number; readonly reason: string }
  | Unreachable;

/** No P-CSCF could be reached, or all were in trouble. */
export interface Unreachable {
  readonly kind: 'unreachable';
  readonly reason: string;
  readonly retryAfterMs?: number;
  /** Its certificate doesn't hold: nothing was sent, and nothing is sent in clear instead. */
  readonly untrusted?: boolean;
}
