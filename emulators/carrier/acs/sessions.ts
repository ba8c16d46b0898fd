/** What stands behind the cookie of a first request, until its second one comes (docs/rcs-signalling.md 1.2). */
import { bytesToHex } from '@noble/hashes/utils.js';
import type { Clock, Random } from '../../../stack/platform.ts';
import type { AcsQuery } from '../../../stack/rcs/config/acs-query.ts';
import type { Subscriber } from '../config.ts';
import type { OneTimePassword } from './one-time-passwords.ts';

export type Session =
  /** The bearer told who asks. */
  | { readonly kind: 'bearer'; readonly subscriber: Subscriber }
  /** A password is on its way to the number that the query named. */
  | {
      readonly kind: 'otp';
      readonly subscriber: Subscriber;
      readonly query: AcsQuery;
      readonly password: OneTimePassword;
    };

const MAX_SESSIONS = 10_000;
/** RFC 6265 section 6.1 asks user agents for 50 a domain; a phone gets one. */
const MAX_COOKIES = 16;
const MAX_COOKIE_LENGTH = 4_096;

export class Sessions {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #open = new Map<string, { readonly session: Session; readonly until: number }>();

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** The Set-Cookie value; beyond the limit the oldest session ends. */
  begin(session: Session, lifeMs: number): string {
    const value = bytesToHex(this.#random.bytes(16));
    this.#open.set(value, { session, until: this.#clock.now() + lifeMs });
    if (this.#open.size > MAX_SESSIONS) this.#open.delete(this.#open.keys().next().value!);
    return `acs=${value}; Path=/; HttpOnly`;
  }

  /** By a Cookie field. `too-large` beyond its limits. */
  find(field: string | undefined): Session | 'too-large' | undefined {
    if (field === undefined) return undefined;
    if (field.length > MAX_COOKIE_LENGTH || field.split(';', MAX_COOKIES + 1).length > MAX_COOKIES)
      return 'too-large';
    const value = cookieValue(field);
    const entry = value === undefined ? undefined : this.#open.get(value);
    if (entry === undefined) return undefined;
    if (entry.until > this.#clock.now()) return entry.session;
    this.#open.delete(value!);
    return undefined;
  }

  end(field: string | undefined): void {
    const value = field === undefined ? undefined : cookieValue(field);
    if (value !== undefined) this.#open.delete(value);
  }
}

function cookieValue(field: string): string | undefined {
  return /(?:^|;\s*)acs=([0-9a-f]{32})(?:;|$)/.exec(field)?.[1];
}
