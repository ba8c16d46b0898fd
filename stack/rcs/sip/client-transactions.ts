/** RFC 3261 sections 8.1, 17.1 and 18.1: requests out, their responses in. */

import { type Clock, NetworkError, type Random, type Timer, type TransportProtocol } from '../../platform.ts';
import { parseCSeq } from './cseq.ts';
import { type SipFlow, TransportFlow } from './flow.ts';
import { addHeader, header, replaceTopValue } from './headers.ts';
import { newBranch } from './identifiers.ts';
import type { SipMessage, SipRequest, SipResponse } from './message.ts';
import { makeLocalResponse } from './responses.ts';
import {
  type ClientTransaction,
  clientKey,
  InviteClientTransaction,
  NonInviteClientTransaction,
  type SipTimers,
} from './transaction.ts';
import type { TransportLayer } from './transport-layer.ts';
import { topVia, writeVia } from './via.ts';

export interface SipTarget {
  readonly transport: TransportProtocol;
  readonly host: string;
  readonly port: number;
  /** When open: the only way that is taken, whatever the address says. */
  readonly flow?: SipFlow;
}

/**
 * A final response; `local` when this side made it because there was none, `failure` what the network said when a way
 * there could not be opened, `flow` the way it came otherwise.
 */
export type SipResult = SipResponse & {
  readonly local?: boolean;
  readonly failure?: NetworkError;
  readonly flow?: SipFlow;
  /** RFC 6223: how often the next hop wants a keep-alive, seconds; 0 when it leaves that open. Absent: it wants none. */
  readonly keepAliveSeconds?: number;
};

export interface RequestOptions {
  /** Sees every response with this side's Via taken off: provisional ones, the final one, further 2xx to an INVITE. */
  readonly onResponse?: (response: SipResponse, flow: SipFlow) => void;
  /** The branch to use: that of the INVITE when this is its CANCEL (9.1). Random when absent. */
  readonly branch?: string;
  /** RFC 6223: asks the next hop whether it wants keep-alives on this flow. */
  readonly keep?: boolean;
}

export interface ClientTransactionsOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly timers: SipTimers;
  readonly transport: TransportLayer;
  readonly encode: (message: SipMessage) => Uint8Array;
  readonly tcpFallback: boolean;
}

/** RFC 3261 18.1.1: the largest request, in octets, for UDP where the path's MTU isn't known. */
const LARGEST_DATAGRAM = 1300;

/** From the user's call until the final response. */
interface Outgoing {
  readonly request: SipRequest;
  readonly branch: string;
  readonly options: RequestOptions;
  readonly resolve: (result: SipResult) => void;
  readonly dialGuard?: Timer;
  /** For the flow that was given. */
  readonly written?: Written;
}

interface Written {
  /** With the Via for its flow. */
  readonly request: SipRequest;
  readonly bytes: Uint8Array;
}

interface Entry {
  readonly transaction: ClientTransaction;
  readonly flow: TransportFlow;
  readonly onResponse: (response: SipResponse, flow: TransportFlow) => void;
}

export class ClientTransactions {
  readonly #options: ClientTransactionsOptions;
  readonly #outgoing = new Set<Outgoing>();
  readonly #entries = new Map<string, Entry>();

  constructor(options: ClientTransactionsOptions) {
    this.#options = options;
  }

  /** Rejects only with SipWriteError. */
  async request(request: SipRequest, target: SipTarget, options: RequestOptions): Promise<SipResult> {
    const { clock, random, timers, encode } = this.#options;
    const prepared = withMaxForwards(request);
    const { promise, resolve, reject } = Promise.withResolvers<SipResult>();
    const branch = options.branch ?? newBranch(random);
    const { flow } = target;
    // A request that can't be written fails before anything of it exists.
    if (flow instanceof TransportFlow && flow.open) {
      const outgoing = {
        request: prepared,
        branch,
        options,
        resolve,
        written: this.#write(prepared, flow, branch, options.keep),
      };
      this.#outgoing.add(outgoing);
      queueMicrotask(() => this.#open(outgoing, flow));
      return promise;
    }
    encode(prepared);
    // Timer F or B begin with the transaction; a dial that nobody answers must end too.
    const dialGuard = clock.setTimer(64 * timers.t1, () =>
      this.#settle(outgoing, makeLocalResponse(prepared, 408)),
    );
    const outgoing: Outgoing = { request: prepared, branch, options, resolve, dialGuard };
    this.#outgoing.add(outgoing);
    this.#route(prepared, target, branch).then(
      (flow) => this.#open(outgoing, flow),
      (error: unknown) => {
        if (error instanceof NetworkError)
          this.#settle(outgoing, { ...makeLocalResponse(prepared, 503), failure: error });
        else reject(error);
      },
    );
    return promise;
  }

