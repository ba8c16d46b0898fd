/** A bare socket to put load on a server with: nothing between the caller and `node:dgram`, `node:net` or `node:tls`. */
import { createSocket } from 'node:dgram';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export const LOAD_TRANSPORTS = ['udp', 'tcp', 'tls'] as const;
export type LoadTransport = (typeof LOAD_TRANSPORTS)[number];

export interface LoadSocket {
  readonly address: string;
  readonly port: number;
  send(bytes: Uint8Array): void;
  close(): void;
}

export interface LoadSocketOptions {
  readonly transport: LoadTransport;
  readonly host: string;
  readonly port: number;
  /** Of this side, for datagrams; any free one when absent. */
  readonly localPort?: number | undefined;
  /** Roots of trust, PEM. */
  readonly authorities: readonly string[];
  /** Datagrams, or chunks of a stream. The bytes are the caller's to keep. */
  readonly onBytes: (bytes: Buffer) => void;
  /** The peer broke or closed it. */
  readonly onLost: () => void;
}

/** Resolves when something can be sent. Rejects when there is no connection. */
export function openLoadSocket(options: LoadSocketOptions): Promise<LoadSocket> {
  return options.transport === 'udp' ? datagrams(options) : stream(options);
}

function datagrams({ host, port, localPort = 0, onBytes }: LoadSocketOptions): Promise<LoadSocket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.on('message', onBytes);
    socket.bind(localPort, '127.0.0.1', () => {
      socket.connect(port, host, () => {
        socket.off('error', reject);
        // A server that is gone is told as "connection refused"; what was sent is lost then, as datagrams are.
        socket.on('error', () => {});
        const own = socket.address();
        resolve({
          address: own.address,
          port: own.port,
          send: (bytes) => socket.send(bytes),
          close: () => socket.close(),
        });
      });
    });
  });
}

function stream(options: LoadSocketOptions): Promise<LoadSocket> {
  const { transport, host, port, authorities, onBytes, onLost } = options;
  return new Promise((resolve, reject) => {
    const ready = (socket: Socket) => () => {
      socket.off('error', reject);
      socket.on('error', () => {});
      let closed = false;
      socket.on('close', () => {
        if (!closed) onLost();
      });
      resolve({
        address: socket.localAddress ?? '',
        port: socket.localPort ?? 0,
        send: (bytes) => void socket.write(bytes),
        close: () => {
          closed = true;
          socket.destroy();
        },
      });
    };
    const socket =
      transport === 'tls'
        ? connectTls({ host, port, ca: [...authorities], servername: 'localhost' })
        : connectTcp({ host, port });
    socket.setNoDelay(true);
    socket.once('error', reject);
    socket.once(transport === 'tls' ? 'secureConnect' : 'connect', ready(socket));
    socket.on('data', onBytes);
  });
}
