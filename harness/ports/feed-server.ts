/** One page and a WebSocket at `/feed` that says what changed, on a loopback address of this machine. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

export interface FeedServerOptions {
  readonly host: string;
  /** 0 asks for a free one. */
  readonly port: number;
  readonly page: string;
  /** Called when the first reader comes, and when the last one is gone. */
  readonly onReaders: (any: boolean) => void;
  /** What a new reader is told first. */
  readonly greeting: () => string;
}

export interface FeedServer {
  readonly port: number;
  /** Tells all readers. */
  tell(message: string): void;
  close(): Promise<void>;
}

const MOST_READERS = 32;
/** Octets that a reader may leave unread before it is let go. */
const MOST_UNREAD = 4 * 1024 * 1024;
/** Octets of a message of a reader: it has nothing to say. */
const MOST_RECEIVED = 1_024;

/** Rejects when the address cannot be bound. */
export async function serveFeed(options: FeedServerOptions): Promise<FeedServer> {
  const { host, page, onReaders, greeting } = options;
  const readers = new Set<WebSocket>();
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 10_000 }, (request, response) => {
    const isPage = request.url === '/' && (request.method === 'GET' || request.method === 'HEAD');
    if (!isOwn(request)) response.writeHead(421).end();
    else if (!isPage) response.writeHead(404).end();
    else {
      response.writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
      });
      response.end(request.method === 'GET' ? page : undefined);
    }
  });
  const upgrades = new WebSocketServer({
    noServer: true,
    maxPayload: MOST_RECEIVED,
    perMessageDeflate: false,
  });
  server.on('upgrade', (request, socket, head) => {
    if (request.url !== '/feed' || !isOwn(request) || readers.size >= MOST_READERS) {
      socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    upgrades.handleUpgrade(request, socket, head, (reader) => {
      reader.on('error', () => reader.terminate());
      reader.on('close', () => {
        readers.delete(reader);
        if (readers.size === 0) onReaders(false);
      });
      readers.add(reader);
      if (readers.size === 1) onReaders(true);
      reader.send(greeting());
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    tell: (message) => {
      for (const reader of readers) {
        if (reader.bufferedAmount > MOST_UNREAD) reader.terminate();
        else reader.send(message);
      }
    },
    close: async () => {
      for (const reader of readers) reader.terminate();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Whether a page of this very server asks: names that lead here by other ways (DNS rebinding) and other sites do not. */
function isOwn({ headers, socket }: IncomingMessage): boolean {
  const { host = '', origin } = headers;
  const names = ['localhost', '127.0.0.1', '[::1]'].map((name) => `${name}:${socket.localPort}`);
  return names.includes(host) && (origin === undefined || origin === `http://${host}`);
}
