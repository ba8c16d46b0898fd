import type { Random, Store } from '../../../stack/platform.ts';
import { SeededRandom } from '../../network/seeded-random.ts';

const KEY = 'lasting-secret';

/**
 * A source whose forks give the same bytes in every life of the carrier: for what a restart must not change, such as
 * the Call-ID under which a message is delivered again. It follows from a secret that the store keeps.
 */
export function lastingRandom(store: Store, random: Random): Random {
  let secret = store.get(KEY);
  if (secret === undefined) {
    secret = random.bytes(32);
    store.set(KEY, secret);
  }
  return new SeededRandom(secret);
}
