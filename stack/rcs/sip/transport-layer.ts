/**
 * RFC 3261 section 18: sockets and streams, framing, reuse of connections; RFC 5626 sections 3.5.1 and 5.4: pings;
 * RFC 7118: WebSocket, where each message is one of SIP.
 */

import {
  type ByteStream,
  type DatagramSocket,
  type Endpoint,
  type Listener,
  type Network,
  NetworkError,
  type TransportProtocol,
} from '../../platform.ts';
import { TransportFlow } from './flow.ts';
import type { SipLimits } from './limits.ts';
import type { SipMessage } from './message.ts';
import { SipParseError } from './parse-error.ts';
import { parseDatagram } from './parse-message.ts';
import { salvageRequest } from './salvage.ts';
import { type MalformedFrame, StreamFramer } from './stream-framer.ts';
import { isStun } from './stun.ts';
import { isInvalidHost, isWebSocket, listenOptions } from './web-socket.ts';

export interface TransportLayerOptions {
  readonly network: Network;
  readonly limits: SipLimits;
  /** Of the peers that this side dials over TLS; see ConnectOptions. */
  readonly pins?: readonly string[];
  /** A host name under `invalid` of this side's own, for the Via of a WebSocket client (RFC 7118 section 5). */
  readonly invalidHost: () => string;
  readonly onMessage: (message: SipMessage, flow: TransportFlow) => void;
  readonly onMalformed: (frame: MalformedFrame, flow: TransportFlow) => void;
  readonly onPong: (flow: TransportFlow) => void;
  readonly onStun: (bytes: Uint8Array, flow: TransportFlow) => void;
  /** A stream is gone; what was asked on it won't be answered on it. */
  readonly onStreamClosed: (flow: TransportFlow) => void;
  readonly onDeviation: (what: string, clause: string) => void;
}

const CRLF = new Uint8Array([13, 10]);
const CRLF_CRLF = new Uint8Array([13, 10, 13, 10]);

export class TransportLayer {
  readonly #options: TransportLayerOptions;
  readonly #listeners = new Map<string, Listener>();
  readonly #sockets = new Map<number, DatagramSocket>();
  readonly #udpFlows = new Map<string, TransportFlow>();
  readonly #streams = new Set<TransportFlow>();
  /** Streams this side may open requests on, by where they lead. */
  readonly #dialled = new Map<string, TransportFlow>();
  readonly #dialling = new Map<string, Promise<TransportFlow>>();
  #nextId = 1;
  #closed = false;

  constructor(options: TransportLayerOptions) {
    this.#options = options;
  }

  /** Throws NetworkError `port-in-use`. */
  listen(transport: TransportProtocol, port: number): void {
    const { network } = this.#options;
    if (transport === 'udp') {
      this.#addSocket(network.datagram(port));
      return;
    }
    const onStream = (stream: ByteStream): void => this.#accept(stream);
    this.#listeners.set(`${transport} ${port}`, network.listen(port, listenOptions(transport), onStream));
  }

  /** The flow to an address: the one there is, or a new one. Rejects with NetworkError. */
  async flowTo(transport: TransportProtocol, to: Endpoint): Promise<TransportFlow> {
    if (isInvalidHost(to.host)) {
      // RFC 6761 section 6.4: such a name leads nowhere; its owner is reached over the connection that it opened.
      throw new NetworkError('unreachable', `${to.host} can be reached over its own connection only`);
    }
    if (transport === 'udp') return this.#udpFlow(this.#defaultSocket(), to);
    const key = streamKey(transport, to);
    const known = this.#dialled.get(key);
    if (known !== undefined) return known;
    const inProgress = this.#dialling.get(key);
    if (inProgress !== undefined) return inProgress;
    const dial = this.#dial(transport, to, key).finally(() => this.#dialling.delete(key));
    this.#dialling.set(key, dial);
    return dial;
  }

