/** RFC 3903 section 4: the publisher's side (an event publication agent): publish, refresh, change, remove. */

import { type Clock, NetworkError } from '../../platform.ts';
import { isSuccess, unsent } from './agent-core.ts';
import type { SipResult } from './client-transactions.ts';
import { grantedExpires, refreshAfterMs } from './expires.ts';
import { header } from './headers.ts';
import type { SipHeader } from './message.ts';
import { TimerSet } from './timers.ts';

export interface PublicationOptions {
  readonly clock: Clock;
  /** `presence`. */
  readonly event: string;
  readonly contentType: string;
  /** Seconds asked for. */
  readonly expires: number;
  /** Sends one PUBLISH with these headers besides From, To, Call-ID and CSeq. */
  send(headers: readonly SipHeader[], body: Uint8Array): Promise<SipResult>;
  /** A refresh came to nothing: what was published is no longer there, or soon won't be. */
  onLost?(result: SipResult): void;
}

/** 412s and 423s that are followed before giving up. */
const MOST_ATTEMPTS = 4;

export class Publication {
  readonly #options: PublicationOptions;
  readonly #timers: TimerSet;
  #body: Uint8Array | undefined;
  #tag: string | undefined;
  #expires: number;
  /** One request at a time: each needs the entity-tag that the one before it gave (4.1). */
  #queue: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: PublicationOptions) {
    this.#options = options;
    this.#timers = new TimerSet(options.clock);
    this.#expires = options.expires;
  }

  /** Whether something is published now. */
  get isPublished(): boolean {
    return this.#tag !== undefined;
  }

  /** Publishes a new state, the first or a changed one (4.2, 4.5). Resolves with the final response. */
  publish(body: Uint8Array): Promise<SipResult> {
    this.#body = body;
    return this.#inTurn(() => this.#publish(body));
  }

  /** Removes what was published (4.6). */
  remove(): Promise<SipResult | undefined> {
    this.#body = undefined;
    this.#timers.cancelAll();
    return this.#inTurn(async () => {
      if (this.#tag === undefined) return undefined;
      const result = await this.#send([{ name: 'Expires', value: '0' }, this.#ifMatch()], new Uint8Array(0));
      this.#tag = undefined;
      return result;
    });
  }

  /** Timers end; nothing is sent. */
  close(): void {
    this.#closed = true;
    this.#timers.cancelAll();
  }

  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(step);
    this.#queue = done.catch(() => undefined);
    return done;
  }

  async #publish(body: Uint8Array): Promise<SipResult> {
    let result = unsent(503);
    for (let attempt = 0; attempt < MOST_ATTEMPTS && !this.#closed; attempt += 1) {
      // 4.3: a refresh has no body; what it refreshes is named by the tag.
      const type = body.length === 0 ? [] : [{ name: 'Content-Type', value: this.#options.contentType }];
      const condition = this.#tag === undefined ? [] : [this.#ifMatch()];
      const lasts = { name: 'Expires', value: String(this.#expires) };
      result = await this.#send([lasts, ...condition, ...type], body);
      if (isSuccess(result.status)) return this.#adopt(result);
      const least = grantedExpires(result, 'Min-Expires');
      if (result.status === 412 && this.#tag !== undefined && this.#body !== undefined) {
        // 4.3: the server has forgotten it: from the beginning.
        this.#tag = undefined;
        body = this.#body;
      } else if (result.status === 423 && least !== undefined && least > this.#expires) this.#expires = least;
      else break;
    }
    this.#timers.cancelAll();
    this.#tag = undefined;
    return result;
  }

  #adopt(result: SipResult): SipResult {
    const tag = header(result, 'SIP-ETag');
    const seconds = grantedExpires(result) ?? this.#expires;
    this.#tag = tag;
    if (this.#closed || tag === undefined || seconds === 0 || this.#body === undefined) return result;
    this.#timers.start('refresh', refreshAfterMs(seconds), () => void this.#inTurn(() => this.#refresh()));
    return result;
  }

  async #refresh(): Promise<void> {
    if (this.#closed || this.#tag === undefined || this.#body === undefined) return;
    const result = await this.#publish(new Uint8Array(0));
    if (!isSuccess(result.status) && !this.#closed) this.#options.onLost?.(result);
  }

  #ifMatch(): SipHeader {
    return { name: 'SIP-If-Match', value: this.#tag ?? '' };
  }

  async #send(headers: readonly SipHeader[], body: Uint8Array): Promise<SipResult> {
    try {
      return await this.#options.send([{ name: 'Event', value: this.#options.event }, ...headers], body);
    } catch (error) {
      if (error instanceof NetworkError) return unsent(503);
      throw error;
    }
  }
}
