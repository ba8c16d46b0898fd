import type { CryptoProvider } from '../../stack/crypto/index.ts';
import type { Clock, Network, Random, Store } from '../../stack/platform.ts';

/** What a carrier did that its operator could see; no message content, no secrets. */
export interface CarrierEvent {
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What a carrier has to work with. */
export interface CarrierPorts {
  readonly clock: Clock;
  readonly random: Random;
  /** What the carrier accepted, and a later life of it takes up; its keys are those of state/keys.ts. */
  readonly store: Store;
  /** The network as the carrier's host of this name sees it. */
  network(host: string): Network;
  observe(event: CarrierEvent): void;
  /** Told of everything the carrier keeps, so that it can be searched for what it should not hold. */
  stored(key: string, bytes: Uint8Array): void;
  /** Only misbehaviour needs it: an honest carrier computes no MLS. */
  readonly crypto?: CryptoProvider;
}
