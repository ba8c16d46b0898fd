/**
 * An MLS implementation as the bench and the differential tests of suites/peers see it: RFC 9420 messages in and out as
 * bytes, its own state opaque. A state handed in is left usable, so that an operation can be repeated from it.
 */

export type Awaitable<T> = T | Promise<T>;

/** Raw, as section 5.1.1 has them. */
export interface SignatureKeys {
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

/** A KeyPackage and its private keys as raw bytes: any engine can take the seat that another one prepared. */
export interface KeyBundle {
  /** The bare struct of section 10, without the MLSMessage header. */
  readonly keyPackage: Uint8Array;
  readonly initPrivateKey: Uint8Array;
  readonly leafPrivateKey: Uint8Array;
  readonly signatureKeys: SignatureKeys;
}

/** Section 8.4, an external one. */
export interface ExternalPsk {
  readonly id: Uint8Array;
  readonly secret: Uint8Array;
}

export type EngineProposal =
  | { readonly kind: 'add'; readonly keyPackage: Uint8Array }
  | { readonly kind: 'remove'; readonly leaf: number }
  | { readonly kind: 'update' }
  | { readonly kind: 'psk'; readonly id: Uint8Array }
  | { readonly kind: 'reinit'; readonly groupId: Uint8Array }
  | { readonly kind: 'extensions'; readonly extensions: readonly EngineExtension[] };

export interface EngineExtension {
  readonly type: number;
  readonly data: Uint8Array;
}

export type Framing = 'public' | 'private';

export interface EngineCommit {
  /** By value; proposals received or sent in this epoch are committed by reference. None of either: an update of the path. */
  readonly proposals?: readonly Exclude<EngineProposal, { kind: 'update' }>[];
  /** Those that the proposals of either sort name. */
  readonly psks?: readonly ExternalPsk[];
  readonly framing: Framing;
  /** Default true. An engine that never sends a path with Adds alone may take it for false there (section 12.4). */
  readonly path?: boolean;
}

export interface Committed<State> {
  readonly state: State;
  /** MLSMessage. */
  readonly commit: Uint8Array;
  /** MLSMessage with the tree in it; absent when nobody was added. */
  readonly welcome: Uint8Array | undefined;
}

export type Processed<State> =
  | { readonly kind: 'application'; readonly state: State; readonly content: Uint8Array }
  | { readonly kind: 'handshake'; readonly state: State; readonly removed: boolean };

/** What the joiner brings besides its bundle. */
export interface JoinOptions<State> {
  readonly psks?: readonly ExternalPsk[];
  /** The state of the group that this one continues or branches off (section 11.2 and 11.3). */
  readonly from?: State;
}

export interface MlsEngine<State = unknown> {
  readonly name: string;
  /** Whether it can commit GroupContextExtensions as section 12.4 has them. */
  readonly commitsExtensions: boolean;
  /** Basic credential, capabilities of nothing but the suite; fresh signature keys unless they are given. */
  keyPackage(identity: Uint8Array, signatureKeys?: SignatureKeys): Awaitable<KeyBundle>;
  create(bundle: KeyBundle, groupId: Uint8Array): Awaitable<State>;
  commit(state: State, what: EngineCommit): Awaitable<Committed<State>>;
  propose(
    state: State,
    proposal: EngineProposal,
    framing: Framing,
  ): Awaitable<{ readonly state: State; readonly message: Uint8Array }>;
  join(bundle: KeyBundle, welcome: Uint8Array, options?: JoinOptions<State>): Awaitable<State>;
  /** MLSMessage with ratchet_tree and external_pub. */
  groupInfo(state: State): Awaitable<Uint8Array>;
  /** `replaces`: one's earlier leaf, which has the bundle's signature key, is removed (section 12.4.3.2, resync). */
  joinExternally(
    bundle: KeyBundle,
    groupInfo: Uint8Array,
    replaces?: number,
  ): Awaitable<{ readonly state: State; readonly commit: Uint8Array }>;
  process(state: State, message: Uint8Array, psks?: readonly ExternalPsk[]): Awaitable<Processed<State>>;
  protect(
    state: State,
    content: Uint8Array,
  ): Awaitable<{ readonly state: State; readonly message: Uint8Array }>;
  /**
   * `reinit` (section 11.2): the group that a committed ReInit announced, with all other members of the old one.
   * `branch` (section 11.3): a new group of some of them. `members` are their new KeyPackages.
   */
  resume(
    old: State,
    usage: 'reinit' | 'branch',
    bundle: KeyBundle,
    groupId: Uint8Array,
    members: readonly Uint8Array[],
  ): Awaitable<Committed<State>>;
  epoch(state: State): bigint;
  ownLeaf(state: State): number;
  members(state: State): number;
  treeHash(state: State): Uint8Array;
  epochAuthenticator(state: State): Uint8Array;
  exporter(state: State, label: string, context: Uint8Array, length: number): Awaitable<Uint8Array>;
  /** `optional<Node> ratchet_tree<V>`, section 12.4.3.3. */
  ratchetTree(state: State): Uint8Array;
  /** For a process that ends and starts again; RFC 9420 has no format for it. */
  encodeState(state: State): Awaitable<Uint8Array>;
  decodeState(bytes: Uint8Array): Awaitable<State>;
}
