import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { forbidsBody } from '../http-text.ts';
import type { SocketLimits } from './limits.ts';
import { answerHttp } from './raw-http.ts';
import { serverTls } from './stream-server.ts';
import type { Credentials } from './test-ca.ts';

export interface HttpServerOptions {
  readonly secure: boolean;
  /** For a request that names no host. */
  readonly host: string;
  readonly credentials?: Credentials | undefined;
  readonly limits: SocketLimits;
  /** The response's body has been read already: `body` is it. Rejecting answers 500. */
  readonly serve: (
    request: Request,
    body: Uint8Array,
    incoming: IncomingMessage,
  ) => Promise<{ readonly response: Response; readonly body: Uint8Array }>;
}

/** A web-standard handler behind node's HTTP server (RFC 9112); not bound yet. */
export function httpServer(options: HttpServerOptions): Server {
  const { secure, credentials, limits } = options;
  const bounds = {
    maxHeaderSize: limits.httpHeadOctets,
    headersTimeout: limits.handshakeMs,
    requestTimeout: limits.httpMs,
    keepAliveTimeout: 5_000,
  };
  const listener = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    answer(options, incoming, outgoing).catch(() => {
      if (outgoing.headersSent) outgoing.destroy();
      else answerHttp(outgoing, 500);
    });
  };
  return secure
    ? createHttpsServer({ ...bounds, ...serverTls(credentials, limits) }, listener)
    : createHttpServer(bounds, listener);
}

async function answer(
  options: HttpServerOptions,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const body = await bodyWithin(incoming, options.limits.httpBodyOctets);
  if (body === undefined) return answerHttp(outgoing, 413);
  const request = requestOf(options, incoming, body);
  if (request === undefined) return answerHttp(outgoing, 400);
  const { response, body: content } = await options.serve(request, body, incoming);
  outgoing.sendDate = false;
  const cookies = response.headers.getSetCookie();
  for (const [name, value] of response.headers) if (name !== 'set-cookie') outgoing.setHeader(name, value);
  if (cookies.length > 0) outgoing.setHeader('set-cookie', cookies);
  if (!forbidsBody(response.status)) outgoing.setHeader('content-length', content.length);
  if (response.statusText !== '') outgoing.statusMessage = response.statusText;
  outgoing.writeHead(response.status).end(forbidsBody(response.status) ? undefined : content);
}

/** Undefined when it is longer than allowed; what is left of it is not read then. */
async function bodyWithin(
  message: AsyncIterable<Uint8Array>,
  limit: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of message) {
    length += part.length;
    if (length > limit) return undefined;
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}

/** Undefined when the request line or Host can't make a URL, or the method is none that a Request can have. */
function requestOf(
  { secure, host }: HttpServerOptions,
  incoming: IncomingMessage,
  body: Uint8Array<ArrayBuffer>,
): Request | undefined {
  const { method = 'GET', url = '/' } = incoming;
  const headers = new Headers();
  for (let at = 0; at < incoming.rawHeaders.length; at += 2) {
    const name = incoming.rawHeaders[at]!.toLowerCase();
    if (name !== 'connection') headers.append(name, incoming.rawHeaders[at + 1]!);
  }
  const authority = incoming.headers.host ?? host;
  const init: RequestInit = { method, headers };
  if (body.length > 0 && method !== 'GET' && method !== 'HEAD') init.body = body;
  try {
    return new Request(new URL(url, `${secure ? 'https' : 'http'}://${authority}/`), init);
  } catch {
    return undefined;
  }
}
