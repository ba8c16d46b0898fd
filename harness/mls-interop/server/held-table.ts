import type { GroupState, KeyPackageBundle } from '../../../stack/mls/index.ts';
import { RpcError } from '../rpc-error.ts';

/** External PSKs, by id in hex. */
export type Psks = ReadonlyMap<string, Uint8Array>;

/** A member of a group. */
export interface HeldGroup {
  readonly kind: 'group state';
  readonly state: GroupState;
  readonly psks: Psks;
  /** Proposals sent or taken in this epoch: their reference in hex, by message in hex. */
  readonly proposals: ReadonlyMap<string, string>;
  /** Where the member will be once its own commit is accepted. */
  readonly pendingCommit?: GroupState;
}

/** A KeyPackage handed out, waiting for its Welcome. */
export interface HeldKeyPackage {
  readonly kind: 'key package';
  readonly bundle: KeyPackageBundle;
  readonly psks: Psks;
}

/** A party that is to propose from outside. */
export interface HeldSigner {
  readonly kind: 'external signer';
  readonly cipherSuite: number;
  readonly signaturePrivateKey: Uint8Array;
}

/** A group that a ReInit closed, and the KeyPackage for the one that follows. */
export interface HeldReInit {
  readonly kind: 'reinitialisation';
  readonly group: HeldGroup;
  readonly bundle: KeyPackageBundle;
}

export type Held = HeldGroup | HeldKeyPackage | HeldSigner | HeldReInit;
type OfKind<K extends Held['kind']> = Extract<Held, { kind: K }>;

const lastId = 0xffff_ffff;

/**
 * Everything the client holds for its callers, by one sequence of ids from 1, so that `state_or_transaction_id` is
 * never ambiguous. At most `limit` things are held; the least recently used goes first.
 */
export class HeldTable {
  readonly #held = new Map<number, Held>();
  readonly #limit: number;
  #nextId = 1;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** RpcError RESOURCE_EXHAUSTED once all 32-bit ids are spent. */
  add(held: Held): number {
    if (this.#nextId > lastId) throw new RpcError('RESOURCE_EXHAUSTED', 'all ids are spent');
    const id = this.#nextId++;
    this.#held.set(id, held);
    if (this.#held.size > this.#limit) this.#held.delete(this.#held.keys().next().value!);
    return id;
  }

  /** RpcError NOT_FOUND unless `id` stands for one of `kinds`. */
  get<K extends Held['kind']>(id: number, ...kinds: readonly K[]): OfKind<K> {
    const held = this.#held.get(id);
    const wanted = kinds.join(' or ');
    if (held === undefined) {
      const given = id > 0 && id < this.#nextId;
      const why = given ? `freed, used up or given up as the least recent of ${this.#limit}` : 'never given';
      throw new RpcError('NOT_FOUND', `no ${wanted} has the id ${id}: ${why}`);
    }
    if (!(kinds as readonly string[]).includes(held.kind)) {
      throw new RpcError('NOT_FOUND', `no ${wanted} has the id ${id}: it is a ${held.kind}`);
    }
    this.#held.delete(id);
    this.#held.set(id, held);
    return held as OfKind<K>;
  }

  replace(id: number, held: Held): void {
    this.#held.set(id, held);
  }

  delete(id: number): void {
    this.#held.delete(id);
  }
}
