/** RFC 4975 section 5.4: an MSRP element's end on its host: connections in and out, and which session each is for. */

import type {
  ByteStream,
  Clock,
  ConnectOptions,
  Endpoint,
  Listener,
  ListenOptions,
  Network,
  NetworkError,
  Random,
  Timer,
} from '../../platform.ts';
import { MsrpConnection } from './connection.ts';
import type { MsrpRequest } from './frame.ts';
import type { MsrpLimits } from './limits.ts';
import { isAnswered, responseTo } from './responses.ts';
import { MsrpSession, type MsrpSessionOptions } from './session.ts';
import { newSessionId } from './transaction-id.ts';
import { sameMsrpUri, writeMsrpUri } from './uri.ts';

/** A stranger that names no session by then is shown out, ms. */
const BIND_WITHIN = 30_000;
const MAX_CONNECTIONS = 4_096;

export interface MsrpEndpointOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly network: Network;
  readonly limits?: Partial<MsrpLimits>;
  /** Holds no content. */
  readonly onDeviation?: (deviation: { readonly what: string; readonly clause: string }) => void;
}

/** Where this side's path says that it is. */
export interface LocalAddress {
  readonly secure: boolean;
  /** 9 for an active side, which takes no connections (RFC 4145 4.1). */
  readonly port: number;
  /** The own host when absent. */
  readonly host?: string;
  /** `tcp` when absent; `ws` on a WebSocket (RFC 7977). */
  readonly transport?: string;
}

export class MsrpEndpoint {
  readonly #options: MsrpEndpointOptions;
  readonly #listeners: Listener[] = [];
  /** By the session id of their path. */
  readonly #sessions = new Map<string, MsrpSession>();
  readonly #connections = new Map<MsrpConnection, Timer | undefined>();
  #closed = false;

  constructor(options: MsrpEndpointOptions) {
    this.#options = options;
  }

  /** Throws NetworkError `port-in-use`. */
  listen(port: number, options: ListenOptions): void {
    const accept = (stream: ByteStream) => this.#accept(stream);
    this.#listeners.push(this.#options.network.listen(port, options, accept));
  }

  /** A session with a fresh path. It lives until it is closed. */
  session(address: LocalAddress, options: MsrpSessionOptions): MsrpSession {
    const { random, network } = this.#options;
    const sessionId = newSessionId(random);
    const localUri = writeMsrpUri({
      secure: address.secure,
      host: address.host ?? network.host,
      port: address.port,
      sessionId,
      transport: address.transport ?? 'tcp',
      parameters: [],
    });
    const session = new MsrpSession(
      localUri,
      {
        random,
        dial: (to, how) => this.#dial(to, how),
        closed: () => this.#sessions.delete(sessionId),
        deviation: (what, clause) => this.#deviation(what, clause),
      },
      options,
    );
    this.#sessions.set(sessionId, session);
    return session;
  }

  /** Ends sessions, connections and listeners. */
  close(): void {
    this.#closed = true;
    for (const listener of this.#listeners.splice(0)) listener.close();
    for (const session of [...this.#sessions.values()]) session.close();
    for (const connection of [...this.#connections.keys()]) connection.close();
  }

  async #dial(to: Endpoint, how: ConnectOptions): Promise<MsrpConnection> {
    return this.#connection(await this.#options.network.connect(to, how), undefined);
  }

  #accept(stream: ByteStream): void {
    if (this.#closed || this.#connections.size >= MAX_CONNECTIONS) {
      stream.close();
      return;
    }
    const timer = this.#options.clock.setTimer(BIND_WITHIN, () => connection.close());
    const connection = this.#connection(stream, timer);
  }

  #connection(stream: ByteStream, timer: Timer | undefined): MsrpConnection {
    const { clock, limits } = this.#options;
    const connection = new MsrpConnection({
      stream,
      clock,
      ...(limits && { limits }),
      onRequest: (request, over) => this.#route(request, over),
      onClosed: (gone, error) => this.#gone(gone, error),
      onDeviation: (what, clause) => this.#deviation(what, clause),
    });
    this.#connections.set(connection, timer);
    if (this.#closed) connection.close();
    return connection;
  }

  /** Section 7.3: by the To-Path, of which this endpoint is the last and only hop. */
  #route(request: MsrpRequest, connection: MsrpConnection): void {
    const session = request.toPath.length === 1 ? this.#sessionAt(request.toPath[0]!) : undefined;
    if (!session) {
      if (isAnswered(request, 481)) connection.send(responseTo(request, 481));
      return;
    }
    this.#connections.get(connection)?.cancel();
    this.#connections.set(connection, undefined);
    session.receive(request, connection);
  }

  #sessionAt(uri: string): MsrpSession | undefined {
    const id = /\/([^/;][^;]*);/.exec(uri.replace(/^[a-z]+:\/\//i, ''))?.[1];
    const session = id === undefined ? undefined : this.#sessions.get(id);
    return session && sameMsrpUri(session.localUri, uri) ? session : undefined;
  }

  #gone(connection: MsrpConnection, error: NetworkError | undefined): void {
    this.#connections.get(connection)?.cancel();
    this.#connections.delete(connection);
    for (const session of [...this.#sessions.values()]) session.lost(connection, error);
  }

  #deviation(what: string, clause: string): void {
    this.#options.onDeviation?.({ what, clause });
  }
}
