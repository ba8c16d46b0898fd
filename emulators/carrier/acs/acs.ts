/**
 * The auto-configuration server: RCC.14 (docs/rcs-signalling.md 1.2). On the operator's own bearer a plain http request
 * that the network enriched with the subscriber's identity earns a cookie, and the https request with that cookie gets
 * the document. Anywhere else a number has to be proved by a one-time password or the token of an earlier document.
 */

// The router for apps that serve few requests each: every world makes its own.
import { Hono } from 'hono/quick';
import type { Clock, Endpoint, HttpHandler, Random, Store } from '../../../stack/platform.ts';
import { type AcsQuery, parseAcsQuery } from '../../../stack/rcs/config/acs-query.ts';
import { ConfigError } from '../../../stack/rcs/config/config-error.ts';
import { type ConfigToken, VERSION_OF } from '../../../stack/rcs/config/vers.ts';
import { writeConfigDocument, writeVersDocument } from '../../../stack/rcs/config/write-config.ts';
import type { CarrierConfig, Subscriber } from '../config.ts';
import type { CarrierEvent } from '../ports.ts';
import { BusyGate, retryAfter } from './busy-gate.ts';
import { legacyImOf, rcsConfigFor } from './document.ts';
import { type AcsMessages, OneTimePasswords } from './one-time-passwords.ts';
import { Sessions } from './sessions.ts';
import {
  type AcsAnswer,
  type BusyPeriod,
  DEFAULT_SMS_PORT,
  policyFor,
  TOKEN_LIFETIME_MS,
} from './settings.ts';
import { ConfigTokens } from './tokens.ts';

/** How long a phone has between the two requests of the operator's bearer. */
const BEARER_SESSION_MS = 10 * 60_000;
const MAX_SEARCH_LENGTH = 4_096;
/** Network Authentication Required (RFC 6585 section 6): prove the number otherwise. */
const PROVE_NUMBER = 511;

type Env = { Bindings: { remote: Endpoint; secure: boolean } };

export interface AcsOptions {
  readonly config: CarrierConfig;
  readonly clock: Clock;
  readonly random: Random;
  /** What is the same in every life of the carrier. */
  readonly lasting: Random;
  readonly store: Store;
  readonly messages: AcsMessages;
  /** The token with which a subscriber speaks to the KDS. */
  kdsToken(msisdn: string): string;
  observe(event: CarrierEvent): void;
}

/** What an operator changes while the server runs. */
export interface AcsChange {
  /** From now on; a new version of the document comes with it. */
  readonly answer?: AcsAnswer;
  readonly busy?: BusyPeriod | 'over';
}

export interface Acs {
  readonly http: HttpHandler;
  readonly https: HttpHandler;
  change(change: AcsChange): void;
  /** The carrier's configuration is another one: its answers follow it, but for passwords and tokens. */
  reload(): void;
  /** Sends every RCS subscriber `<IMSI>-rcscfg`: network-initiated reconfiguration. */
  tellPhones(): void;
}

