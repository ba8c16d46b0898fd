import type { Store } from '../../../stack/platform.ts';
import { digestOf, keyParts, storeKey } from '../state/keys.ts';

/** One KeyPackage handed out, with the device that it belongs to. */
export interface ClaimedPackage {
  readonly device: string;
  /** RFC 9420 KeyPackage, bare. */
  readonly keyPackage: Uint8Array;
  readonly isLastResort: boolean;
}

/** KeyPackages by subscriber and device (RCC.16 section 5; RFC 9420 section 16.8 for the last resort). */
export class KeyPackageStore {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * A publication is the device's whole pool: what it published before and nobody claimed is dropped, for its private
   * keys may be gone. One that was handed out before is not taken again. Returns how many one-time packages stand.
   */
  publish(
    msisdn: string,
    device: string,
    oneTime: readonly Uint8Array[],
    lastResort: Uint8Array | undefined,
  ): number {
    const store = this.#store;
    for (const key of store.keys(`${storeKey('kds', 'one-time', msisdn, device)}/`)) store.delete(key);
    const fresh = new Map(oneTime.map((bytes) => [digestOf(bytes), bytes]));
    const kept = [...fresh].filter(([digest]) => store.get(givenKey(msisdn, device, digest)) === undefined);
    for (const [i, [, bytes]] of kept.entries()) {
      store.set(storeKey('kds', 'one-time', msisdn, device, i), bytes);
    }
    store.set(storeKey('kds', 'device', msisdn, device), new Uint8Array(0));
    if (lastResort !== undefined) store.set(storeKey('kds', 'last-resort', msisdn, device), lastResort);
    return kept.length;
  }

  /**
   * One KeyPackage of each device: a one-time one, never given again, else the last resort. Devices that have neither
   * are left out. `undefined` when the subscriber never published.
   */
  claim(msisdn: string): ClaimedPackage[] | undefined {
    const devices = this.#store.keys(`${storeKey('kds', 'device', msisdn)}/`).map((key) => keyParts(key)[3]!);
    if (devices.length === 0) return undefined;
    return devices.flatMap((device) => this.#claimOf(msisdn, device) ?? []);
  }

  #claimOf(msisdn: string, device: string): ClaimedPackage | undefined {
    const store = this.#store;
    const [next] = store.keys(`${storeKey('kds', 'one-time', msisdn, device)}/`);
    if (next === undefined) {
      const keyPackage = store.get(storeKey('kds', 'last-resort', msisdn, device));
      return keyPackage && { device, keyPackage, isLastResort: true };
    }
    const keyPackage = store.get(next)!;
    store.delete(next);
    store.set(givenKey(msisdn, device, digestOf(keyPackage)), new Uint8Array(0));
    return { device, keyPackage, isLastResort: false };
  }
}

function givenKey(msisdn: string, device: string, digest: string): string {
  return storeKey('kds', 'given', msisdn, device, digest);
}
