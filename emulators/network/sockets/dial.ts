import { X509Certificate } from 'node:crypto';
import { connect, isIP, type Socket } from 'node:net';
import {
  checkServerIdentity,
  type PeerCertificate,
  rootCertificates,
  type TLSSocket,
  connect as tlsConnect,
} from 'node:tls';
import { WebSocket } from 'ws';
import { type ConnectOptions, type Endpoint, NetworkError } from '../../../stack/platform.ts';
import type { Place } from './host-directory.ts';
import type { SocketLimits } from './limits.ts';
import { socketError } from './socket-error.ts';
import { pinOf } from './test-ca.ts';
import { socketWire, type Wire, webSocketWire } from './wire.ts';

/** Whom a TLS client trusts. */
export interface Trust {
  /** Root certificates, PEM. */
  readonly authorities: readonly string[];
  /** Whether the authorities that the machine knows count too: for hosts of the real Internet. */
  readonly publicAuthorities: boolean;
  /** NSS key log lines of connections opened here. */
  readonly onKeyLog?: ((line: Uint8Array) => void) | undefined;
}

export interface Dial {
  readonly place: Place;
  /** Whom the certificate must name, and WebSocket's Host. */
  readonly to: Endpoint;
  readonly localAddress?: string | undefined;
  readonly options: ConnectOptions;
  readonly trust: Trust;
  readonly limits: SocketLimits;
  /** Told as soon as the operating system has chosen the port. */
  readonly onPort: (socket: Socket) => void;
}

export interface OpeningSocket {
  readonly socket: Socket;
  /** What carries it: itself unless it is TLS. */
  readonly tcp: Socket;
}

/** A socket that has begun to connect; with TLS when asked for, and the certificate then verified. */
export function openSocket(dial: Omit<Dial, 'limits'>): OpeningSocket {
  const { place, localAddress, options } = dial;
  const tcp = connect({ host: place.address, port: place.port, localAddress });
  // connect() itself waits for this turn's ticks; after them the port is bound and the peer can't have seen it yet.
  process.nextTick(() => dial.onPort(tcp));
  if (!options.secure) return { socket: tcp, tcp };
  const socket = tlsConnect({ socket: tcp, ...tlsOptions(dial.to.host, dial.trust, options.pins) });
  if (dial.trust.onKeyLog) socket.on('keylog', dial.trust.onKeyLog);
  return { socket, tcp };
}

/** TLS 1.2 or newer; the certificate must hold for `host`, lead to a trusted root and match a pin when there are any. */
function tlsOptions(host: string, trust: Trust, pins: readonly string[] | undefined) {
  const roots = trust.publicAuthorities ? rootCertificates : [];
  return {
    ca: [...trust.authorities, ...roots],
    minVersion: 'TLSv1.2' as const,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    checkServerIdentity: (_: string, certificate: PeerCertificate) =>
      checkServerIdentity(host, certificate) ?? checkPins(certificate, pins),
  };
}

function checkPins(certificate: PeerCertificate, pins: readonly string[] | undefined): Error | undefined {
  if (pins === undefined) return undefined;
  const { publicKey } = new X509Certificate(certificate.raw);
  if (pins.includes(pinOf(publicKey.export({ type: 'spki', format: 'der' })))) return undefined;
  return new NetworkError('certificate', 'the certificate is not one of the pinned ones');
}

/** Resolves with what `adopt` made of the open connection, in the same turn. Rejects with NetworkError. */
export function dialWire<T>(dial: Dial, adopt: (wire: Wire, socket: Socket) => T): Promise<T> {
  const { to, options, limits } = dial;
  const peer = `${to.host} port ${to.port}`;
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const { socket, tcp } = openSocket(dial);
  const fail = (error: unknown): void => {
    reject(socketError(error, peer));
    socket.destroy();
    tcp.destroy();
  };
  const patience = setTimeout(
    () => fail(new NetworkError('timeout', `${peer}: no handshake within ${limits.handshakeMs / 1000} s`)),
    limits.handshakeMs,
  );
  const finish = (wire: Wire): void => {
    clearTimeout(patience);
    socket.off('error', fail);
    resolve(adopt(wire, socket));
  };
  socket.on('error', fail);
  socket.once('close', () => {
    clearTimeout(patience);
    fail(new NetworkError('reset', `${peer} closed during the handshake`));
  });
  if (options.webSocket === undefined) {
    // Only a socket that is read sees the peer's end. What comes before the handshake is done is none of ours.
    socket.resume();
    const ended = (): void => fail(new NetworkError('refused', `${peer} ended the handshake`));
    socket.once('end', ended);
    socket.once(options.secure ? 'secureConnect' : 'connect', () => {
      socket.off('end', ended);
      finish(socketWire(socket, tcp, peer, limits));
    });
    return promise;
  }
  const webSocket = new WebSocket(
    `${options.secure ? 'wss' : 'ws'}://${urlHost(to.host)}:${to.port}/`,
    [options.webSocket],
    {
      perMessageDeflate: false,
      maxPayload: limits.webSocketOctets,
      createConnection: () => socket as TLSSocket,
    },
  );
  webSocket.once('error', fail);
  webSocket.once('open', () => {
    webSocket.off('error', fail);
    finish(webSocketWire(webSocket, peer, limits));
  });
  // RFC 7118 section 4.1: no agreement, no connection; the same for any answer but 101.
  webSocket.once('unexpected-response', (_, response) =>
    fail(new NetworkError('refused', `${peer} answered the WebSocket handshake with ${response.statusCode}`)),
  );
  return promise;
}

export function urlHost(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}
