/** Times in milliseconds. Every loop of provisioning is bounded by a number here (docs/rcs-signalling.md 1.2, 1.4). */

/** Tries that fail in any way that says nothing; the nth is followed by `RETRY_BASE_MS * (2n - 1)`. */
export const MAX_FAILURES = 5;
export const RETRY_BASE_MS = 10_000;
/** How long an unsuccessful run rests before the next. */
export const RUN_AGAIN_MS = 3_600_000;

/** Tokens and one-time passwords that the ACS refuses in one run: each costs an SMS (hazard R71). */
export const MAX_REFUSALS = 5;
export const MAX_PASSWORDS = 4;
export const PASSWORD_WAIT_MS = 100_000;
/** Numbers that the owner is asked for. */
export const MAX_NUMBERS = 5;

/** At first boot: 503s that are waited for, and how long in all; longer waits go on behind the owner's back. */
export const MAX_BUSY = 5;
export const MAX_BUSY_WAIT_MS = 300_000;
/** Of a 503 without Retry-After, and of one that asks for years. */
export const DEFAULT_RETRY_AFTER_MS = 60_000;
export const MAX_RETRY_AFTER_MS = 7 * 86_400_000;

/** No document makes a phone ask more often. */
export const MIN_VALIDITY_MS = 60_000;
/** What timers of every platform can count. */
export const LONGEST_TIMER_MS = 2_000_000_000;

/** Documents asked for because REGISTER met 403, between two registrations that succeed. */
export const MAX_REGISTRATION_REFUSALS = 2;

/** A configuration document is a few KiB. */
export const DOCUMENT_LIMIT = 256 * 1024;

/** RCC.14: binary one-time passwords go to a port of the client's choice; one stack takes it from here. */
export const PORTS = { first: 10_000, last: 40_000 } as const;
