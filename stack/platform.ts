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

/** SIP transports (RFC 3261 section 18, RFC 7118). */
export type TransportProtocol = 'udp' | 'tcp' | 'tls' | 'ws' | 'wss';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/**
 * A connected, ordered, reliable byte stream: TCP, or TLS over it. On a WebSocket over these it carries messages: each
 * `write` sends one, each `onData` hands over a whole one.
 */
export interface ByteStream {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly secure: boolean;
  /** Present on a WebSocket: the subprotocol agreed on. */
  readonly webSocket?: WebSocketProtocol;
  /** Queues bytes; they arrive in order. Ignored after close. */
  write(bytes: Uint8Array): void;
  /** Orderly close; `onClose` of the peer follows after what was written. */
  close(): void;
  /** One handler each; set synchronously when the stream is handed over. Chunk borders carry no meaning, but on a WebSocket. */
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

/** WebSocket subprotocols of SIP (RFC 7118) and MSRP (RFC 7977). */
export type WebSocketProtocol = 'sip' | 'msrp';

export interface ListenOptions {
  readonly secure: boolean;
  /** Takes WebSocket connections that ask for this subprotocol, and no others. */
  readonly webSocket?: WebSocketProtocol;
}

export interface ConnectOptions extends ListenOptions {
  /**
   * Base64 SHA-256 digests of SubjectPublicKeyInfo (RFC 7469 section 2.4): the certificate must match one, besides being
   * valid for `to.host`. Only with `secure`.
   */
  readonly pins?: readonly string[];
}

/** A web-standard HTTP handler; a Hono app's `fetch` is one. `remote` is the address of the client. */
export type HttpHandler = (request: Request, remote: Endpoint) => Promise<Response> | Response;

/** The network as one host sees it. */
export interface Network {
  /** The host's own name, unique on its network. */
  readonly host: string;
  /** Rejects with NetworkError; `certificate` when `secure` and the peer's certificate does not hold. */
  connect(to: Endpoint, options: ConnectOptions): Promise<ByteStream>;
  listen(port: number, options: ListenOptions, onStream: (stream: ByteStream) => void): Listener;
  /** Port 0 asks for a free one. */
  datagram(port: number): DatagramSocket;
  /** Rejects with NetworkError when the host is unknown, unreachable or doesn't answer. */
  fetch(request: Request): Promise<Response>;
  /** Answers HTTP for this host; `secure` is https. */
  serveHttp(options: Pick<ListenOptions, 'secure'>, handler: HttpHandler): Listener;
}

export type NetworkErrorCode =
  | 'unknown-host'
  | 'refused'
  | 'unreachable'
  | 'reset'
  | 'timeout'
  | 'port-in-use'
  | 'closed'
  /** Expired, not yet valid, for another name, of an unknown issuer, or not the pinned one: the message says which. */
  | 'certificate';

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

/** What a SIM answers to a challenge (3GPP TS 31.102 section 7.1.2). */
export type SimAnswer =
  /** RES of 4 to 16 octets, CK and IK of 16. */
  | {
      readonly kind: 'authenticated';
      readonly res: Uint8Array;
      readonly ck: Uint8Array;
      readonly ik: Uint8Array;
    }
  /** The network is genuine, its sequence number is not fresh: AUTS (14 octets) tells it the card's. */
  | { readonly kind: 'out-of-step'; readonly auts: Uint8Array }
  /** Whoever made the challenge doesn't know the card's key. */
  | { readonly kind: 'not-the-network' };

/** The card with the subscriber's key, which never leaves it. */
export interface Sim {
  /** Authentication and key agreement (TS 33.102 section 6.3.3): RAND and AUTN of 16 octets each. */
  authenticate(rand: Uint8Array, autn: Uint8Array): SimAnswer;
}

/** What one host has to work with. */
export interface Platform {
  readonly clock: Clock;
  readonly random: Random;
  readonly network: Network;
  readonly store: Store;
  /** Absent on hosts without a card. */
  readonly sim?: Sim;
}
