/** RFC 4975 section 7: one stream with MSRP on it, and the transactions under way there. */

import type { ByteStream, Clock, NetworkError, Timer } from '../../platform.ts';
import type { MsrpFrame, MsrpRequest, MsrpResponse } from './frame.ts';
import type { MsrpLimits } from './limits.ts';
import { MsrpStreamParser } from './stream-parser.ts';
import { writeMsrpFrame } from './write-frame.ts';

/** Section 7.1.2: a response that hasn't come by then counts as 408, ms. */
export const RESPONSE_WITHIN = 30_000;
/** Requests whose failure may still be told, with `Failure-Report: partial`. */
const MAX_UNANSWERED = 1_024;

export interface MsrpReply {
  readonly status: number;
  readonly comment?: string;
  /** Nobody said so: no response in time, the connection went, or none was asked for. */
  readonly local?: true;
}

export interface MsrpConnectionOptions {
  readonly stream: ByteStream;
  readonly clock: Clock;
  readonly limits?: Partial<MsrpLimits>;
  onRequest(request: MsrpRequest, connection: MsrpConnection): void;
  /** Once, whoever ended it. */
  onClosed(connection: MsrpConnection, error?: NetworkError): void;
  onDeviation?(what: string, clause: string): void;
}

interface Transaction {
  readonly timer?: Timer;
  done(reply: MsrpReply): void;
}

export class MsrpConnection {
  readonly #options: MsrpConnectionOptions;
  readonly #parser: MsrpStreamParser;
  readonly #transactions = new Map<string, Transaction>();
  #open = true;

  constructor(options: MsrpConnectionOptions) {
    this.#options = options;
    this.#parser = new MsrpStreamParser(options.limits);
    options.stream.onData = (bytes) => this.#receive(bytes);
    options.stream.onClose = (error) => this.#closed(error);
  }

  get open(): boolean {
    return this.#open;
  }

  /** Sends a frame that gets no answer. Ignored when closed. */
  send(frame: MsrpFrame): void {
    if (this.#open) this.#options.stream.write(writeMsrpFrame(frame));
  }

  /** Sends a request; `done` is called once: with the response, or a local 408. */
  request(request: MsrpRequest, done: (reply: MsrpReply) => void): void {
    if (!this.#open) {
      done(NO_ANSWER);
      return;
    }
    const timer = this.#options.clock.setTimer(RESPONSE_WITHIN, () =>
      this.#finish(request.transactionId, NO_ANSWER),
    );
    this.#transactions.set(request.transactionId, { timer, done });
    this.send(request);
  }

  /** Sends a request whose success nobody tells; `failed` is called if a failure comes. */
  requestQuietly(request: MsrpRequest, failed: (reply: MsrpReply) => void): void {
    const quiet = [...this.#transactions].filter(([, { timer }]) => timer === undefined);
    if (quiet.length >= MAX_UNANSWERED) this.#transactions.delete(quiet[0]![0]);
    this.#transactions.set(request.transactionId, {
      done: (reply) => {
        if (reply.local !== true && reply.status !== 200) failed(reply);
      },
    });
    this.send(request);
  }

  close(): void {
    if (!this.#open) return;
    this.#options.stream.close();
    this.#closed(undefined);
  }

  #receive(bytes: Uint8Array): void {
    if (!this.#open) return;
    for (const frame of this.#parser.push(bytes)) {
      if (!this.#open) return;
      if (frame.kind === 'request') this.#options.onRequest(frame, this);
      else this.#answered(frame);
    }
    const { fault } = this.#parser;
    if (!fault || !this.#open) return;
    this.#options.onDeviation?.(fault.message, fault.clause);
    this.close();
  }

  #answered({ transactionId, status, comment }: MsrpResponse): void {
    if (!this.#transactions.has(transactionId)) {
      this.#options.onDeviation?.('a response to no request', 'RFC 4975 7.1.2');
      return;
    }
    this.#finish(transactionId, { status, ...(comment !== undefined && { comment }) });
  }

  #finish(transactionId: string, reply: MsrpReply): void {
    const transaction = this.#transactions.get(transactionId);
    this.#transactions.delete(transactionId);
    transaction?.timer?.cancel();
    transaction?.done(reply);
  }

  #closed(error: NetworkError | undefined): void {
    if (!this.#open) return;
    this.#open = false;
    for (const id of [...this.#transactions.keys()]) this.#finish(id, NO_ANSWER);
    this.#options.onClosed(this, error);
  }
}

const NO_ANSWER: MsrpReply = { status: 408, comment: 'no response', local: true };
