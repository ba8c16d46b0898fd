/** A provider that fails the test when one (key, nonce) seals two messages. */
import type { CipherSuite, CryptoProvider } from '../../stack/crypto/index.ts';
import { hex } from './members.ts';

export function watchSealing(provider: CryptoProvider): CryptoProvider {
  const used = new Map<string, string>();
  const suites = new Map<number, CipherSuite>();
  return {
    name: provider.name,
    usage: provider.usage,
    suite: (id) => {
      const plain = provider.suite(id);
      const watched = suites.get(id) ?? {
        ...plain,
        aeadSeal: (key, nonce, aad, plaintext) => {
          const pair = `${hex(key)} ${hex(nonce)}`;
          const sealed = `${hex(aad)} ${hex(plaintext)}`;
          const before = used.get(pair);
          if (before !== undefined && before !== sealed)
            throw new Error('a key and nonce sealed two messages');
          used.set(pair, sealed);
          return plain.aeadSeal(key, nonce, aad, plaintext);
        },
      };
      suites.set(id, watched);
      return watched;
    },
  };
}
