/**
 * A network whose host says nothing that it could forget: bytes, datagrams, HTTP requests and responses leave when all
 * that was written to the store before them is committed, in the order in which they were sent. A 202 is written after
 * the message was stored, in program order; so whoever sees it can rely on the message, even if the process is killed.
 */
import type { ByteStream, DatagramSocket, Network } from '../../stack/platform.ts';

export interface Durability {
  /** Runs `act` when all that was written before is durable; acts keep their order. */
  whenDurable(act: () => void): void;
}

export function durableNetwork(network: Network, store: Durability): Network {
  const durable = () => new Promise<void>((resolve) => store.whenDurable(resolve));
  return {
    host: network.host,
    connect: async (to, options) => durableStream(await network.connect(to, options), store),
    listen: (port, options, onStream) =>
      network.listen(port, options, (stream) => onStream(durableStream(stream, store))),
    datagram: (port) => durableSocket(network.datagram(port), store),
    fetch: async (request) => {
      await durable();
      return network.fetch(request);
    },
    serveHttp: (options, handler) =>
      network.serveHttp(options, async (request, remote) => {
        const response = await handler(request, remote);
        await durable();
        return response;
      }),
  };
}

function durableStream(stream: ByteStream, store: Durability): ByteStream {
  const { local, remote, secure, webSocket } = stream;
  return {
    local,
    remote,
    secure,
    ...(webSocket !== undefined && { webSocket }),
    write: (bytes) => store.whenDurable(() => stream.write(bytes)),
    close: () => store.whenDurable(() => stream.close()),
    get onData() {
      return stream.onData;
    },
    set onData(handler) {
      stream.onData = handler;
    },
    get onClose() {
      return stream.onClose;
    },
    set onClose(handler) {
      stream.onClose = handler;
    },
  };
}

function durableSocket(socket: DatagramSocket, store: Durability): DatagramSocket {
  return {
    local: socket.local,
    send: (to, bytes) => store.whenDurable(() => socket.send(to, bytes)),
    close: () => store.whenDurable(() => socket.close()),
    get onMessage() {
      return socket.onMessage;
    },
    set onMessage(handler) {
      socket.onMessage = handler;
    },
  };
}
