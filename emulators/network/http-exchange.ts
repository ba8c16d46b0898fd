import { type Endpoint, NetworkError } from '../../stack/platform.ts';
import { bodyOf, forbidsBody, requestText, responseText } from './http-text.ts';
import { reliableDelay } from './link.ts';
import { pass, reach } from './path-wait.ts';
import type { SimulatedHost, SimulatedNetwork } from './simulated-network.ts';

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
    await reach(network.clock, path, url.hostname);
    const handshakes = scheme === 'https' ? 2 : 1;
    for (let i = 0; i < handshakes; i += 1)
      await pass(network.clock, reliableDelay(path) + reliableDelay(path));
    const handler = server.http.get(scheme);
    if (!handler) throw new NetworkError('refused', `${server.host} does not serve ${scheme}`);
    if (scheme === 'https') client.verify(server, { to, local: from, path, pins: undefined });

    const requestBody = await bodyOf(request);
    record('request', requestText(request, requestBody));
    await pass(network.clock, reliableDelay(path));
    const response = await handler(rebuilt(request, requestBody), from);
    const responseBody = await bodyOf(response);
    record('response', responseText(response, responseBody));
    await reach(network.clock, path, url.hostname);
    await pass(network.clock, reliableDelay(path));
    return new Response(forbidsBody(response.status) ? null : responseBody, {
      status: response.status,
      statusText: response.statusText,
      headers: response.headers,
    });
  } finally {
    network.requests -= 1;
  }
}

function rebuilt(request: Request, body: Uint8Array<ArrayBuffer>): Request {
  const init: RequestInit = { method: request.method, headers: request.headers };
  if (body.length > 0) init.body = body;
  return new Request(request.url, init);
}
