import { connectPeer, type MlsPeer } from '../peer.ts';
import { RpcError } from '../rpc-error.ts';

/** An implementation that plays. */
export interface Client {
  /** A, B, C ... in the order given. */
  readonly letter: string;
  readonly address: string;
  /** As it calls itself. */
  readonly name: string;
  /** As it declares. */
  readonly suites: readonly number[];
  readonly peer: MlsPeer;
}

/** More would need other letters, and no machine runs every assignment of so many. */
export const maxClients = 26;

/** Asks each for its name and suites. Throws RpcError, its message with the address, when one does not answer. */
export async function connectClients(addresses: readonly string[], timeoutMs: number): Promise<Client[]> {
  const peers = addresses.map((address) => connectPeer(address, timeoutMs));
  try {
    return await introduce(peers);
  } catch (error) {
    for (const peer of peers) peer.close();
    throw error;
  }
}

/** The clients that `peers` are, in their order. */
export function introduce(peers: readonly MlsPeer[]): Promise<Client[]> {
  return Promise.all(
    peers.map(async (peer, index) => {
      try {
        const { name } = await peer.call('Name', {});
        const { ciphersuites } = await peer.call('SupportedCiphersuites', {});
        const letter = String.fromCharCode('A'.charCodeAt(0) + index);
        return { letter, address: peer.address, name, suites: ciphersuites, peer };
      } catch (error) {
        if (!(error instanceof RpcError)) throw error;
        throw new RpcError(error.status, `${peer.address}: ${error.message}`);
      }
    }),
  );
}
