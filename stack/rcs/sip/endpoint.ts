/** RFC 3261 sections 8, 17 and 18: a SIP element's end on its host: requests out and in, with their transactions. */

import {
  type Clock,
  type Endpoint,
  type Network,
  NetworkError,
  type Random,
  type Timer,
  type TransportProtocol,
} from '../../platform.ts';
import {
  ClientTransactions,
  type RequestOptions,
  type SipResult,
  type SipTarget,
} from './client-transactions.ts';
import { type SipFlow, TransportFlow } from './flow.ts';
import { newTag } from './identifiers.ts';
import type { IncomingRequest } from './incoming-request.ts';
import { DEFAULT_LIMITS, type SipLimits } from './limits.ts';
import {
  type SipMessage,
  SipParseError,
  type SipRequest,
  type SipResponse,
  type SipStyle,
  writeSipMessage,
} from './message.ts';
import { checkResponse } from './request-check.ts';
import { ServerTransactions } from './server-transactions.ts';
import type { MalformedFrame } from './stream-framer.ts';
import { StunPings } from './stun-pings.ts';
import { DEFAULT_TIMERS, type SipTimers } from './timers.ts';
import { TransportLayer } from './transport-layer.ts';
import { responseAddress, topVia } from './via.ts';
import { isWebSocket } from './web-socket.ts';

export type { RequestOptions, SipResult, SipTarget } from './client-transactions.ts';
export type { SipFlow } from './flow.ts';
export { newBranch, newCallId, newTag } from './identifiers.ts';
export type { IncomingRequest, RespondOptions } from './incoming-request.ts';
export type { SipTimers } from './timers.ts';

export interface SipDeviation {
  /** What a peer did that its specification forbids. Holds no header values. */
  readonly what: string;
  readonly clause: string;
}

export interface SipEndpointOptions {
  readonly clock: Clock;
  /** For branches and tags. */
  readonly random: Random;
  readonly network: Network;
  readonly style?: SipStyle;
  readonly timers?: Partial<SipTimers>;
  readonly limits?: Partial<SipLimits>;
  /** Digests of the public keys of which every peer dialled over TLS must show one; see ConnectOptions. */
  readonly pins?: readonly string[];
  /** Whether requests over 1300 octets for UDP go by TCP (18.1.1); true by default. */
  readonly tcpFallback?: boolean;
  /** RFC 6223: how often, in seconds, a peer that asks with `keep` in its Via is told to show that it is there. */
  readonly keepAliveSeconds?: number;
  /** Well-formed requests, once each; also CANCEL, and the ACK of a 2xx. Without it all are answered 501. */
  readonly onRequest?: (incoming: IncomingRequest) => void;
  readonly onDeviation?: (deviation: SipDeviation) => void;
}

/** RFC 5626 4.4.1: milliseconds in which a pong must follow a ping. */
const PONG_WITHIN = 10_000;

interface Ping {
  readonly timer: Timer;
  readonly answered: Promise<boolean>;
  readonly settle: (alive: boolean) => void;
}

export class SipEndpoint {
  readonly #options: SipEndpointOptions;
  readonly #transport: TransportLayer;
  readonly #clients: ClientTransactions;
  readonly #servers: ServerTransactions;
  readonly #pings = new Map<SipFlow, Ping>();
  readonly #stunPings: StunPings;
  #closed = false;

