/** What the page of a served carrier shows: no content of messages, no secrets. */
import type { Ladder } from '../html/cell-detail.ts';

export interface LiveRegistration {
  readonly carrier: string;
  readonly account: string;
  readonly msisdn: string;
  readonly transport: string;
  /** Address and port that the device registered from. */
  readonly remote: string;
  readonly instance: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

export interface LiveMessage {
  readonly carrier: string;
  /** Epoch milliseconds of its last change. */
  readonly at: number;
  readonly wireId: string;
  readonly sender: string;
  readonly recipient: string;
  readonly contentType: string;
  readonly octets: number;
  readonly state: 'accepted' | 'waiting' | 'delivered' | 'undeliverable' | 'as SMS';
}

export interface LiveState {
  readonly server: { readonly startedAt: number; readonly now: number };
  readonly carriers: readonly {
    readonly label: string;
    readonly name: string;
    readonly registered: number;
    readonly waiting: number;
  }[];
  /** The latest first, at most as many as a page can hold. */
  readonly registrations: readonly LiveRegistration[];
  readonly messages: readonly LiveMessage[];
  readonly ladder: Ladder & { readonly omitted: number };
}