  /** Ends the request that was sent with this branch by a local 408; its transaction is destroyed. */
  abandon(branch: string): void {
    const outgoing = [...this.#outgoing].find((each) => each.branch === branch);
    if (outgoing === undefined) return;
    const key = clientKey(branch, outgoing.request.method);
    this.#entries.get(key)?.transaction.abandon();
    this.#entries.delete(key);
    this.#settle(outgoing, makeLocalResponse(outgoing.request, 408));
  }

  /** Sends without a transaction, as the ACK of a 2xx goes (13.2.2.4). Resolves to whether a transport took it. */
  async send(request: SipRequest, target: SipTarget): Promise<boolean> {
    const prepared = withMaxForwards(request);
    const branch = newBranch(this.#options.random);
    try {
      const flow = await this.#route(prepared, target, branch);
      flow.send(this.#write(prepared, flow, branch).bytes);
      return flow.open;
    } catch (error) {
      if (error instanceof NetworkError) return false;
      throw error;
    }
  }

  /** A response that belongs to no transaction is dropped (18.1.2). It must have passed checkResponse. */
  receive(response: SipResponse, flow: TransportFlow): void {
    const branch = topVia(response)?.params.get('branch') ?? '';
    const { method } = parseCSeq(header(response, 'CSeq') ?? '');
    this.#entries.get(clientKey(branch, method))?.onResponse(response, flow);
  }

  streamClosed(flow: TransportFlow): void {
    for (const entry of [...this.#entries.values()]) {
      if (entry.flow === flow) entry.transaction.transportFailed();
    }
  }

  /** Every request that waits gets a local 503. */
  close(): void {
    for (const { transaction } of this.#entries.values()) transaction.abandon();
    this.#entries.clear();
    for (const outgoing of this.#outgoing) this.#settle(outgoing, makeLocalResponse(outgoing.request, 503));
  }

  #open(outgoing: Outgoing, flow: TransportFlow): void {
    if (!this.#outgoing.has(outgoing)) return;
    outgoing.dialGuard?.cancel();
    const { request, branch, options } = outgoing;
    if (!flow.open) {
      this.#settle(outgoing, makeLocalResponse(request, 503));
      return;
    }
    const { clock, timers, encode } = this.#options;
    const key = clientKey(branch, request.method);
    const written = outgoing.written ?? this.#write(request, flow, branch, options.keep);
    let arrivedBy = flow;
    const Machine = request.method === 'INVITE' ? InviteClientTransaction : NonInviteClientTransaction;
    const transaction = new Machine({
      clock,
      timers,
      reliable: flow.transport !== 'udp',
      request: written.request,
      send: (message) => flow.send(message === written.request ? written.bytes : encode(message)),
      onResponse: (response) => {
        const own = replaceTopValue(response, 'Via');
        options.onResponse?.(own, arrivedBy);
        const keep = keepAliveOf(response);
        if (own.status >= 200)
          this.#settle(outgoing, {
            ...own,
            flow: arrivedBy,
            ...(keep !== undefined && { keepAliveSeconds: keep }),
          });
      },
      onTimeout: () => this.#settle(outgoing, makeLocalResponse(request, 408)),
      onTransportFailure: () => this.#settle(outgoing, makeLocalResponse(request, 503)),
      onTerminated: () => this.#entries.delete(key),
    });
    const onResponse = (response: SipResponse, by: TransportFlow): void => {
      arrivedBy = by;
      transaction.receive(response);
    };
    if (transaction.state !== 'terminated') this.#entries.set(key, { transaction, flow, onResponse });
  }

  #settle(outgoing: Outgoing, result: SipResult): void {
    if (!this.#outgoing.delete(outgoing)) return;
    outgoing.dialGuard?.cancel();
    outgoing.resolve(result);
  }

  /** RFC 3261 18.1.1. Rejects with NetworkError. */
  async #route(request: SipRequest, target: SipTarget, branch: string): Promise<TransportFlow> {
    const { transport, tcpFallback } = this.#options;
    if (target.flow instanceof TransportFlow && target.flow.open) return target.flow;
    const flow = await transport.flowTo(target.transport, target);
    if (target.transport !== 'udp' || !tcpFallback) return flow;
    if (this.#write(request, flow, branch).bytes.length <= LARGEST_DATAGRAM) return flow;
    try {
      return await transport.flowTo('tcp', target);
    } catch (error) {
      // The same section: a peer that refuses TCP gets the large datagram after all.
      if (error instanceof NetworkError && error.code === 'refused') return flow;
      throw error;
    }
  }

  /** Throws SipWriteError. */
  #write(request: SipRequest, flow: TransportFlow, branch: string, keep = false): Written {
    const withVia = this.#withVia(request, flow, branch, keep);
    return { request: withVia, bytes: this.#options.encode(withVia) };
  }

  #withVia(request: SipRequest, flow: TransportFlow, branch: string, keep: boolean): SipRequest {
    const { host, port } = this.#options.transport.sentBy(flow);
    const params = new Map<string, string | undefined>([
      ['branch', branch],
      ['rport', undefined],
    ]);
    if (keep) params.set('keep', undefined);
    return addHeader(
      request,
      'Via',
      writeVia({ transport: flow.transport.toUpperCase(), host, ...(port && { port }), params }),
      true,
    );
  }
}

/** RFC 3261 8.1.1.6. */
function withMaxForwards(request: SipRequest): SipRequest {
  return header(request, 'Max-Forwards') === undefined ? addHeader(request, 'Max-Forwards', '70') : request;
}

/** RFC 6223 4.1: `keep` with a value in the Via that this side wrote. */
function keepAliveOf(response: SipResponse): number | undefined {
  const keep = topVia(response)?.params.get('keep');
  return keep !== undefined && /^\d{1,6}$/.test(keep) ? Number(keep) : undefined;
}
