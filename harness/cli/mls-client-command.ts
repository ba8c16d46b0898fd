import { SeededRandom } from '../../emulators/network/seeded-random.ts';
import { createNativeProvider } from '../../stack/crypto/index.ts';
import { serveMlsClient } from '../mls-interop/serve.ts';
import { parleyService } from '../mls-interop/server/service.ts';
import type { GrpcServer } from '../ports/grpc-server.ts';
import { stopSignal } from '../ports/stop-signal.ts';
import { systemClock } from '../ports/system-clock.ts';
import { systemRandom } from '../ports/system-random.ts';
import { UsageError } from '../run/usage-error.ts';
import type { Context } from './context.ts';

export interface MlsClientFlags {
  readonly port: number;
  readonly host: string;
  readonly seed?: string;
  readonly maxStates: number;
}

/** Milliseconds that running calls are given to end. */
const grace = 2_000;

/** `parley mls-client`: serves our MLS to the working group's interoperability runner until SIGINT or SIGTERM. */
export async function mlsClientCommand(flags: MlsClientFlags, { terminal }: Context): Promise<number> {
  const { port, host, seed, maxStates } = flags;
  const service = parleyService({
    provider: createNativeProvider(),
    random: seed === undefined ? systemRandom : new SeededRandom(seed),
    now: () => systemClock.now() / 1_000,
    maxHeld: maxStates,
  });
  const server = await bound(host, port, () => serveMlsClient(service, { host, port }));
  if (seed !== undefined) terminal.err('parley: --seed makes all keys foreseeable: for tests only\n');
  terminal.out(`serving MLSClient on ${host}:${server.port}\n`);
  const signal = await stopSignal();
  terminal.err(`parley: ${signal}, stopping\n`);
  await server.stop(grace);
  return 0;
}

async function bound(host: string, port: number, serve: () => Promise<GrpcServer>): Promise<GrpcServer> {
  try {
    return await serve();
  } catch (error) {
    const { message } = error as Error;
    throw new UsageError(`can't listen on ${host}:${port}: ${message.split('\n')[0]}`);
  }
}
