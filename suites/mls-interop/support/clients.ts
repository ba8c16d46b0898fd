import { SeededRandom } from '../../../emulators/network/seeded-random.ts';
import type { Service } from '../../../harness/mls-interop/contract.ts';
import { loadScripts, ownScriptFiles } from '../../../harness/mls-interop/script/load.ts';
import type { Script } from '../../../harness/mls-interop/script/script.ts';
import { serveMlsClient } from '../../../harness/mls-interop/serve.ts';
import { parleyService } from '../../../harness/mls-interop/server/service.ts';
import type { GrpcServer } from '../../../harness/ports/grpc-server.ts';
import { systemClock } from '../../../harness/ports/system-clock.ts';
import { createNativeProvider } from '../../../stack/crypto/index.ts';

const provider = createNativeProvider();
export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
export const noBytes = new Uint8Array(0);

/** Our implementation, all of whose keys follow from `seed`. The time is the machine's: other implementations read it. */
export function ours(seed = 'ours', options: { maxHeld?: number; now?: () => number } = {}): Service {
  const now = () => systemClock.now() / 1_000;
  return parleyService({ provider, random: new SeededRandom(seed), now, maxHeld: 1_000, ...options });
}

const scripts = ownScriptFiles().flatMap(loadScripts);

/** Parley's own scripts whose id `matches`. */
export function ownScripts(matches = /./): readonly Script[] {
  return scripts.filter(({ id }) => matches.test(id));
}

/** Serves on a free port of the loopback for as long as `use` runs with the addresses. */
export async function served<T>(
  services: readonly Service[],
  use: (addresses: readonly string[]) => Promise<T>,
): Promise<T> {
  const servers: GrpcServer[] = [];
  try {
    for (const service of services)
      servers.push(await serveMlsClient(service, { host: '127.0.0.1', port: 0 }));
    return await use(servers.map(({ port }) => `127.0.0.1:${port}`));
  } finally {
    await Promise.all(servers.map((server) => server.stop(100)));
  }
}
