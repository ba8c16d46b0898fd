/** What the parts of a user agent share: its endpoint, its dialogs, and where its requests go. */

import { type Clock, NetworkError, type Random } from '../../platform.ts';
import type { RequestOptions, SipResult, SipTarget } from './client-transactions.ts';
import type { Dialog } from './dialog.ts';
import type { DialogTable } from './dialog-table.ts';
import type { SipEndpoint } from './endpoint.ts';
import { header } from './headers.ts';
import type { IncomingRequest } from './incoming-request.ts';
import type { SipHeader, SipMessage, SipRequest } from './message.ts';
import { SipParseError } from './parse-error.ts';
import { reasonPhrase } from './reason-phrases.ts';
import type { SipTimers } from './timers.ts';

/** The headers that answer a 401 or 407 (credentials); undefined to let it stand. */
export type Authorize = (request: SipRequest, challenged: SipResult) => readonly SipHeader[] | undefined;

export interface AgentCoreOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly timers: SipTimers;
  readonly endpoint: Pick<SipEndpoint, 'request' | 'send' | 'abandon'>;
  readonly dialogs: DialogTable;
  /** The Contact of requests and responses that make or refresh a dialog, feature tags included. */
  contact(): string;
  /** Where a request with this next hop is sent. Throws SipParseError. */
  targetOf(nextHop: string): SipTarget;
  readonly authorize?: Authorize;
  onDeviation(what: string, clause: string): void;
}

/** Takes a NOTIFY that matches no dialog yet; returns whether it did. */
export type NotifyTaker = (incoming: IncomingRequest) => boolean;

/** What has timers of its own besides those of a dialog's usages. */
export interface Running {
  abandon(): void;
}

export class AgentCore {
  readonly clock: Clock;
  readonly random: Random;
  readonly timers: SipTimers;
  readonly endpoint: AgentCoreOptions['endpoint'];
  readonly dialogs: DialogTable;
  readonly authorize: Authorize | undefined;
  readonly #options: AgentCoreOptions;
  readonly #cancels = new Map<IncomingRequest, () => void>();
  readonly #notifies = new Map<string, NotifyTaker>();
  readonly #running = new Set<Running>();

  constructor(options: AgentCoreOptions) {
    this.#options = options;
    this.clock = options.clock;
    this.random = options.random;
    this.timers = options.timers;
    this.endpoint = options.endpoint;
    this.dialogs = options.dialogs;
    this.authorize = options.authorize;
  }

  get contact(): SipHeader {
    return { name: 'Contact', value: this.#options.contact() };
  }

  targetOf(nextHop: string): SipTarget {
    return this.#options.targetOf(nextHop);
  }

  onDeviation(what: string, clause: string): void {
    this.#options.onDeviation(what, clause);
  }

  /**
   * Sends a request of a dialog; a challenge is answered once. Resolves to a local 503 when there is no way to the next
   * hop or the endpoint is closed. Rejects only for what can't be written.
   */
  async request(dialog: Dialog, request: SipRequest, options: RequestOptions = {}): Promise<SipResult> {
    try {
      const target = this.targetOf(dialog.nextHop);
      const result = await this.endpoint.request(request, target, options);
      if (result.status !== 401 && result.status !== 407) return result;
      const credentials = this.authorize?.(request, result);
      if (credentials === undefined) return result;
      return await this.endpoint.request(dialog.again(request, credentials), target, options);
    } catch (error) {
      if (error instanceof SipParseError || error instanceof NetworkError) return unsent(503);
      throw error;
    }
  }

  /** Sends an ACK; nobody learns whether it arrives. */
  acknowledge(dialog: Dialog, ack: SipRequest): void {
    const failed = (error: unknown): void => {
      if (!(error instanceof SipParseError || error instanceof NetworkError)) throw error;
      this.onDeviation('no way to the next hop of an ACK', 'RFC 3261 13.2.2.4');
    };
    try {
      this.endpoint.send(ack, this.targetOf(dialog.nextHop)).catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  /** Remembers what close() must end. */
  began(running: Running): void {
    this.#running.add(running);
  }

  ended(running: Running): void {
    this.#running.delete(running);
  }

  /** Ends everything; nothing is sent. */
  close(): void {
    for (const running of [...this.#running]) running.abandon();
    this.#running.clear();
    this.dialogs.close();
  }

  /** Calls `handler` for a CANCEL of this request; undefined when it can't be cancelled any more. */
  onCancel(incoming: IncomingRequest, handler: (() => void) | undefined): void {
    if (handler === undefined) this.#cancels.delete(incoming);
    else this.#cancels.set(incoming, handler);
  }

  /** 9.2: 200 as soon as there is a transaction to cancel, whether or not it still can be. */
  cancel(incoming: IncomingRequest): void {
    const { cancels } = incoming;
    incoming.respond(cancels === undefined ? 481 : 200);
    if (cancels !== undefined) this.#cancels.get(cancels)?.();
  }

  /** RFC 6665 4.1.2.4: NOTIFYs that precede the response to SUBSCRIBE, by Call-ID and this side's tag. */
  expectNotify(callId: string, localTag: string, take: NotifyTaker | undefined): void {
    const key = JSON.stringify([callId, localTag]);
    if (take === undefined) this.#notifies.delete(key);
    else this.#notifies.set(key, take);
  }

  earlyNotify(callId: string, localTag: string, incoming: IncomingRequest): boolean {
    return this.#notifies.get(JSON.stringify([callId, localTag]))?.(incoming) ?? false;
  }
}

/** A final response for a request that never left. */
export function unsent(status: number, reason = reasonPhrase(status)): SipResult {
  return { kind: 'response', status, reason, headers: [], body: new Uint8Array(0), local: true };
}

export function cseqNumber(message: SipMessage): number {
  return Number.parseInt(header(message, 'CSeq') ?? '0', 10);
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}
