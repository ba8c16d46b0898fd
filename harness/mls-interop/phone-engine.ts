/**
 * The MLS of a phone over the contract of the MLS working group (docs/mls-interop.md): whatever implementation serves it
 * takes the phone's place in every group. The contract says nothing of extensions at creation, of proposals by other
 * names, of padding and of last-resort KeyPackages, so such a phone does without.
 */
import type {
  GroupWish,
  LeafWish,
  MlsEngine,
  MlsEnginePorts,
  ProtectWish,
} from '../../stack/client/mls-engine.ts';
import { toHex } from '../../stack/crypto/bytes.ts';
import {
  decodeKeyPackage,
  decodeMlsMessage,
  encodeKeyPackage,
  encodeMlsMessage,
  keyPackageRef,
  type MlsContext,
  verifyGroupInfo,
} from '../../stack/mls/index.ts';
import type { EngineSource } from '../world/engine-source.ts';
import type { Request } from './contract.ts';
import { connectPeer, type MlsPeer } from './peer.ts';
import { RpcError } from './rpc-error.ts';

/** Milliseconds that one call may take. */
const CALL_TIMEOUT_MS = 20_000;

export function grpcEngineSource(address: string): EngineSource {
  return {
    lacks: ['era', 'signed-receipts', 'padding'],
    nondeterministic: `the MLS at ${address} draws its own keys`,
    cipherSuites: async () => {
      const peer = connectPeer(address, CALL_TIMEOUT_MS);
      try {
        return (await peer.call('SupportedCiphersuites', {})).ciphersuites;
      } finally {
        peer.close();
      }
    },
    create: (ports) => phoneEngineOn(connectPeer(address, CALL_TIMEOUT_MS), ports),
  };
}

interface RemoteState {
  readonly stateId: number;
  /** Application messages sent in this epoch: the generation of the next one (RFC 9420 section 9.1). */
  readonly sent: number;
}

/** A phone's engine on one implementation of the contract. Closing it closes `peer`. */
export function phoneEngineOn(peer: MlsPeer, ports: MlsEnginePorts): MlsEngine {
  return new RemoteEngine(peer, { suiteProvider: ports.suites, random: ports.random, now: ports.now });
}

class RemoteEngine implements MlsEngine<RemoteState> {
  readonly #peer: MlsPeer;
  /** To read what the implementation hands out in public; it has no key. */
  readonly #reader: MlsContext;
  /** By KeyPackageRef in hex. */
  readonly #waiting = new Map<string, { readonly transactionId: number; readonly identity: Uint8Array }>();
  readonly #held = new Set<number>();

  constructor(peer: MlsPeer, reader: MlsContext) {
    this.#peer = peer;
    this.#reader = reader;
  }

  async keyPackage({ cipherSuite, ...leaf }: LeafWish, lastResort: boolean): Promise<Uint8Array | undefined> {
    if (lastResort) return undefined;
    const identity = identityOf(leaf);
    const made = await this.#peer.call('CreateKeyPackage', { cipherSuite, identity });
    const message = decodeMlsMessage(made.keyPackage);
    if (message.kind !== 'keyPackage')
      throw new RpcError('INTERNAL', `key_package: ${message.kind} instead of a KeyPackage`);
    const { transactionId } = made;
    this.#held.add(transactionId);
    this.#waiting.set(toHex(keyPackageRef(this.#reader, message.keyPackage)), { transactionId, identity });
    return encodeKeyPackage(message.keyPackage);
  }

  async create({ cipherSuite, ...leaf }: LeafWish, { groupId, extensions, members }: GroupWish) {
    if (extensions.length > 0) throw new RpcError('UNIMPLEMENTED', 'extensions in the first GroupContext');
    const identity = identityOf(leaf);
    const created = await this.#peer.call('CreateGroup', {
      groupId,
      cipherSuite,
      encryptHandshake: false,
      identity,
    });
    const { welcome } = await this.#peer.call('Commit', {
      stateId: created.stateId,
      byReference: [],
      byValue: members.map(addition),
      forcePath: false,
      externalTree: false,
    });
    const { stateId } = await this.#peer.call('HandlePendingCommit', { stateId: created.stateId });
    return { state: this.#hold(stateId), welcome };
  }

  async join(welcome: Uint8Array): Promise<RemoteState> {
    const message = decodeMlsMessage(welcome);
    if (message.kind !== 'welcome') throw new RpcError('INVALID_ARGUMENT', `${message.kind}, no Welcome`);
    const own = message.welcome.secrets.map(({ newMember }) => toHex(newMember));
    const ref = own.find((one) => this.#waiting.has(one));
    if (ref === undefined)
      throw new RpcError('INVALID_ARGUMENT', 'the Welcome is for none of the KeyPackages');
    const { transactionId, identity } = this.#waiting.get(ref)!;
    const { stateId } = await this.#peer.call('JoinGroup', {
      transactionId,
      welcome,
      encryptHandshake: false,
      identity,
      ratchetTree: new Uint8Array(0),
    });
    this.#waiting.delete(ref);
    this.#held.delete(transactionId);
    return this.#hold(stateId);
  }

  async facts({ stateId }: RemoteState) {
    const { groupInfo } = await this.#peer.call('GroupInfo', { stateId, externalTree: false });
    const { stateAuthSecret } = await this.#peer.call('StateAuth', { stateId });
    const { groupContext, roster } = verifyGroupInfo(this.#reader, groupInfo);
    const { groupId, epoch, treeHash, extensions } = groupContext;
    return { groupId, epoch, treeHash, extensions, members: roster, epochAuthenticator: stateAuthSecret };
  }

  async exporter({ stateId }: RemoteState, label: string, context: Uint8Array, keyLength: number) {
    return (await this.#peer.call('Export', { stateId, label, context, keyLength })).exportedSecret;
  }

  async protect(
    { stateId, sent }: RemoteState,
    content: (generation: number) => Uint8Array,
    { authenticatedData }: ProtectWish,
  ) {
    const plaintext = content(sent);
    const { ciphertext } = await this.#peer.call('Protect', { stateId, authenticatedData, plaintext });
    return { state: { stateId, sent: sent + 1 }, message: ciphertext };
  }

  async unprotect(state: RemoteState, ciphertext: Uint8Array) {
    const { stateId } = state;
    const { plaintext, authenticatedData } = await this.#peer.call('Unprotect', { stateId, ciphertext });
    return { state, content: plaintext, authenticatedData };
  }

  /** Gives back what was made, then hangs up. */
  async close(): Promise<void> {
    for (const stateId of this.#held) await this.#peer.call('Free', { stateId }).catch(toleratingUnknown);
    this.#peer.close();
  }

  #hold(stateId: number): RemoteState {
    this.#held.add(stateId);
    return { stateId, sent: 0 };
  }
}

/** What the other side has forgotten need not be given back, and one that is gone has nothing left to free. */
function toleratingUnknown(error: unknown): void {
  if (!(error instanceof RpcError)) throw error;
}

function addition(keyPackage: Uint8Array): Request<'Commit'>['byValue'][number] {
  return {
    proposalType: new TextEncoder().encode('add'),
    keyPackage: encodeMlsMessage({ kind: 'keyPackage', keyPackage: decodeKeyPackage(keyPackage) }),
  };
}

function identityOf({ credential }: Pick<LeafWish, 'credential'>): Uint8Array {
  if (credential.type !== 1) throw new RpcError('UNIMPLEMENTED', 'credentials other than basic');
  return credential.identity;
}
