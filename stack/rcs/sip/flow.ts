/** RFC 5626 section 3.1: a flow, the pair of addresses (and the stream, if there is one) between two SIP elements. */

import type { ByteStream, DatagramSocket, Endpoint, TransportProtocol } from '../../platform.ts';

export interface SipFlow {
  /** Unique within its endpoint. */
  readonly id: number;
  readonly transport: TransportProtocol;
  readonly remote: Endpoint;
  readonly local: Endpoint;
  /** Whether something can still be sent on it. */
  readonly open: boolean;
  /** Called once, when the flow closes, whoever closed it; at once when it is closed already. */
  onClose(handler: () => void): void;
}

function transportOf({ secure, webSocket }: ByteStream): TransportProtocol {
  if (webSocket !== undefined) return secure ? 'wss' : 'ws';
  return secure ? 'tls' : 'tcp';
}

/** A flow as its transport layer handles it. */
export class TransportFlow implements SipFlow {
  readonly id: number;
  readonly transport: TransportProtocol;
  readonly remote: Endpoint;
  readonly local: Endpoint;
  /** A stream that this side opened: the side that sends pings (RFC 5626 3.5.1). */
  readonly dialled: boolean;
  readonly #write: (bytes: Uint8Array) => void;
  readonly #closeCarrier: () => void;
  readonly #handlers: (() => void)[] = [];
  #open = true;

  private constructor(
    id: number,
    transport: TransportProtocol,
    dialled: boolean,
    ends: { readonly local: Endpoint; readonly remote: Endpoint },
    write: (bytes: Uint8Array) => void,
    closeCarrier: () => void,
  ) {
    this.id = id;
    this.transport = transport;
    this.dialled = dialled;
    this.local = ends.local;
    this.remote = ends.remote;
    this.#write = write;
    this.#closeCarrier = closeCarrier;
  }

  static ofStream(id: number, stream: ByteStream, dialled: boolean): TransportFlow {
    const write = (bytes: Uint8Array): void => stream.write(bytes);
    return new TransportFlow(id, transportOf(stream), dialled, stream, write, () => stream.close());
  }

  /** The socket outlives its flows. */
  static ofDatagrams(id: number, socket: DatagramSocket, remote: Endpoint): TransportFlow {
    const write = (bytes: Uint8Array): void => socket.send(remote, bytes);
    return new TransportFlow(id, 'udp', false, { local: socket.local, remote }, write, () => {});
  }

  get open(): boolean {
    return this.#open;
  }

  onClose(handler: () => void): void {
    if (this.#open) this.#handlers.push(handler);
    else handler();
  }

  /** Ignored when closed. */
  send(bytes: Uint8Array): void {
    if (this.#open) this.#write(bytes);
  }

  close(): void {
    if (!this.#open) return;
    this.#closeCarrier();
    this.markClosed();
  }

  /** The other side, or the network, has closed it. */
  markClosed(): void {
    if (!this.#open) return;
    this.#open = false;
    for (const handler of this.#handlers.splice(0)) handler();
  }
}
