import { type Endpoint, NetworkError } from '../../stack/platform.ts';
import { reliableDelay } from './link.ts';
import type { SimulatedHost, SimulatedNetwork } from './simulated-network.ts';

/** Largest request or response body carried, octets. */
const BODY_LIMIT = 128 * 1024 * 1024;

/** One HTTP exchange over the simulated network: what `fetch` does on a real one (RFC 9110). */
export async function exchange(
  network: SimulatedNetwork,
  client: SimulatedHost,
  request: Request,
): Promise<Response> {
  const url = new URL(request.url);
  const scheme = url.protocol === 'https:' ? 'https' : 'http';
  const server = network.host(url.hostname);
  const path = network.path(client, server);
  const from: Endpoint = { host: client.host, port: client.ephemeralPort() };
  const to: Endpoint = { host: server.host, port: Number(url.port) || (scheme === 'https' ? 443 : 80) };
  const connection = network.nextConnection();
  const record = (event: 'request' | 'response', bytes: Uint8Array) =>
    network.tap({
      protocol: scheme,
      from: event === 'request' ? from : to,
      to: event === 'request' ? to : from,
      connection,
      event,
      fate: 'delivered',
      link: (event === 'request' ? path[0]! : path.at(-1)!).name,
      bytes,
    });

  network.requests += 1;
  try {
    await client.reach(path, url.hostname);
    const handshakes = scheme === 'https' ? 2 : 1;
    for (let i = 0; i < handshakes; i += 1) await client.pass(reliableDelay(path) + reliableDelay(path));
    const handler = server.http.get(scheme);
    if (!handler) throw new NetworkError('refused', `${server.host} does not serve ${scheme}`);

    const requestBody = await bodyOf(request);
    record(
      'request',
      wireForm(
        `${request.method} ${url.pathname}${url.search} HTTP/1.1`,
        request.headers,
        requestBody,
        url.host,
      ),
    );
    await client.pass(reliableDelay(path));
    const response = await handler(rebuilt(request, requestBody), from);
    const responseBody = await bodyOf(response);
    record(
      'response',
      wireForm(
        `HTTP/1.1 ${response.status} ${response.statusText}`.trimEnd(),
        response.headers,
        responseBody,
      ),
    );
    await client.reach(path, url.hostname);
    await client.pass(reliableDelay(path));
    return new Response(forbidsBody(response.status) ? null : responseBody, {
      status: response.status,
      statusText: response.statusText,
      headers: response.headers,
    });
  } finally {
    network.requests -= 1;
  }
}

/** RFC 9110 section 6.4.1: these never have content. */
function forbidsBody(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}

async function bodyOf(message: Request | Response): Promise<Uint8Array<ArrayBuffer>> {
  if (message.body === null) return new Uint8Array(0);
  const bytes = new Uint8Array(await message.arrayBuffer());
  if (bytes.length > BODY_LIMIT)
    throw new NetworkError('reset', `a body of ${bytes.length} octets, at most ${BODY_LIMIT}`);
  return bytes;
}

function rebuilt(request: Request, body: Uint8Array<ArrayBuffer>): Request {
  const init: RequestInit = { method: request.method, headers: request.headers };
  if (body.length > 0) init.body = body;
  return new Request(request.url, init);
}

/** The text form of RFC 9112, for the trace. */
function wireForm(startLine: string, headers: Headers, body: Uint8Array, host?: string): Uint8Array {
  const lines = [startLine];
  if (host !== undefined) lines.push(`host: ${host}`);
  for (const [name, value] of headers) if (name !== 'content-length') lines.push(`${name}: ${value}`);
  lines.push(`content-length: ${body.length}`, '', '');
  const head = new TextEncoder().encode(lines.join('\r\n'));
  const out = new Uint8Array(head.length + body.length);
  out.set(head);
  out.set(body, head.length);
  return out;
}
