import { type IncomingMessage, request as nodeRequest } from 'node:http';
import type { Socket } from 'node:net';
import { NetworkError } from '../../../stack/platform.ts';
import { forbidsBody } from '../http-text.ts';
import type { SocketLimits } from './limits.ts';
import { socketError } from './socket-error.ts';

export interface HttpAnswer {
  readonly response: Response;
  readonly body: Uint8Array;
}

/**
 * One request on a connection of its own, which `open` makes (RFC 9112). Redirects are the caller's. Rejects with
 * NetworkError.
 */
export function httpRequest(
  request: Request,
  body: Uint8Array,
  limits: SocketLimits,
  open: () => Socket,
): Promise<HttpAnswer> {
  const url = new URL(request.url);
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
  const headers: Record<string, string> = { host: url.host };
  for (const [name, value] of request.headers) headers[name] = value;
  const hasBody = body.length > 0 || request.method === 'POST' || request.method === 'PUT';
  if (hasBody) headers['content-length'] = String(body.length);
  // The socket has its TLS already, so that this is plain HTTP to node whatever the scheme.
  const outgoing = nodeRequest({
    method: request.method,
    path: `${url.pathname}${url.search}`,
    headers: { ...headers, connection: 'close' },
    setHost: false,
    maxHeaderSize: limits.httpHeadOctets,
    createConnection: open,
  });
  const fail = (error: unknown): void => {
    reject(socketError(error, url.host));
    outgoing.destroy();
  };
  const patience = setTimeout(
    () => fail(new NetworkError('timeout', `${url.host} did not answer within ${limits.httpMs / 1000} s`)),
    limits.httpMs,
  );
  outgoing.on('error', fail);
  outgoing.on('response', (incoming) => {
    answerOf(incoming, limits.httpBodyOctets).then(resolve, fail);
  });
  outgoing.end(hasBody ? body : undefined);
  return promise.finally(() => {
    clearTimeout(patience);
    outgoing.destroy();
  });
}

async function answerOf(incoming: IncomingMessage, limit: number): Promise<HttpAnswer> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of incoming as AsyncIterable<Uint8Array>) {
    length += part.length;
    if (length > limit) throw new NetworkError('reset', `a body of more than ${limit} octets`);
    parts.push(part);
  }
  const body = new Uint8Array(Buffer.concat(parts));
  const headers = new Headers();
  for (let at = 0; at < incoming.rawHeaders.length; at += 2) {
    const name = incoming.rawHeaders[at]!.toLowerCase();
    // Of this connection alone, not of the response.
    if (name !== 'connection' && name !== 'keep-alive') headers.append(name, incoming.rawHeaders[at + 1]!);
  }
  const status = incoming.statusCode ?? 0;
  if (status < 200) throw new NetworkError('reset', `status ${status} is no final answer`);
  const response = new Response(forbidsBody(status) ? null : body, {
    status,
    statusText: incoming.statusMessage ?? '',
    headers,
  });
  return { response, body };
}
