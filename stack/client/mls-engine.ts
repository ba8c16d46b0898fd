/**
 * What a one-to-one conversation of RCC.16 asks of an MLS implementation. `parley-engine.ts` is the stack's own; any other
 * can take its place. States are opaque and a state handed in is left usable: what fails changes nothing.
 */
import type { CipherSuiteId, CryptoProvider } from '../crypto/index.ts';
import type { Credential, Extension, Lifetime } from '../mls/index.ts';
import type { Random } from '../platform.ts';
import type { Awaitable } from './awaitable.ts';

/**
 * Parts of RCC.16 that not every implementation can do: the era extension in the GroupContext (section 7.11.1.1), receipts
 * signed by a bare rcs_signature proposal (7.6.2), content padded as the sender chooses (Padmé, docs/rcc16.md 9.1).
 */
export type Rcc16Part = 'era' | 'signed-receipts' | 'padding';

/** The leaf that a KeyPackage offers or a group begins with. */
export interface LeafWish {
  readonly cipherSuite: CipherSuiteId;
  readonly credential: Credential;
  readonly lifetime: Lifetime;
  /** Beyond what RFC 9420 has everyone support. An implementation without say in them may list fewer. */
  readonly capabilities: { readonly extensions: readonly number[]; readonly proposals: readonly number[] };
}

export interface GroupWish {
  readonly groupId: Uint8Array;
  /** Of the first GroupContext. */
  readonly extensions: readonly Extension[];
  /** KeyPackage structs (RFC 9420 section 10) of all other members, who are added in one commit. */
  readonly members: readonly Uint8Array[];
}

export interface GroupMember {
  readonly leafIndex: number;
  readonly credential: Credential;
  readonly capabilities: { readonly extensions: readonly number[]; readonly proposals: readonly number[] };
}

/** What is public about one epoch of a group. */
export interface GroupFacts {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly treeHash: Uint8Array;
  readonly epochAuthenticator: Uint8Array;
  readonly extensions: readonly Extension[];
  /** By leaf index. */
  readonly members: readonly GroupMember[];
}

export interface ProtectWish {
  readonly authenticatedData: Uint8Array;
  /** Bytes of zeros to add for a content of the given length. */
  readonly paddingLength: (contentLength: number) => number;
}

export interface Unprotected<State> {
  readonly state: State;
  readonly content: Uint8Array;
  readonly authenticatedData: Uint8Array;
  /** Absent when the implementation does not tell. */
  readonly generation?: number;
  readonly senderLeaf?: number;
}

/** Signatures of receipts (RCC.16 section 7.6.2): a detached rcs_signature proposal whose authenticated_data is signed. */
export interface ReceiptSigning<State> {
  /** A PublicMessage. */
  sign(state: State, statement: Uint8Array): Awaitable<Uint8Array>;
  /** Throws or rejects when it is no such signature of a member. */
  verify(
    state: State,
    message: Uint8Array,
  ): Awaitable<{ readonly statement: Uint8Array; readonly senderLeaf: number }>;
}

/** Every method throws or rejects for what it refuses. Messages are MLSMessages. */
export interface MlsEngine<State = unknown> {
  /** A KeyPackage struct; its private keys stay inside. Undefined: it can't mark one as the last resort. */
  keyPackage(leaf: LeafWish, lastResort: boolean): Awaitable<Uint8Array | undefined>;
  /** A group of `leaf` and all members. The Welcome has the tree in it. */
  create(
    leaf: LeafWish,
    group: GroupWish,
  ): Awaitable<{ readonly state: State; readonly welcome: Uint8Array }>;
  /** By a Welcome to one of its KeyPackages, which is then used up unless it is the last resort. */
  join(welcome: Uint8Array): Awaitable<State>;
  facts(state: State): Awaitable<GroupFacts>;
  /** RFC 9420 section 8.5. */
  exporter(state: State, label: string, context: Uint8Array, length: number): Awaitable<Uint8Array>;
  /** `content` depends on the generation of the sender's ratchet that it will be sent with. */
  protect(
    state: State,
    content: (generation: number) => Uint8Array,
    wish: ProtectWish,
  ): Awaitable<{ readonly state: State; readonly message: Uint8Array }>;
  unprotect(state: State, message: Uint8Array): Awaitable<Unprotected<State>>;
  /** Absent: it can't sign receipts. */
  readonly receipts?: ReceiptSigning<State>;
  /** Gives back what it holds outside of this process. */
  close?(): Awaitable<void>;
}

export interface MlsEnginePorts {
  /** Primitives, for an implementation that takes others than its own. */
  readonly suites: CryptoProvider;
  readonly random: Random;
  /** Seconds since the Unix epoch. */
  readonly now: () => number;
}

export type CreateMlsEngine = (ports: MlsEnginePorts) => MlsEngine;
