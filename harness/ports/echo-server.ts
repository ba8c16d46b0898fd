/** The least that a server can do: what comes in goes out, by nothing but `node:dgram`, `node:net` and `node:tls`. */
import { createSocket } from 'node:dgram';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { LoadTransport } from './load-socket.ts';

export interface EchoServer {
  readonly port: number;
  close(): void;
}

/** On a free port of 127.0.0.1. `credentials` (PEM) for TLS. */
export function startEcho(
  transport: LoadTransport,
  credentials: { readonly certificate: string; readonly privateKey: string },
): Promise<EchoServer> {
  if (transport === 'udp') return echoDatagrams();
  const onStream = (socket: Socket) => {
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => socket.write(bytes));
  };
  const { certificate: cert, privateKey: key } = credentials;
  const server: Server =
    transport === 'tls' ? createTlsServer({ cert, key }, onStream) : createTcpServer(onStream);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      resolve({ port: (server.address() as { port: number }).port, close: () => server.close() });
    });
  });
}

function echoDatagrams(): Promise<EchoServer> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
  socket.on('message', (bytes, { address, port }) => socket.send(bytes, port, address));
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, '127.0.0.1', () => resolve({ port: socket.address().port, close: () => socket.close() }));
  });
}