  constructor(options: SipEndpointOptions) {
    this.#options = options;
    const { clock, random, network } = options;
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    const timers = { ...DEFAULT_TIMERS, ...options.timers };
    const onDeviation = (what: string, clause: string): void => options.onDeviation?.({ what, clause });
    this.#stunPings = new StunPings(clock, random.fork('stun'));
    let invalidHost: string | undefined;
    this.#transport = new TransportLayer({
      network,
      limits,
      ...(options.pins !== undefined && { pins: options.pins }),
      invalidHost: () => (invalidHost ??= `${newTag(random.fork('WebSocket client'))}.invalid`),
      onDeviation,
      onMessage: (message, flow) => this.#receive(message, flow),
      onMalformed: (frame, flow) => this.#receiveMalformed(frame, flow),
      onPong: (flow) => this.#endPing(flow, true),
      onStun: (bytes, flow) => this.#stunPings.receive(bytes, flow),
      onStreamClosed: (flow) => this.#streamClosed(flow),
    });
    this.#clients = new ClientTransactions({
      clock,
      random,
      timers,
      transport: this.#transport,
      encode: (message) => this.#encode(message),
      tcpFallback: options.tcpFallback ?? true,
    });
    this.#servers = new ServerTransactions({
      clock,
      random,
      timers,
      most: limits.serverTransactions,
      keepAliveSeconds: options.keepAliveSeconds,
      onRequest: options.onRequest ?? ((incoming) => incoming.respond(501)),
      onDeviation,
      sendBack: (response, flow) => flow.send(this.#encode(response)),
      send: (response, flow, onFailure) => this.#sendResponse(response, flow, onFailure),
    });
  }

  /** Throws NetworkError `port-in-use`, or `closed` after close(). */
  listen(transport: TransportProtocol, port: number): void {
    if (this.#closed) throw endpointClosed();
    this.#transport.listen(transport, port);
  }

  /**
   * Adds a Via on top (random branch, rport) and Max-Forwards 70 if absent, and runs the client transaction. Resolves
   * with the final response without that Via; a time-out is a local 408, a failed transport or close() a local 503
   * (8.1.3.1). Rejects only when the request can't be written (SipWriteError) or the endpoint is closed (NetworkError).
   */
  async request(request: SipRequest, target: SipTarget, options: RequestOptions = {}): Promise<SipResult> {
    if (this.#closed) throw endpointClosed();
    return this.#clients.request(request, target, options);
  }

  /** Gives up a request by the branch it was sent with: a local 408 now (9.1: an INVITE whose CANCEL brought nothing). */
  abandon(branch: string): void {
    this.#clients.abandon(branch);
  }

  /** Sends without a transaction: the ACK of a 2xx (13.2.2.4). Resolves to whether a transport took it. */
  async send(request: SipRequest, target: SipTarget): Promise<boolean> {
    if (this.#closed) throw endpointClosed();
    return this.#clients.send(request, target);
  }

  /**
   * CRLF keep-alive of a stream that this side opened (RFC 5626 4.4.1): resolves to true when the pong comes; after
   * 10 s without it closes the flow and resolves to false. Over UDP by STUN (4.4.2), with its time-out of 39.5 s. For
   * other flows `open` is the answer.
   */
  async ping(flow: SipFlow): Promise<boolean> {
    if (!(flow instanceof TransportFlow) || !flow.open) return flow.open;
    if (flow.transport === 'udp') return this.#stunPings.ping(flow);
    if (!flow.dialled) return true;
    const running = this.#pings.get(flow);
    if (running !== undefined) return running.answered;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = this.#options.clock.setTimer(PONG_WITHIN, () => {
      this.#endPing(flow, false);
      flow.close();
    });
    this.#pings.set(flow, { timer, answered: promise, settle: resolve });
    this.#transport.ping(flow);
    return promise;
  }

  /** The flow over UDP from an own port to an address, for a peer known from elsewhere; undefined when nothing listens there. */
  datagramFlow(port: number, remote: Endpoint): SipFlow | undefined {
    return this.#transport.datagramFlow(port, remote);
  }

  /** Cancels timers, closes streams, sockets and listeners; waiting requests resolve to a local 503. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#clients.close();
    this.#servers.close();
    for (const flow of [...this.#pings.keys()]) this.#endPing(flow, false);
    this.#stunPings.close();
    this.#transport.close();
  }

  #receive(message: SipMessage, flow: TransportFlow): void {
    if (this.#closed) return;
    if (message.kind === 'request') {
      this.#servers.receive(message, flow);
      return;
    }
    try {
      checkResponse(message);
    } catch (error) {
      if (!(error instanceof SipParseError)) throw error;
      this.#options.onDeviation?.({
        what: `response ${message.status}: ${error.message}`,
        clause: error.clause,
      });
      return;
    }
    this.#clients.receive(message, flow);
  }

  #receiveMalformed(frame: MalformedFrame, flow: TransportFlow): void {
    if (this.#closed) return;
    this.#options.onDeviation?.({ what: frame.error.message, clause: frame.error.clause });
    if (frame.request !== undefined) this.#servers.receive(frame.request, flow, frame.error);
  }

  /** RFC 3261 18.2.2. */
  #sendResponse(response: SipResponse, flow: TransportFlow, onFailure: () => void): () => void {
    const bytes = this.#encode(response);
    const via = topVia(response);
    if (via === undefined) {
      onFailure();
      return onFailure;
    }
    const back = responseAddress(via, flow.transport);
    const sendIt = (): void => this.#sendBytes(bytes, back, flow, onFailure);
    sendIt();
    return sendIt;
  }

  #sendBytes(bytes: Uint8Array, back: Endpoint, flow: TransportFlow, onFailure: () => void): void {
    if (flow.transport === 'udp') {
      const direct = back.host === flow.remote.host && back.port === flow.remote.port;
      (direct ? flow : this.#transport.udpFlowBeside(flow, back)).send(bytes);
    } else if (flow.open) flow.send(bytes);
    // RFC 7118 section 5: a WebSocket client has no other way back than the connection that it opened.
    else if (this.#closed || isWebSocket(flow.transport)) onFailure();
    else {
      this.#transport.flowTo(flow.transport, back).then(
        (other) => other.send(bytes),
        (error: unknown) => {
          if (!(error instanceof NetworkError)) throw error;
          onFailure();
        },
      );
    }
  }

  #streamClosed(flow: TransportFlow): void {
    this.#endPing(flow, false);
    this.#clients.streamClosed(flow);
  }

  #endPing(flow: SipFlow, alive: boolean): void {
    const ping = this.#pings.get(flow);
    ping?.timer.cancel();
    this.#pings.delete(flow);
    ping?.settle(alive);
  }

  #encode(message: SipMessage): Uint8Array {
    return writeSipMessage(message, this.#options.style);
  }
}

function endpointClosed(): NetworkError {
  return new NetworkError('closed', 'the SIP endpoint is closed');
}
