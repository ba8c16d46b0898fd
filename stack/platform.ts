/**
 * The ports. Everything that touches time, chance, the wire or the disk comes into stack/ and emulators/ through
 * these interfaces and nothing else, so that the same code runs on the simulated network (virtual time, seeded)
 * and on real sockets.
 */

export interface Timer {
  /** Idempotent; a cancelled timer never fires. */
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls `fire` once, `delayMs` (>= 0) from now, unless cancelled. */
  setTimer(delayMs: number, fire: () => void): Timer;
}

export interface Random {
  /** `length` fresh bytes. */
  bytes(length: number): Uint8Array;
  /**
   * An independent source for the consumer called `name`. The same name under the same parent gives the same
   * stream whatever other consumers draw, so adding a consumer never shifts the others.
   */
  fork(name: string): Random;
}

export type TransportProtocol = 'udp' | 'tcp' | 'tls';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** A connected, ordered, reliable byte stream (TCP, or TLS over it). */
export interface ByteStream {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly secure: boolean;
  /** Queues bytes; they arrive in order. Ignored after close. */
  write(bytes: Uint8Array): void;
  /** Orderly close; `onClose` of the peer follows after what was written. */
  close(): void;
  /** One handler each; set synchronously when the stream is handed over. Chunk borders carry no meaning. */
  onData: ((bytes: Uint8Array) => void) | undefined;
  /** Called once. `error` when the stream broke (reset, time-out, cut link). Not called after one's own close(). */
  onClose: ((error?: NetworkError) => void) | undefined;
}

export interface DatagramSocket {
  readonly local: Endpoint;
  send(to: Endpoint, bytes: Uint8Array): void;
  onMessage: ((from: Endpoint, bytes: Uint8Array) => void) | undefined;
  close(): void;
}

export interface Listener {
  readonly local: Endpoint;
  close(): void;
}

export interface ConnectOptions {
  readonly secure: boolean;
}

/** A web-standard HTTP handler; a Hono app's `fetch` is one. `remote` is the address of the client. */
export type HttpHandler = (request: Request, remote: Endpoint) => Promise<Response> | Response;

/** The network as one host sees it. */
export interface Network {
  /** The host's own name, unique on its network. */
  readonly host: string;
  /** Rejects with NetworkError. */
  connect(to: Endpoint, options: ConnectOptions): Promise<ByteStream>;
  listen(port: number, options: ConnectOptions, onStream: (stream: ByteStream) => void): Listener;
  /** Port 0 asks for a free one. */
  datagram(port: number): DatagramSocket;
  /** Rejects with NetworkError when the host is unknown, unreachable or doesn't answer. */
  fetch(request: Request): Promise<Response>;
  /** Answers HTTP for this host; `secure` is https. */
  serveHttp(options: ConnectOptions, handler: HttpHandler): Listener;
}

export type NetworkErrorCode =
  | 'unknown-host'
  | 'refused'
  | 'unreachable'
  | 'reset'
  | 'timeout'
  | 'port-in-use'
  | 'closed';

export class NetworkError extends Error {
  override readonly name = 'NetworkError';
  readonly code: NetworkErrorCode;
  constructor(code: NetworkErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Durable bytes by key; synchronous, so that state and its counters persist together. */
export interface Store {
  get(key: string): Uint8Array | undefined;
  set(key: string, value: Uint8Array): void;
  delete(key: string): void;
  /** Keys that begin with `prefix`, sorted. */
  keys(prefix: string): string[];
}

/** What one host has to work with. */
export interface Platform {
  readonly clock: Clock;
  readonly random: Random;
  readonly network: Network;
  readonly store: Store;
}
