import { bytesToHex } from '@noble/hashes/utils.js';

/** One KeyPackage handed out, with the device that it belongs to. */
export interface ClaimedPackage {
  readonly device: string;
  /** RFC 9420 KeyPackage, bare. */
  readonly keyPackage: Uint8Array;
  readonly isLastResort: boolean;
}

interface Pool {
  oneTime: readonly Uint8Array[];
  lastResort: Uint8Array | undefined;
  /** What was handed out once, for good. */
  readonly given: Set<string>;
}

/** KeyPackages by subscriber and device (RCC.16 section 5; RFC 9420 section 16.8 for the last resort). */
export class KeyPackageStore {
  readonly #users = new Map<string, Map<string, Pool>>();

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
    const devices = this.#users.get(msisdn) ?? new Map<string, Pool>();
    this.#users.set(msisdn, devices);
    const before = devices.get(device);
    const pool: Pool = {
      oneTime: [],
      lastResort: lastResort ?? before?.lastResort,
      given: before?.given ?? new Set(),
    };
    const fresh = new Map(oneTime.map((bytes) => [bytesToHex(bytes), bytes]));
    pool.oneTime = [...fresh].filter(([id]) => !pool.given.has(id)).map(([, bytes]) => bytes);
    devices.set(device, pool);
    return pool.oneTime.length;
  }

  /**
   * One KeyPackage of each device: a one-time one, never given again, else the last resort. Devices that have neither
   * are left out. `undefined` when the subscriber never published.
   */
  claim(msisdn: string): ClaimedPackage[] | undefined {
    const devices = this.#users.get(msisdn);
    if (devices === undefined) return undefined;
    const claimed: ClaimedPackage[] = [];
    for (const [device, pool] of devices) {
      const [next, ...rest] = pool.oneTime;
      if (next !== undefined) {
        pool.oneTime = rest;
        pool.given.add(bytesToHex(next));
        claimed.push({ device, keyPackage: next, isLastResort: false });
      } else if (pool.lastResort !== undefined) {
        claimed.push({ device, keyPackage: pool.lastResort, isLastResort: true });
      }
    }
    return claimed;
  }
}
