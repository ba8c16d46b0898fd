/** What stands behind the cookie of a first request, until its second one comes (docs/rcs-signalling.md 1.2). */
import { bytesToHex } from '@noble/hashes/utils.js';
import type { Clock, Random, Store } from '../../../stack/platform.ts';
import type { AcsQuery } from '../../../stack/rcs/config/acs-query.ts';
import type { CarrierConfig, Subscriber } from '../config.ts';
import { keyParts, storeKey } from '../state/keys.ts';
import { readRecord, writeRecord } from '../state/record.ts';
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

interface Open {
  readonly session: Session;
  readonly until: number;
}

/** A session as the store has it: its subscriber by number. */
interface StoredSession {
  readonly msisdn: string;
  readonly until: number;
  readonly otp?: { readonly query: AcsQuery; readonly password: OneTimePassword };
}

export class Sessions {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #store: Store;
  readonly #open = new Map<string, Open>();

  /** Takes up the sessions of an earlier life whose subscribers `config` still has. */
  constructor(
    clock: Clock,
    random: Random,
    store: Store,
    { subscribers }: Pick<CarrierConfig, 'subscribers'>,
  ) {
    this.#clock = clock;
    this.#random = random;
    this.#store = store;
    const left = store
      .keys('acs/session/')
      .map((key) => [keyParts(key)[2]!, readRecord<StoredSession>(store.get(key)!).data] as const)
      .sort(([, one], [, other]) => one.until - other.until);
    for (const [value, { msisdn, until, otp }] of left) {
      const subscriber = subscribers.find((one) => one.msisdn === msisdn);
      if (subscriber === undefined || until <= clock.now()) this.#drop(value);
      else {
        const session: Session =
          otp === undefined ? { kind: 'bearer', subscriber } : { kind: 'otp', subscriber, ...otp };
        this.#open.set(value, { session, until });
      }
    }
  }

  /** The Set-Cookie value; beyond the limit the oldest session ends. */
  begin(session: Session, lifeMs: number): string {
    const value = bytesToHex(this.#random.bytes(16));
    const open = { session, until: this.#clock.now() + lifeMs };
    this.#open.set(value, open);
    this.#save(value, open);
    if (this.#open.size > MAX_SESSIONS) this.#drop(this.#open.keys().next().value!);
    return `acs=${value}; Path=/; HttpOnly`;
  }

  /** Something in the session has changed: its password has a try less. */
  changed(field: string | undefined): void {
    const value = field === undefined ? undefined : cookieValue(field);
    const open = value === undefined ? undefined : this.#open.get(value);
    if (open !== undefined) this.#save(value!, open);
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
    this.#drop(value!);
    return undefined;
  }

  end(field: string | undefined): void {
    const value = field === undefined ? undefined : cookieValue(field);
    if (value !== undefined) this.#drop(value);
  }

  #save(value: string, { session, until }: Open): void {
    const { subscriber } = session;
    const stored: StoredSession = {
      msisdn: subscriber.msisdn,
      until,
      ...(session.kind === 'otp' && { otp: { query: session.query, password: session.password } }),
    };
    this.#store.set(storeKey('acs', 'session', value), writeRecord(stored));
  }

  #drop(value: string): void {
    this.#open.delete(value);
    this.#store.delete(storeKey('acs', 'session', value));
  }
}

function cookieValue(field: string): string | undefined {
  return /(?:^|;\s*)acs=([0-9a-f]{32})(?:;|$)/.exec(field)?.[1];
}
