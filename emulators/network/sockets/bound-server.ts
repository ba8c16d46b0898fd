import type { Server, Socket } from 'node:net';
import { type Place, plainAddress } from './host-directory.ts';
import type { SocketLimits } from './limits.ts';
import { socketError } from './socket-error.ts';

export interface BoundServerOptions {
  readonly place: Place;
  readonly limits: SocketLimits;
  readonly onKeyLog?: ((line: Uint8Array) => void) | undefined;
  /** Each connection as it comes, before any handshake. */
  readonly onConnection: (socket: Socket) => void;
  /** What to bind, once the certificate is there. */
  readonly make: () => Server | Promise<Server>;
}

/** A server from the wish to have it to the close of its last connection. */
export class BoundServer {
  /** Rejects with NetworkError when it can't be bound. */
  readonly ready: Promise<void>;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #closed = false;
  #over: Promise<void> = Promise.resolve();

  constructor(options: BoundServerOptions) {
    this.ready = this.#start(options);
  }

  /** Takes no more connections; those there are stay. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const server = this.#server;
    if (server?.listening) this.#over = new Promise((resolve) => server.close(() => resolve()));
  }

  /** Closes it and breaks what is still connected; resolves when nothing is left. */
  async destroy(): Promise<void> {
    this.close();
    await this.ready.catch(() => {});
    for (const socket of this.#sockets) socket.destroy();
    await this.#over;
  }

  async #start({ make, place, limits, onKeyLog, onConnection }: BoundServerOptions): Promise<void> {
    const server = await make();
    if (this.#closed) return;
    this.#server = server;
    if (onKeyLog) server.on('keylog', onKeyLog);
    server.prependListener('connection', onConnection);
    // Also after a handshake that took too long, which node:tls tells and leaves open.
    server.on('tlsClientError', (_: Error, socket: Socket) => socket.destroy());
    this.#limit(server, limits);
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(socketError(error, `port ${place.port} of ${place.address}`)));
      server.listen({ host: place.address, port: place.port, exclusive: true }, resolve);
    });
    if (this.#closed) this.#over = new Promise((resolve) => server.close(() => resolve()));
    // A failing accept (too many files open) costs that connection, not the server.
    server.on('error', () => {});
  }

  /** Turns connections beyond the limits away as soon as they come, before any handshake. */
  #limit(server: Server, limits: SocketLimits): void {
    const open = new Map<string, number>();
    server.maxConnections = limits.connections;
    server.prependListener('connection', (socket: Socket) => {
      const address = plainAddress(socket.remoteAddress);
      const count = (open.get(address) ?? 0) + 1;
      open.set(address, count);
      this.#sockets.add(socket);
      socket.once('close', () => {
        this.#sockets.delete(socket);
        const left = (open.get(address) ?? 1) - 1;
        if (left === 0) open.delete(address);
        else open.set(address, left);
      });
      socket.on('error', () => socket.destroy());
      if (count > limits.connectionsPerAddress) socket.destroy();
    });
  }
}
