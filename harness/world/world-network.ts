/** The two networks that a case can run on; everything above them is the same. */
import { type HostCertificate, validCertificate } from '../../emulators/network/certificate.ts';
import type { Link } from '../../emulators/network/link.ts';
import type { NetworkUse } from '../../emulators/network/network-use.ts';
import { SimulatedNetwork } from '../../emulators/network/simulated-network.ts';
import type { Tap } from '../../emulators/network/tap.ts';
import { VirtualClock } from '../../emulators/network/virtual-clock.ts';
import type { Network } from '../../stack/platform.ts';
import type { NetworkKind } from './network-kind.ts';

/** What a world asks of its network. */
export interface WorldNetwork {
  /** `certificate`: what the host shows as a TLS server; one that is valid for its name when absent. */
  addHost(
    name: string,
    options: {
      readonly access: readonly Link[];
      readonly zone: string;
      readonly certificate?: HostCertificate;
    },
  ): Network;
  /** Resolves when all that listens can be reached. */
  ready(): Promise<void>;
  abandonStreams(host: string): void;
  use(): NetworkUse;
  /** Gives back whatever the machine still holds of it. */
  close(): Promise<void>;
}

export interface WorldBase {
  readonly clock: VirtualClock;
  /** Called once, when the links and the recorder are there. */
  readonly network: (parts: { readonly tap: Tap; readonly interconnect: Link }) => WorldNetwork;
  /** The digest of a host's public key (RFC 7469 section 2.4); a host that renews its key has another in each generation. */
  readonly pinOf: (host: string, generation: number) => string;
}

export function simulatedBase(startMs?: number): WorldBase {
  const clock = new VirtualClock(startMs);
  return {
    clock,
    network: (parts) => new SimulatedNetwork({ ...parts, clock }),
    pinOf: (host, generation) => validCertificate(host, generation).spkiSha256,
  };
}

/** `startMs`: when time begins, in milliseconds since the Unix epoch; a date of its own unless given. */
export async function worldBase(kind: NetworkKind, startMs?: number): Promise<WorldBase> {
  if (kind === 'simulated') return simulatedBase(startMs);
  // Loaded when asked for: it brings all of X.509 with it.
  const { socketBase } = await import('./socket-base.ts');
  return socketBase(startMs);
}
