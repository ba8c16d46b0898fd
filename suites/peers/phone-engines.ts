/** MLS implementations by others for `parley run --engines suites/peers/phone-engines.ts`: harness/ loads this by its path. */
import type { Engines } from '../../harness/world/engine-source.ts';
import { TsMlsPhoneEngine } from './ts-mls-phone-engine.ts';

export const engines: Engines = {
  'ts-mls': {
    lacks: ['signed-receipts'],
    cipherSuites: () => [1, 2, 3, 4, 5, 6, 7],
    create: (ports) => new TsMlsPhoneEngine(ports),
  },
};
