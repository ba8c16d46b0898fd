import { assembleSuite } from './cipher-suite.ts';
import { CryptoError } from './errors.ts';
import type { SuitePrimitives } from './primitives.ts';
import type { CipherSuite, CipherSuiteId, CryptoProvider, ProviderOptions } from './provider.ts';
import { suiteParameters } from './suites.ts';
import { UsageCounter } from './usage.ts';

/** One provider out of its primitives; suites are assembled when first asked for and then kept. */
export function createProvider(
  name: CryptoProvider['name'],
  options: ProviderOptions,
  primitives: Readonly<Record<CipherSuiteId, SuitePrimitives>>,
): CryptoProvider {
  const usage = new UsageCounter(options.nanoseconds);
  const suites = new Map<number, CipherSuite>();
  return {
    name,
    usage,
    suite: (id) => {
      let suite = suites.get(id);
      if (suite === undefined) {
        const parameters = suiteParameters[id];
        if (parameters === undefined) {
          throw new CryptoError('unsupported-suite', `cipher suite ${id} is not one of 1 to 7`);
        }
        suite = assembleSuite(parameters, primitives[id], usage);
        suites.set(id, suite);
      }
      return suite;
    },
  };
}
