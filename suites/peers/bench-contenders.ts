/** The contenders of `npm run bench -- mls`: harness/bench loads this module by its URL. */
import { randomBytes } from 'node:crypto';
import { defaultCryptoProvider, getCiphersuiteFromName, getCiphersuiteImpl } from 'ts-mls';
import type { Client, Contenders } from '../../harness/bench/mls-contenders.ts';
import type { MlsEngine } from '../../harness/bench/mls-engine.ts';
import {
  type CipherSuite,
  type CryptoProvider,
  createNativeProvider,
  isSupportedSuite,
} from '../../stack/crypto/index.ts';
import type { MlsContext } from '../../stack/mls/index.ts';
import type { Random } from '../../stack/platform.ts';
import { parleyEngine } from './parley-member.ts';
import { suiteName, tsMlsEngine } from './ts-mls-member.ts';
import { nativeSuiteForTsMls } from './ts-mls-native-provider.ts';

const random: Random = {
  bytes: (length) => new Uint8Array(randomBytes(length)),
  fork: () => random,
};

export async function contenders(id: number, nanoseconds: () => bigint): Promise<Contenders> {
  if (!isSupportedSuite(id)) throw new Error(`stack/crypto has no cipher suite ${id}`);
  // Of its own two the one it comes with; its noble provider measured now a little faster, now slower.
  const published = await getCiphersuiteImpl(getCiphersuiteFromName(suiteName(id)), defaultCryptoProvider);
  const parley = (suiteProvider: CryptoProvider): MlsEngine => {
    const context: MlsContext = { suiteProvider, random, now: () => 1_700_000_000 };
    return parleyEngine(context, id) as MlsEngine;
  };
  const counted = (): Client => {
    const provider = createNativeProvider({ nanoseconds });
    return { engine: parley(provider), cryptoNanoseconds: () => provider.usage.nanoseconds };
  };
  return {
    ours: { name: 'ours', remembers: true, client: () => ({ engine: parley(createNativeProvider()) }) },
    counted: { name: 'ours, counted', remembers: true, client: counted },
    peer: {
      name: 'ts-mls',
      remembers: false,
      client: () => ({ engine: tsMlsEngine('ts-mls', published) as MlsEngine }),
    },
    peerNative: {
      name: 'ts-mls on our primitives',
      remembers: true,
      client: () => {
        const suite = createNativeProvider().suite(id);
        return { engine: tsMlsEngine('ts-mls, native', nativeSuiteForTsMls(suite, random)) as MlsEngine };
      },
    },
    builder: parley(trusting(createNativeProvider())),
  };
}

/** Takes all signatures: a populated tree is built by external commits, each of which verifies all leaves again. */
function trusting(provider: CryptoProvider): CryptoProvider {
  const suites = new Map<number, CipherSuite>();
  return {
    ...provider,
    suite: (id) => {
      const suite = suites.get(id) ?? { ...provider.suite(id), verify: () => true };
      suites.set(id, suite);
      return suite;
    },
  };
}
