/**
 * The auto-configuration server: RCC.14 on the operator's own bearer (docs/rcs-signalling.md 1.2). A plain
 * http request that the network enriched with the subscriber's identity earns a cookie; the https request with that
 * cookie gets the document.
 */

import { bytesToHex } from '@noble/hashes/utils.js';
// The router for apps that serve few requests each: every world makes its own.
import { Hono } from 'hono/quick';
import type { Clock, Endpoint, HttpHandler, Random } from '../../../stack/platform.ts';
import { type AcsQuery, parseAcsQuery } from '../../../stack/rcs/config/acs-query.ts';
import { ConfigError } from '../../../stack/rcs/config/config-error.ts';
import { writeConfigDocument, writeVersDocument } from '../../../stack/rcs/config/write-config.ts';
import type { CarrierConfig, Subscriber } from '../config.ts';
import type { CarrierEvent } from '../ports.ts';
import { rcsConfigFor } from './document.ts';

/** How long a phone has between its two requests. */
const COOKIE_LIFE_MS = 10 * 60_000;
const MAX_COOKIES = 10_000;

type Env = { Bindings: { remote: Endpoint; secure: boolean } };

export interface AcsOptions {
  readonly config: CarrierConfig;
  readonly clock: Clock;
  readonly random: Random;
  /** The token with which a subscriber speaks to the KDS. */
  kdsToken(msisdn: string): string;
  observe(event: CarrierEvent): void;
}

export interface Acs {
  readonly http: HttpHandler;
  readonly https: HttpHandler;
}

export function createAcs(options: AcsOptions): Acs {
  const { config, clock, observe } = options;
  const cookies = new Map<string, { readonly subscriber: Subscriber; readonly until: number }>();
  const cookieRandom = options.random.fork('cookies');

  function cookieFor(subscriber: Subscriber): string {
    const value = bytesToHex(cookieRandom.bytes(16));
    cookies.set(value, { subscriber, until: clock.now() + COOKIE_LIFE_MS });
    if (cookies.size > MAX_COOKIES) cookies.delete(cookies.keys().next().value!);
    return `acs=${value}; Path=/; HttpOnly`;
  }

  function subscriberOf(cookieField: string | undefined): Subscriber | undefined {
    const value = /(?:^|;\s*)acs=([0-9a-f]+)/.exec(cookieField ?? '')?.[1];
    const entry = value === undefined ? undefined : cookies.get(value);
    return entry !== undefined && entry.until > clock.now() ? entry.subscriber : undefined;
  }

  const app = new Hono<Env>();
  app.all('*', async (c, next) => {
    if (c.req.path !== '/') return c.body(null, 404);
    if (c.req.method !== 'GET') return c.body(null, 405, { Allow: 'GET' });
    return next();
  });
  app.get('/', (c) => {
    const { secure, remote } = c.env;
    const onBearer = config.subscribers.find((s) => s.host === remote.host);
    const subscriber = secure ? subscriberOf(c.req.header('cookie')) : onBearer;
    if (subscriber === undefined || !subscriber.rcs) {
      observe({ name: 'configuration-refused', data: { host: remote.host } });
      return c.body(null, 403);
    }
    if (!secure) return c.body(null, 200, { 'Set-Cookie': cookieFor(subscriber) });
    const query = readQuery(new URL(c.req.url).search.slice(1));
    if (query instanceof ConfigError) return c.text(query.message, 400);
    if (query.vers === undefined) return c.text('vers: expected the stored version', 400);
    return new Response(document(subscriber, query), {
      headers: { 'content-type': 'text/vnd.wap.connectivity-xml' },
    });
  });

  function document(subscriber: Subscriber, query: AcsQuery): Uint8Array<ArrayBuffer> {
    const { version, validityMs } = config.acs;
    const unchanged = query.vers === version;
    const { msisdn } = subscriber;
    observe({
      name: 'configuration-served',
      data: { msisdn, version, unchanged, profiles: query.rcsProfiles ?? [] },
    });
    // RCC.14: version 0 takes RCS away until the next trigger.
    if (!config.services.chat) return new Uint8Array(writeVersDocument(0, Math.floor(validityMs / 1_000)));
    const bytes = unchanged
      ? writeVersDocument(version, Math.floor(validityMs / 1_000))
      : writeConfigDocument(
          rcsConfigFor(config, subscriber, instanceOf(msisdn, query.imei), options.kdsToken(msisdn)),
        );
    return new Uint8Array(bytes);
  }

  /** The same phone gets the same `uuid_Value` each time, so that a new document replaces its old registration. */
  function instanceOf(msisdn: string, imei = ''): Uint8Array {
    return options.random.fork(`instance ${msisdn} ${imei}`).bytes(16);
  }

  const over =
    (secure: boolean): HttpHandler =>
    (request, remote) =>
      app.fetch(request, { remote, secure });
  return { http: over(false), https: over(true) };
}

function readQuery(text: string): AcsQuery | ConfigError {
  try {
    return parseAcsQuery(text);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}