  /**
   * What a Via names as sent-by: where this side listens on that transport, or else the flow's own end; for a
   * WebSocket client a host that does not exist, without a port.
   */
  sentBy(flow: TransportFlow): { readonly host: string; readonly port?: number } {
    if (flow.transport !== 'udp') {
      for (const [key, listener] of this.#listeners) {
        if (key.startsWith(`${flow.transport} `)) return listener.local;
      }
    }
    return flow.dialled && isWebSocket(flow.transport) ? { host: this.#options.invalidHost() } : flow.local;
  }

  /** The flow for a datagram to another address from the socket that another flow uses. */
  udpFlowBeside(flow: TransportFlow, to: Endpoint): TransportFlow {
    const socket = this.#sockets.get(flow.local.port);
    return socket === undefined ? flow : this.#udpFlow(socket, to);
  }

  datagramFlow(port: number, remote: Endpoint): TransportFlow | undefined {
    const socket = this.#sockets.get(port);
    return socket === undefined ? undefined : this.#udpFlow(socket, remote);
  }

  ping(flow: TransportFlow): void {
    flow.send(CRLF_CRLF);
  }

  /** Idempotent. Dials in progress end with NetworkError `closed`. */
  close(): void {
    this.#closed = true;
    for (const listener of this.#listeners.values()) listener.close();
    for (const flow of [...this.#streams, ...this.#udpFlows.values()]) flow.close();
    for (const socket of this.#sockets.values()) socket.close();
    this.#listeners.clear();
    this.#udpFlows.clear();
    this.#sockets.clear();
  }

  async #dial(transport: TransportProtocol, to: Endpoint, key: string): Promise<TransportFlow> {
    if (this.#streams.size >= this.#options.limits.streams) {
      throw new NetworkError('refused', `at most ${this.#options.limits.streams} streams`);
    }
    const { network, pins } = this.#options;
    const asked = listenOptions(transport);
    const stream = await network.connect(to, {
      ...asked,
      ...(asked.secure && pins !== undefined && { pins }),
    });
    if (this.#closed) {
      stream.close();
      throw new NetworkError('closed', 'the endpoint closed while dialling');
    }
    const flow = this.#adopt(stream, true);
    this.#dialled.set(key, flow);
    flow.onClose(() => this.#dialled.delete(key));
    return flow;
  }

  #accept(stream: ByteStream): void {
    if (this.#streams.size >= this.#options.limits.streams) stream.close();
    else this.#adopt(stream, false);
  }

  #adopt(stream: ByteStream, dialling: boolean): TransportFlow {
    const flow = TransportFlow.ofStream(this.#nextId++, stream, dialling);
    const framer = new StreamFramer({ limits: this.#options.limits, dialling });
    this.#streams.add(flow);
    flow.onClose(() => {
      this.#streams.delete(flow);
      this.#options.onStreamClosed(flow);
    });
    stream.onData =
      stream.webSocket === undefined
        ? (bytes) => this.#readStream(flow, framer, bytes)
        : (message) => this.#readWebSocket(flow, message);
    stream.onClose = () => flow.markClosed();
    return flow;
  }

  #readStream(flow: TransportFlow, framer: StreamFramer, bytes: Uint8Array): void {
    for (const frame of framer.push(bytes)) {
      if (!flow.open) return;
      if (frame === 'ping') flow.send(CRLF);
      else if (frame === 'pong') this.#options.onPong(flow);
      else if (frame.kind !== 'malformed') this.#options.onMessage(frame, flow);
      else {
        this.#options.onMalformed(frame, flow);
        if (frame.fatal) flow.close();
      }
    }
  }

  #readWebSocket(flow: TransportFlow, message: Uint8Array): void {
    if (!flow.open) return;
    if (isKeepAlive(message)) {
      if (flow.dialled) this.#options.onPong(flow);
      else if (message.length >= CRLF_CRLF.length) flow.send(CRLF);
      return;
    }
    this.#readWhole(flow, message);
  }

  #addSocket(socket: DatagramSocket): DatagramSocket {
    this.#sockets.set(socket.local.port, socket);
    socket.onMessage = (from, bytes) => this.#readDatagram(this.#udpFlow(socket, from), bytes);
    return socket;
  }

  #defaultSocket(): DatagramSocket {
    for (const socket of this.#sockets.values()) return socket;
    return this.#addSocket(this.#options.network.datagram(0));
  }

  #readDatagram(flow: TransportFlow, bytes: Uint8Array): void {
    // RFC 3261 7.5; clients keep NAT bindings alive with such datagrams.
    if (isStun(bytes)) this.#options.onStun(bytes, flow);
    else if (!isKeepAlive(bytes)) this.#readWhole(flow, bytes);
  }

  /** One message, from a datagram or a WebSocket message. */
  #readWhole(flow: TransportFlow, bytes: Uint8Array): void {
    const { limits, onMessage, onMalformed, onDeviation } = this.#options;
    let datagram: ReturnType<typeof parseDatagram>;
    try {
      datagram = parseDatagram(bytes, limits);
    } catch (error) {
      if (!(error instanceof SipParseError)) throw error;
      const request = salvageRequest(bytes);
      onMalformed(
        { kind: 'malformed', error, fatal: false, ...(request === undefined ? {} : { request }) },
        flow,
      );
      return;
    }
    if (datagram.surplus > 0) {
      onDeviation(`${datagram.surplus} octets after the end that Content-Length tells`, 'RFC 3261 18.3');
    }
    onMessage(datagram.message, flow);
  }

  #udpFlow(socket: DatagramSocket, remote: Endpoint): TransportFlow {
    const key = `${socket.local.port} ${remote.host} ${remote.port}`;
    const known = this.#udpFlows.get(key);
    if (known !== undefined) return known;
    const flow = TransportFlow.ofDatagrams(this.#nextId++, socket, remote);
    if (this.#udpFlows.size >= this.#options.limits.udpFlows) {
      const [oldest] = this.#udpFlows.keys();
      if (oldest !== undefined) this.#udpFlows.delete(oldest);
    }
    this.#udpFlows.set(key, flow);
    return flow;
  }
}

function isKeepAlive(bytes: Uint8Array): boolean {
  return bytes.every((octet) => octet === 13 || octet === 10 || octet === 0);
}

function streamKey(transport: TransportProtocol, to: Endpoint): string {
  return `${transport} ${to.host.toLowerCase()} ${to.port}`;
}