export function createAcs(options: AcsOptions): Acs {
  const { config, clock, random, store, messages, observe } = options;
  let settings = config.acs;
  const sessions = new Sessions(clock, random.fork('cookies'), store, config);
  const busy = new BusyGate(settings.busy);
  const passwords = new OneTimePasswords(settings.otp, { clock, random: random.fork('otp'), messages });
  const tokens = new ConfigTokens(
    clock,
    store,
    random.fork('tokens'),
    settings.tokenLifetimeMs ?? TOKEN_LIFETIME_MS,
  );
  /** Where each phone said it listens for binary messages. */
  const smsPorts = new Map<string, number>();

  const app = new Hono<Env>();
  app.all('*', async (c, next) => {
    if (c.req.path !== '/') return c.body(null, 404);
    if (c.req.method !== 'GET') return c.body(null, 405, { Allow: 'GET' });
    const later = busy.refuse(clock.now());
    if (later !== undefined) return turnAway(later);
    return next();
  });
  app.get('/', (c) => {
    const { secure, remote } = c.env;
    if (!secure) return firstContact(remote);
    const { search } = new URL(c.req.url);
    if (search.length > MAX_SEARCH_LENGTH) return c.body(null, 414);
    const cookie = c.req.header('cookie');
    const session = sessions.find(cookie);
    if (session === 'too-large') return c.body(null, 431);
    const query = readQuery(search);
    if (query instanceof ConfigError) return c.text(query.message, 400);
    if (query.otp !== undefined) {
      if (session?.kind !== 'otp' || !passwords.matches(session.password, query.otp)) {
        sessions.changed(cookie);
        if (session?.kind === 'otp' && session.password.triesLeft <= 0) sessions.end(cookie);
        return refuse(remote, PROVE_NUMBER, 'one-time password');
      }
      sessions.end(cookie);
      return answer(session.subscriber, session.query, remote, tokens.issue(session.subscriber));
    }
    const identified = session?.kind === 'bearer' ? session.subscriber : undefined;
    if (!identified && query.msisdn === undefined) return refuse(remote, 403, 'no identity');
    if (query.vers === undefined) return c.text('vers: expected the stored version', 400);
    return identified ? answer(identified, query, remote) : offBearer(query, remote);
  });

  function firstContact(remote: Endpoint): Response {
    const subscriber = config.subscribers.find((s) => s.host === remote.host);
    if (subscriber === undefined || !subscriber.rcs) return refuse(remote, 403, 'not entitled');
    if (subscriber.bearer === 'other' || settings.headerEnrichment === false)
      return refuse(remote, PROVE_NUMBER, 'the bearer does not tell who asks');
    const cookie = sessions.begin({ kind: 'bearer', subscriber }, BEARER_SESSION_MS);
    return new Response(null, { status: 200, headers: { 'set-cookie': cookie } });
  }

  function offBearer(query: AcsQuery, remote: Endpoint): Response {
    const subscriber = config.subscribers.find((s) => s.msisdn === query.msisdn);
    if (subscriber === undefined || !subscriber.rcs) return refuse(remote, 403, 'no such number');
    if (query.smsPort !== undefined && query.smsPort > 0) smsPorts.set(subscriber.msisdn, query.smsPort);
    if (query.token) {
      if (!tokens.isValid(subscriber, query.token)) return refuse(remote, PROVE_NUMBER, 'token');
      return answer(subscriber, query, remote, tokens.issue(subscriber));
    }
    const password = passwords.send(subscriber, query.smsPort ?? 0);
    if ('waitMs' in password) return turnAway(retryAfter(clock.now(), password.waitMs));
    observe({ name: 'otp-sent', data: { msisdn: subscriber.msisdn, port: query.smsPort ?? 0 } });
    const cookie = sessions.begin({ kind: 'otp', subscriber, query, password }, passwords.lifetimeMs);
    return new Response(null, { status: 200, headers: { 'set-cookie': cookie } });
  }

  function turnAway(later: string): Response {
    observe({ name: 'configuration-busy', data: { retryAfter: later } });
    return new Response(null, { status: 503, headers: { 'retry-after': later } });
  }

  function refuse(remote: Endpoint, status: number, why: string): Response {
    observe({ name: 'configuration-refused', data: { host: remote.host, status, why } });
    return new Response(null, { status });
  }

  /** The document for who is known by now; `token` off the bearer alone. */
  function answer(subscriber: Subscriber, query: AcsQuery, remote: Endpoint, token?: ConfigToken): Response {
    const policy = policyFor(settings, query);
    // A carrier without chat has no RCS to configure: RCC.14 version 0 takes it away until the next trigger.
    const what = policy.answer === 'configure' && !config.services.chat ? 'wipe' : policy.answer;
    if (what === 'forbidden') return refuse(remote, 403, 'not entitled');
    const { msisdn } = subscriber;
    const version = what === 'configure' ? settings.version : VERSION_OF[what];
    const unchanged = what === 'configure' && query.vers === version;
    const profiles = query.rcsProfiles ?? [];
    observe({ name: 'configuration-served', data: { msisdn, version, unchanged, profiles } });
    const bytes =
      what === 'configure' && !unchanged
        ? writeConfigDocument(
            {
              ...rcsConfigFor(config, subscriber, instanceOf(msisdn, query.imei), options.kdsToken(msisdn)),
              version,
              smsPort: settings.smsPort ?? DEFAULT_SMS_PORT,
              ...(policy.documentShape === 'flat' && { im: legacyImOf(config) }),
              ...(token && { token: token.value }),
              ...(token?.validitySeconds !== undefined && { tokenValiditySeconds: token.validitySeconds }),
            },
            policy.documentShape,
          )
        : writeVersDocument(version, Math.floor(settings.validityMs / 1_000), token);
    return new Response(new Uint8Array(bytes), {
      headers: { 'content-type': 'text/vnd.wap.connectivity-xml' },
    });
  }

  /** The same phone gets the same `uuid_Value` each time, so that a new document replaces its old registration. */
  function instanceOf(msisdn: string, imei = ''): Uint8Array {
    return options.lasting.fork(`instance ${msisdn} ${imei}`).bytes(16);
  }

  const over =
    (secure: boolean): HttpHandler =>
    (request, remote) =>
      app.fetch(request, { remote, secure });
  return {
    http: over(false),
    https: over(true),
    change: (change) => {
      if (change.answer !== undefined)
        settings = { ...settings, answer: change.answer, version: settings.version + 1 };
      if (change.busy !== undefined) busy.set(change.busy === 'over' ? undefined : change.busy);
    },
    reload: () => {
      settings = config.acs;
      busy.set(settings.busy);
    },
    tellPhones: () => {
      for (const { msisdn, imsi, rcs } of config.subscribers) {
        if (!rcs) continue;
        const port = smsPorts.get(msisdn) ?? settings.smsPort ?? DEFAULT_SMS_PORT;
        messages.data(msisdn, port, new TextEncoder().encode(`${imsi}-rcscfg`));
      }
    },
  };
}

function readQuery(search: string): AcsQuery | ConfigError {
  try {
    return parseAcsQuery(search);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}
