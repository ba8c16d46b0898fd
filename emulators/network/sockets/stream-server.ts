import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { WebSocketServer } from 'ws';
import type { ListenOptions, WebSocketProtocol } from '../../../stack/platform.ts';
import { plainAddress } from './host-directory.ts';
import type { SocketLimits } from './limits.ts';
import { answerHttp, refuseUpgrade } from './raw-http.ts';
import type { Credentials } from './test-ca.ts';
import { socketWire, type Wire, webSocketWire } from './wire.ts';

export interface StreamServerOptions {
  readonly listen: ListenOptions;
  /** With `secure`. */
  readonly credentials?: Credentials | undefined;
  readonly limits: SocketLimits;
  /** An open connection, its handshakes done. */
  readonly onWire: (wire: Wire, socket: Socket) => void;
}

/** A server of TCP, TLS, WS or WSS streams that is not bound yet. */
export function streamServer(options: StreamServerOptions): Server {
  const { webSocket } = options.listen;
  return webSocket === undefined ? plainServer(options) : webSocketServer(options, webSocket);
}

/** What node:tls needs to show a certificate; TLS 1.2 or newer. */
export function serverTls(credentials: Credentials | undefined, limits: SocketLimits) {
  return {
    ...(credentials && { cert: credentials.certificate, key: credentials.privateKey }),
    minVersion: 'TLSv1.2' as const,
    handshakeTimeout: limits.handshakeMs,
  };
}

function plainServer({ listen, credentials, limits, onWire }: StreamServerOptions): Server {
  const adopt = (socket: Socket, tcp: Socket): void => {
    if (!socket.destroyed) onWire(socketWire(socket, tcp, peerName(socket), limits), socket);
  };
  if (!listen.secure) return createTcpServer((socket) => adopt(socket, socket));
  // node:tls does not say what carries a connection: the addresses of both sides do.
  const carriers = new Map<string, Socket>();
  const server = createTlsServer(serverTls(credentials, limits), (socket) => {
    const tcp = carriers.get(peerName(socket));
    if (tcp !== undefined) adopt(socket, tcp);
  });
  server.prependListener('connection', (tcp: Socket) => {
    const peer = peerName(tcp);
    carriers.set(peer, tcp);
    tcp.once('close', () => carriers.delete(peer));
  });
  return server;
}

function webSocketServer(options: StreamServerOptions, protocol: WebSocketProtocol): Server {
  const { listen, credentials, limits, onWire } = options;
  const upgrades = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: limits.webSocketOctets,
    handleProtocols: (offered) => (offered.has(protocol) ? protocol : false),
  });
  const http = { headersTimeout: limits.handshakeMs, requestTimeout: limits.handshakeMs };
  const server = listen.secure
    ? createHttpsServer({ ...http, ...serverTls(credentials, limits) })
    : createHttpServer(http);
  server.on('request', (_, response) => answerHttp(response, 426, { upgrade: 'websocket' }));
  server.on('upgrade', (request, socket, head) => {
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim());
    // RFC 7118 section 4.1: without the subprotocol the handshake fails.
    if (!offered.includes(protocol)) refuseUpgrade(socket, `this server speaks ${protocol} only`);
    else {
      upgrades.handleUpgrade(request, socket, head, (webSocket) =>
        onWire(webSocketWire(webSocket, peerName(socket as Socket), limits), socket as Socket),
      );
    }
  });
  return server;
}

function peerName(socket: Socket): string {
  return `${plainAddress(socket.remoteAddress)} port ${socket.remotePort}`;
}
