import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** An answer without content that ends the connection. */
export function answerHttp(
  response: ServerResponse,
  status: number,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { ...headers, 'content-length': '0', connection: 'close' }).end();
}

/** Refuses a WebSocket handshake (RFC 6455 section 4.2.2). `why` is shown to the client. */
export function refuseUpgrade(socket: Duplex, why: string): void {
  socket.on('error', () => socket.destroy());
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-type: text/plain\r\ncontent-length: ${Buffer.byteLength(why)}\r\n\r\n${why}`,
  );
}
