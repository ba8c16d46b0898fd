import { isUtf8 } from 'node:buffer';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { NetworkError } from '../../../stack/platform.ts';
import type { SocketLimits } from './limits.ts';
import { socketError } from './socket-error.ts';

/** One end of a real connection. The handlers are set before anything of the next turn of the event loop arrives. */
export interface Wire {
  /** Octets not yet taken by the operating system. */
  readonly queued: number;
  onData: (bytes: Uint8Array) => void;
  /** The peer closed in an orderly way. `onGone` follows. */
  onEnd: () => void;
  /** Once, at the very end. */
  onGone: (error: NetworkError | undefined) => void;
  send(bytes: Uint8Array): void;
  /** Closes in an orderly way; waits for the peer's close for a bounded time. */
  end(): void;
  /** Closes at once and lets the peer see that it is no orderly close. */
  reset(): void;
  /** Closes at once. */
  destroy(): void;
}

const nothing = (): void => {};

/** TCP, or TLS on it: then `tcp` is what carries it. `peer` names the other side in errors. */
export function socketWire(socket: Socket, tcp: Socket, peer: string, limits: SocketLimits): Wire {
  let error: NetworkError | undefined;
  let closing: NodeJS.Timeout | undefined;
  const wire: Wire = {
    onData: nothing,
    onEnd: nothing,
    onGone: nothing,
    get queued() {
      return socket.writableLength;
    },
    send: (bytes) => void (socket.writable && socket.write(bytes)),
    end() {
      if (socket.destroyed) return;
      socket.end();
      closing ??= setTimeout(() => socket.destroy(), limits.closeMs);
    },
    reset() {
      tcp.resetAndDestroy();
      socket.destroy();
    },
    destroy: () => void socket.destroy(),
  };
  socket.setNoDelay(true);
  socket.setTimeout(limits.idleMs, () => {
    error = new NetworkError('timeout', `nothing to or from ${peer} for ${limits.idleMs / 1000} s`);
    socket.destroy();
  });
  socket.on('data', (bytes: Buffer) => wire.onData(new Uint8Array(bytes)));
  socket.on('end', () => wire.onEnd());
  socket.on('error', (cause) => {
    error ??= socketError(cause, peer);
  });
  socket.on('close', () => {
    clearTimeout(closing);
    wire.onGone(error);
  });
  return wire;
}

/** A WebSocket: one message for each `send` (RFC 6455). Text where the bytes are text, as RFC 7118 section 5 allows. */
export function webSocketWire(socket: WebSocket, peer: string, limits: SocketLimits): Wire {
  let error: NetworkError | undefined;
  let answered = true;
  const wire: Wire = {
    onData: nothing,
    onEnd: nothing,
    onGone: nothing,
    get queued() {
      return socket.bufferedAmount;
    },
    send(bytes) {
      if (socket.readyState === socket.OPEN) socket.send(bytes, { binary: !isUtf8(bytes) });
    },
    // ws waits 30 s for the peer's close frame, then closes the connection.
    end: () => socket.close(1000),
    reset: () => socket.terminate(),
    destroy: () => socket.terminate(),
  };
  socket.binaryType = 'nodebuffer';
  const pings = setInterval(() => {
    if (answered) {
      answered = false;
      socket.ping();
      return;
    }
    error = new NetworkError('timeout', `${peer} did not answer a WebSocket ping`);
    socket.terminate();
  }, limits.webSocketPingMs);
  pings.unref();
  socket.on('pong', () => {
    answered = true;
  });
  socket.on('message', (data: Buffer) => wire.onData(new Uint8Array(data)));
  socket.on('error', (cause) => {
    error ??= socketError(cause, peer);
  });
  socket.on('close', (code) => {
    clearInterval(pings);
    // 1006: the connection broke without a close frame (RFC 6455 section 7.1.5).
    if (code === 1006) error ??= new NetworkError('reset', `${peer} broke the connection`);
    if (error === undefined) wire.onEnd();
    wire.onGone(error);
  });
  return wire;
}
