/** RFC 6665 sections 8.2.1 and 8.2.3: Event and Subscription-State. */

import { Cursor } from './cursor.ts';
import { type Params, readParams, writeParams } from './params.ts';
import { SipParseError } from './parse-error.ts';

export interface EventType {
  /** Package and templates, as `presence` or `presence.winfo`; case counts. */
  readonly name: string;
  /** Tells subscriptions of one dialog apart. */
  readonly id?: string;
}

export type SubscriptionPhase = 'active' | 'pending' | 'terminated';

export interface SubscriptionState {
  readonly phase: SubscriptionPhase;
  /** Seconds that are left. */
  readonly expires?: number;
  /** Why it is terminated: `deactivated`, `probation`, `rejected`, `timeout`, `giveup`, `noresource`, `invariant`. */
  readonly reason?: string;
  /** Seconds before another attempt. */
  readonly retryAfter?: number;
}

const TOKEN = /[A-Za-z0-9\-.!%*_+`'~]+/y;

/** Throws SipParseError; 489 when there is no Event at all. */
export function parseEvent(value: string | undefined): EventType {
  if (value === undefined) throw fault('Event', 'the header', 'RFC 6665 8.2.1', 489);
  const { word, params } = readWord(value, 'Event', 'RFC 6665 8.2.1');
  const id = params.get('id');
  return { name: word, ...(id !== undefined && { id }) };
}

export function sameEvent(a: EventType, b: EventType): boolean {
  return a.name === b.name && a.id === b.id;
}

export function writeEvent({ name, id }: EventType): string {
  return name + writeParams(new Map(id === undefined ? [] : [['id', id]]));
}

/** Throws SipParseError. A state that this stack doesn't know counts as active (4.1.3). */
export function parseSubscriptionState(value: string | undefined): SubscriptionState {
  if (value === undefined) throw fault('Subscription-State', 'the header', 'RFC 6665 4.1.3');
  const { word, params } = readWord(value, 'Subscription-State', 'RFC 6665 8.2.3');
  const known = (['pending', 'terminated'] as const).find((phase) => phase === word.toLowerCase());
  const expires = seconds(params, 'expires');
  const retryAfter = seconds(params, 'retry-after');
  const reason = params.get('reason')?.toLowerCase();
  return {
    phase: known ?? 'active',
    ...(expires !== undefined && { expires }),
    ...(reason !== undefined && { reason }),
    ...(retryAfter !== undefined && { retryAfter }),
  };
}

export function writeSubscriptionState({ phase, expires, reason, retryAfter }: SubscriptionState): string {
  const params = new Map<string, string | undefined>();
  if (expires !== undefined) params.set('expires', String(expires));
  if (reason !== undefined) params.set('reason', reason);
  if (retryAfter !== undefined) params.set('retry-after', String(retryAfter));
  return phase + writeParams(params);
}

/** 4.1.3: seconds after which to subscribe again to what was terminated so; undefined: don't. */
export function resubscribeAfter({ reason, retryAfter }: SubscriptionState): number | undefined {
  switch (reason) {
    case 'deactivated':
    case 'timeout':
      return 0;
    case 'rejected':
    case 'noresource':
    case 'invariant':
      return undefined;
    default:
      // probation, giveup, and what nobody has heard of.
      return retryAfter ?? 0;
  }
}

function readWord(value: string, field: string, clause: string): { word: string; params: Params } {
  const cursor = new Cursor(value, field);
  cursor.skipLws();
  const word = cursor.match(TOKEN);
  if (word === undefined) throw cursor.error('a token', clause);
  const params = readParams(cursor, clause);
  cursor.expectEnd(clause);
  return { word, params };
}

function seconds(params: Params, name: string): number | undefined {
  const text = params.get(name);
  return text !== undefined && /^[0-9]{1,10}$/.test(text) ? Number(text) : undefined;
}

function fault(field: string, expected: string, clause: string, status?: number): SipParseError {
  return new SipParseError({ offset: 0, field, expected, clause, ...(status !== undefined && { status }) });
}
