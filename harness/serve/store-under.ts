import type { Store } from '../../stack/platform.ts';

/** The part of a store whose keys begin with `prefix`, as a store of its own. */
export function storeUnder(store: Store, prefix: string): Store {
  return {
    get: (key) => store.get(prefix + key),
    set: (key, value) => store.set(prefix + key, value),
    delete: (key) => store.delete(prefix + key),
    keys: (start) => store.keys(prefix + start).map((key) => key.slice(prefix.length)),
  };
}
