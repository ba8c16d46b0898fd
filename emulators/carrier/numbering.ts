import { parseSipUri } from '../../stack/rcs/sip/uri.ts';
import type { CarrierConfig, PeerCarrier, Subscriber } from './config.ts';

/** Where a number is served. */
export type NumberRoute =
  | { readonly kind: 'local'; readonly subscriber: Subscriber }
  | { readonly kind: 'peer'; readonly peer: PeerCarrier }
  | { readonly kind: 'unknown' };

const INDEX = new WeakMap<readonly Subscriber[], ReadonlyMap<string, Subscriber>>();

/** The subscriber with a number; tables are indexed once, since they are never changed. */
export function subscriberOf(
  { subscribers }: Pick<CarrierConfig, 'subscribers'>,
  msisdn: string,
): Subscriber | undefined {
  let index = INDEX.get(subscribers);
  if (index === undefined) {
    index = new Map(subscribers.map((subscriber) => [subscriber.msisdn, subscriber]));
    INDEX.set(subscribers, index);
  }
  return index.get(msisdn);
}

/** The subscriber table first (numbers move between carriers), then the peers by prefix. */
export function routeNumber(
  config: Pick<CarrierConfig, 'subscribers' | 'peers'>,
  msisdn: string,
): NumberRoute {
  const subscriber = subscriberOf(config, msisdn);
  if (subscriber) return { kind: 'local', subscriber };
  const peer = config.peers.find((p) => msisdn.startsWith(p.numberPrefix));
  return peer ? { kind: 'peer', peer } : { kind: 'unknown' };
}

const E164 = /^\+[1-9]\d{6,14}$/;

/**
 * The number that a `tel:` URI or a `sip:+number@...` one stands for (RFC 3966; RFC 3261 section 19.1.6), visual
 * separators and parameters dropped; `undefined` when it is no global number.
 */
export function numberOfUri(uri: string): string | undefined {
  const text = /^tel:/i.test(uri) ? uri.slice(4) : userPart(uri);
  const number = text?.split(';')[0]?.replace(/[-.() ]/g, '');
  return number !== undefined && E164.test(number) ? number : undefined;
}

function userPart(uri: string): string | undefined {
  try {
    const parsed = parseSipUri(uri);
    return 'user' in parsed ? parsed.user : undefined;
  } catch {
    return undefined;
  }
}
