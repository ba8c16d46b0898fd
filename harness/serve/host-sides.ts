import { carrierHosts } from '../../emulators/carrier/config.ts';
import type { WorldEntry } from '../../reports/trace.ts';
import type { ServedCarrier } from './served-carriers.ts';

/** Who is who in a recording: phones by the address of their bearer, carriers by their hosts. */
export function hostSides(served: readonly ServedCarrier[]): WorldEntry['hosts'] {
  const phones = served.flatMap(({ accounts }) =>
    accounts.map(({ host, name }) => ({ host, side: `device:${name}` })),
  );
  const carriers = served.flatMap(({ label, config }) =>
    Object.values(carrierHosts(config)).map((host) => ({ host, side: `carrier:${label}` })),
  );
  return [...phones, ...carriers];
}
