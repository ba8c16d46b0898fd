import { type LoadTransport, openLoadSocket } from '../../ports/load-socket.ts';
import type { Place, RunFigures } from './load-job.ts';

export interface EchoRoundsOptions {
  readonly transport: LoadTransport;
  readonly authorities: readonly string[];
  readonly server: Place;
  /** For each of those that run at once: what it sends, one after the other, each when the one before it came back. */
  readonly chains: readonly (readonly Buffer[])[];
  readonly ms: number;
  readonly now: () => number;
}

/** The bytes of a bench there and back, again and again: what sockets alone cost. One round is one of its chains. */
export async function echoRounds(options: EchoRoundsOptions): Promise<RunFigures> {
  const { transport, authorities, server, chains, ms, now } = options;
  const latencies: number[] = [];
  const over: Promise<void>[] = [];
  const sockets = await Promise.all(
    chains.map(async (chain) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      over.push(promise);
      let onBytes = (_octets: number): void => {};
      const socket = await openLoadSocket({
        transport,
        ...server,
        authorities,
        onBytes: (bytes) => onBytes(bytes.length),
        onLost: resolve,
      });
      const begin = (began: number) => {
        let step = 0;
        let at = now();
        let missing = 0;
        const next = () => {
          const bytes = chain[step]!;
          missing = bytes.length;
          socket.send(bytes);
        };
        onBytes = (octets) => {
          missing -= octets;
          if (missing > 0) return;
          step += 1;
          if (step === chain.length) {
            const end = now();
            latencies.push(end - at);
            if (end - began >= ms) return resolve();
            step = 0;
            at = end;
          }
          next();
        };
        next();
      };
      return { socket, begin };
    }),
  );
  const began = now();
  for (const { begin } of sockets) begin(began);
  await Promise.all(over);
  const took = now() - began;
  for (const { socket } of sockets) socket.close();
  return { latencies: Float64Array.from(latencies), ms: took, failed: 0, retransmissions: 0 };
}
