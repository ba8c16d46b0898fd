import type { DatagramSocket, Network } from '../../stack/platform.ts';

/** A host at one of its addresses. */
export interface Face {
  readonly network: Network;
  readonly address: string;
}

/**
 * One host at an IPv4 and an IPv6 address: it listens at both, sends datagrams from the one of the receiver's family, and
 * dials and is named as at the first.
 */
export function bothNetworks(faces: readonly Face[]): Network {
  const [first, ...others] = faces;
  if (first === undefined) throw new RangeError('a host has an address');
  if (others.length === 0) return first.network;
  const all = <T extends { close(): void }>(open: (network: Network) => T): T[] =>
    faces.map(({ network }) => open(network));
  const closing =
    <T extends { close(): void }>(opened: readonly T[]) =>
    () => {
      for (const each of opened) each.close();
    };
  return {
    host: first.network.host,
    connect: (to, options) => first.network.connect(to, options),
    fetch: (request) => first.network.fetch(request),
    listen: (port, options, onStream) => {
      const listeners = all((network) => network.listen(port, options, onStream));
      return { local: listeners[0]!.local, close: closing(listeners) };
    },
    serveHttp: (options, handler) => {
      const listeners = all((network) => network.serveHttp(options, handler));
      return { local: listeners[0]!.local, close: closing(listeners) };
    },
    datagram: (port) => {
      const sockets = all((network) => network.datagram(port));
      const both: DatagramSocket = {
        local: sockets[0]!.local,
        onMessage: undefined,
        send: (to, bytes) => {
          const nth = faces.findIndex(({ address }) => isIPv6(address) === isIPv6(to.host));
          sockets[Math.max(0, nth)]!.send(to, bytes);
        },
        close: closing(sockets),
      };
      for (const socket of sockets) socket.onMessage = (from, bytes) => both.onMessage?.(from, bytes);
      return both;
    },
  };
}

/** Neither IPv4 addresses nor host names have a colon. */
export const isIPv6 = (address: string): boolean => address.includes(':');
