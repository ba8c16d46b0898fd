import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Endpoint, HttpHandler } from '../../../stack/platform.ts';
import { bodyOf, requestText, responseText } from '../http-text.ts';
import { type Path, reliableDelay } from '../link.ts';
import { pass, reach } from '../path-wait.ts';
import { openSocket } from './dial.ts';
import { plainAddress } from './host-directory.ts';
import { httpRequest } from './http-client.ts';
import { httpServer } from './http-server.ts';
import type { SocketHost } from './socket-host.ts';
import type { SocketNetwork, Target } from './socket-network.ts';
import type { Credentials } from './test-ca.ts';
import type { Pair } from './traffic.ts';

/** One HTTP exchange as its client: links first, then the real connection. Rejects with NetworkError. */
export function fetchOver(network: SocketNetwork, client: SocketHost, request: Request): Promise<Response> {
  const url = new URL(request.url);
  const secure = url.protocol === 'https:';
  const to: Endpoint = {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (secure ? 443 : 80),
  };
  return network.requesting(async () => {
    const target = network.reachable(to);
    const path = network.path(client, target.host);
    await reach(network.clock, path, to.host);
    for (let trips = secure ? 2 : 1; trips > 0; trips -= 1) await cross(network, path, 2);
    const body = await bodyOf(request);
    await cross(network, path, 1);
    await network.during(() => network.ready());
    const answer = await askOver(network, client, target, { request, body, secure, to, path });
    await reach(network.clock, path, to.host);
    await cross(network, path, 1);
    return answer;
  });
}

interface Asked {
  readonly request: Request;
  readonly body: Uint8Array;
  readonly secure: boolean;
  readonly to: Endpoint;
  readonly path: Path;
}

async function askOver(
  network: SocketNetwork,
  client: SocketHost,
  target: Target,
  { request, body, secure, to, path }: Asked,
): Promise<Response> {
  const { place } = target;
  const connection = network.nextConnection();
  let from: Endpoint = { host: client.host, port: 0 };
  let pair: Pair | undefined;
  const record = (event: 'request' | 'response', bytes: Uint8Array): void =>
    recordHttp(network, { secure, from, to, connection, event, path, bytes });
  const onPort = (socket: Socket): void => {
    network.addDialled(socket);
    from = { host: client.host, port: socket.localPort ?? 0 };
    if (target.host === undefined) return;
    const protocol = secure ? 'https' : 'http';
    pair = network.pairs.dialled(socket, place.port, { connection, from, path, protocol });
  };
  const localAddress = client.localAddressTo(place.address);
  const dial = { place, to, localAddress, options: { secure }, trust: network.trust(target), onPort };
  const open = (): Socket => {
    const { socket } = openSocket(dial);
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      pair?.arrived('near');
      record('request', requestText(request, body));
    });
    return socket;
  };
  try {
    const answer = await httpRequest(request, body, network.limits, open);
    if (target.host === undefined) record('response', responseText(answer.response, answer.body));
    return answer.response;
  } finally {
    pair?.gone('near');
  }
}

async function cross(network: SocketNetwork, path: Path, times: number): Promise<void> {
  if (path.length === 0) return;
  let delay = 0;
  for (let i = 0; i < times; i += 1) delay += reliableDelay(path);
  await pass(network.clock, delay);
}

/** The server of a host's HTTP, not bound yet. */
export function serveOver(
  network: SocketNetwork,
  host: SocketHost,
  secure: boolean,
  credentials: Credentials | undefined,
  handler: HttpHandler,
): Server {
  const to: Endpoint = { host: host.host, port: secure ? 443 : 80 };
  const serve = async (request: Request, body: Uint8Array, incoming: IncomingMessage) => {
    const pair = network.pairs.accepted(incoming.socket);
    incoming.socket.once('close', () => pair?.gone('far'));
    const address = plainAddress(incoming.socket.remoteAddress);
    const from = pair?.ends.from ?? {
      host: network.directory.nameOf(address) ?? address,
      port: incoming.socket.remotePort ?? 0,
    };
    const seen = {
      secure,
      from,
      to,
      path: pair?.ends.path ?? [],
      connection: pair?.ends.connection ?? network.nextConnection(),
    };
    if (pair === undefined)
      recordHttp(network, { ...seen, event: 'request', bytes: requestText(request, body) });
    const answer = async () => {
      // While the handler works nothing is on the wire: it may itself wait for time to pass.
      pair?.arrived('far');
      const response = await handler(request, from);
      const content = await bodyOf(response);
      pair?.sent('near', 1);
      recordHttp(network, { ...seen, event: 'response', bytes: responseText(response, content) });
      return { response, body: content };
    };
    // A request of this process is counted where it is asked.
    return pair === undefined ? network.requesting(answer) : answer();
  };
  return httpServer({ secure, host: host.host, credentials, limits: network.limits, serve });
}

function recordHttp(
  network: SocketNetwork,
  seen: {
    readonly secure: boolean;
    readonly from: Endpoint;
    readonly to: Endpoint;
    readonly connection: number;
    readonly event: 'request' | 'response';
    readonly path: Path;
    readonly bytes: Uint8Array;
  },
): void {
  const { secure, from, to, connection, event, path, bytes } = seen;
  const there = event === 'request';
  network.tap({
    protocol: secure ? 'https' : 'http',
    from: there ? from : to,
    to: there ? to : from,
    connection,
    event,
    fate: 'delivered',
    link: path.at(there ? 0 : -1)?.name ?? 'socket',
    bytes,
  });
}
