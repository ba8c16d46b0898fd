/** RFC 3261 sections 8.2, 17.2 and 18.2: requests in, responses out. */

import type { Clock, Random } from '../../platform.ts';
import type { TransportFlow } from './flow.ts';
import { header } from './headers.ts';
import { newTag } from './identifiers.ts';
import { type IncomingRequest, makeIncomingRequest } from './incoming-request.ts';
import type { SipRequest, SipResponse } from './message.ts';
import { SipParseError } from './parse-error.ts';
import { checkRequest } from './request-check.ts';
import { makeResponse } from './responses.ts';
import {
  InviteServerTransaction,
  NonInviteServerTransaction,
  type ServerTransaction,
  type SipTimers,
  serverKey,
} from './transaction.ts';
import { stampVia, topVia, type Via } from './via.ts';

export interface ServerTransactionsOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly timers: SipTimers;
  readonly most: number;
  readonly keepAliveSeconds: number | undefined;
  readonly onRequest: (incoming: IncomingRequest) => void;
  readonly onDeviation: (what: string, clause: string) => void;
  /** Sends by the flow itself, for requests whose Via doesn't tell the way. */
  readonly sendBack: (response: SipResponse, flow: TransportFlow) => void;
  /** Sends by the flow, or where the top Via leads when the flow is gone; `onFailure` when neither goes. Returns what does it again. */
  readonly send: (response: SipResponse, flow: TransportFlow, onFailure: () => void) => () => void;
}

interface Entry {
  readonly transaction: ServerTransaction;
  /** Of an INVITE, which can be cancelled. */
  readonly incoming?: IncomingRequest;
}

export class ServerTransactions {
  readonly #options: ServerTransactionsOptions;
  readonly #entries = new Map<string, Entry>();
  /** Stateless answers to one request must not differ in their tag (8.2.7). */
  readonly #statelessTag: string;

  constructor(options: ServerTransactionsOptions) {
    this.#options = options;
    this.#statelessTag = newTag(options.random);
  }

  /** `fault`: the request is what could be read of a malformed one, and is refused with the fault's status. */
  receive(request: SipRequest, flow: TransportFlow, fault?: SipParseError): void {
    const via = this.#readVia(request, flow);
    if (via === undefined) return;
    const stamped = stampVia(request, via, flow.remote, this.#options.keepAliveSeconds);
    const key = serverKey(stamped, via);
    const known = this.#entries.get(key);
    const problem = fault ?? this.#check(stamped);
    if (stamped.method === 'ACK') this.#receiveAck(stamped, flow, known, problem);
    else if (known !== undefined) known.transaction.receive(stamped);
    else if (this.#entries.size >= this.#options.most) this.#refuseWhenFull(stamped, flow);
    else this.#open(key, stamped, flow, via, problem);
  }

  close(): void {
    for (const { transaction } of this.#entries.values()) transaction.abandon();
    this.#entries.clear();
  }

  #open(
    key: string,
    request: SipRequest,
    flow: TransportFlow,
    via: Via,
    problem: SipParseError | undefined,
  ): void {
    const { random, onRequest } = this.#options;
    const localTag = newTag(random);
    const transaction = this.#makeTransaction(key, request, flow, localTag);
    const cancels = request.method === 'CANCEL' ? this.#cancelledBy(request, via) : undefined;
    const incoming = makeIncomingRequest({ request, flow, localTag, transaction, cancels });
    this.#entries.set(key, request.method === 'INVITE' ? { transaction, incoming } : { transaction });
    if (problem === undefined) onRequest(incoming);
    else incoming.respond(problem.status, refusalReason(problem));
  }

  #makeTransaction(
    key: string,
    request: SipRequest,
    flow: TransportFlow,
    localTag: string,
  ): ServerTransaction {
    const { clock, timers, send, onRequest, onDeviation } = this.#options;
    const transaction: ServerTransaction = new (
      request.method === 'INVITE' ? InviteServerTransaction : NonInviteServerTransaction
    )({
      clock,
      timers,
      request,
      reliable: flow.transport !== 'udp',
      send: (response) => send(response, flow, () => transaction.transportFailed()),
      onTerminated: () => this.#entries.delete(key),
      onNoAck: () => onDeviation('no ACK for a final response to INVITE', 'RFC 3261 17.2.1'),
      onAck: (ack) =>
        onRequest(
          makeIncomingRequest({ request: ack, flow, localTag, transaction: undefined, cancels: undefined }),
        ),
    });
    return transaction;
  }

  #receiveAck(
    ack: SipRequest,
    flow: TransportFlow,
    known: Entry | undefined,
    problem: SipParseError | undefined,
  ): void {
    if (known !== undefined) known.transaction.receive(ack);
    else if (problem === undefined) {
      const localTag = newTag(this.#options.random);
      this.#options.onRequest(
        makeIncomingRequest({ request: ack, flow, localTag, transaction: undefined, cancels: undefined }),
      );
    }
  }

  /** RFC 3261 9.2: the key of the cancelled transaction is that of the CANCEL but for the method. */
  #cancelledBy(cancel: SipRequest, via: Via): IncomingRequest | undefined {
    return this.#entries.get(serverKey({ ...cancel, method: 'INVITE' }, via))?.incoming;
  }

  #refuseWhenFull(request: SipRequest, flow: TransportFlow): void {
    const headers = [{ name: 'Retry-After', value: '10' }];
    const busy = makeResponse(request, 503, { headers, toTag: this.#statelessTag });
    this.#options.send(busy, flow, () => {});
  }

  /** The top Via; without a readable one the answer goes back where the request came from. */
  #readVia(request: SipRequest, flow: TransportFlow): Via | undefined {
    let problem: SipParseError;
    try {
      const via = topVia(request);
      if (via !== undefined) return via;
      const clause = 'RFC 3261 8.1.1.7';
      problem = new SipParseError({ offset: 0, field: 'Via', expected: 'at least one', clause });
    } catch (error) {
      if (!(error instanceof SipParseError)) throw error;
      problem = error;
    }
    this.#options.onDeviation(`${request.method}: ${problem.message}`, problem.clause);
    if (request.method !== 'ACK') {
      const refusal = { ...refusalReason(problem), toTag: this.#statelessTag };
      this.#options.sendBack(makeResponse(request, problem.status, refusal), flow);
    }
    return undefined;
  }

  #check(request: SipRequest): SipParseError | undefined {
    try {
      checkRequest(request);
      if (header(request, 'Max-Forwards') === undefined) {
        this.#options.onDeviation(`${request.method} without Max-Forwards`, 'RFC 3261 8.1.1.6');
      }
      return undefined;
    } catch (error) {
      if (!(error instanceof SipParseError)) throw error;
      this.#options.onDeviation(`${request.method}: ${error.message}`, error.clause);
      return error;
    }
  }
}

/** RFC 3261 21.4.1: the reason phrase names the fault. */
function refusalReason(problem: SipParseError): { reason?: string } {
  return problem.status === 400
    ? { reason: `Bad Request (${problem.field}: expected ${problem.expected})` }
    : {};
}
