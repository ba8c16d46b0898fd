/**
 * The calls of the MLS working group's interoperability service (mls_client.proto) as types. Message fields that hold
 * MLS structures: `keyPackage`, `welcome`, `groupInfo`, `commit`, `proposal` and `ciphertext` are MLSMessages (RFC 9420
 * section 6); `ratchetTree` is `optional<Node> ratchet_tree<V>` (section 12.4.3.3); `externalSender` is one
 * ExternalSender (section 12.1.8.1). Empty bytes stand for what is absent.
 */

/** Decimal digits: proto3's uint64 does not fit a number. */
export type Uint64 = string;

export interface ProtoExtension {
  readonly extensionType: number;
  readonly extensionData: Uint8Array;
}

export const proposalNames = [
  'add',
  'remove',
  'externalPSK',
  'resumptionPSK',
  'groupContextExtensions',
  'reinit',
] as const;
export type ProposalName = (typeof proposalNames)[number];

/** Which fields count depends on `proposalType`, a ProposalName in UTF-8. */
export interface ProposalDescription {
  readonly proposalType: Uint8Array;
  readonly keyPackage?: Uint8Array;
  /** The member's identity. */
  readonly removedId?: Uint8Array;
  readonly pskId?: Uint8Array;
  readonly epochId?: Uint64;
  readonly extensions?: readonly ProtoExtension[];
  readonly groupId?: Uint8Array;
  readonly cipherSuite?: number;
}

interface Rpc<Request, Response> {
  readonly request: Request;
  readonly response: Response;
}

export type Empty = Record<never, never>;

export interface OfState {
  readonly stateId: number;
}
export interface CommitRequest extends OfState {
  readonly byReference: readonly Uint8Array[];
  readonly byValue: readonly ProposalDescription[];
  readonly forcePath: boolean;
  readonly externalTree: boolean;
}
export interface CommitResponse {
  readonly commit: Uint8Array;
  readonly welcome: Uint8Array;
  readonly ratchetTree: Uint8Array;
}
export interface HandleCommitRequest extends OfState {
  readonly proposal: readonly Uint8Array[];
  readonly commit: Uint8Array;
}
/** Where a member stands once it has entered an epoch. */
export interface Entered extends OfState {
  readonly epochAuthenticator: Uint8Array;
}
export interface ReInitCommitted {
  readonly reinitId: number;
  /** Of the new suite, for the Welcome into the new group. */
  readonly keyPackage: Uint8Array;
  readonly epochAuthenticator: Uint8Array;
}
export interface Subgroup extends Entered {
  readonly welcome: Uint8Array;
  readonly ratchetTree: Uint8Array;
}
export interface ProposalResponse {
  readonly proposal: Uint8Array;
}
/** The private keys are handed out so that a runner can write passive-client vectors. */
export interface PrivateKeysOut {
  readonly initPriv: Uint8Array;
  readonly encryptionPriv: Uint8Array;
  readonly signaturePriv: Uint8Array;
}

export interface Contract {
  Name: Rpc<Empty, { readonly name: string }>;
  SupportedCiphersuites: Rpc<Empty, { readonly ciphersuites: readonly number[] }>;
  CreateGroup: Rpc<
    {
      readonly groupId: Uint8Array;
      readonly cipherSuite: number;
      readonly encryptHandshake: boolean;
      readonly identity: Uint8Array;
    },
    OfState
  >;
  CreateKeyPackage: Rpc<
    { readonly cipherSuite: number; readonly identity: Uint8Array },
    PrivateKeysOut & { readonly transactionId: number; readonly keyPackage: Uint8Array }
  >;
  JoinGroup: Rpc<
    {
      readonly transactionId: number;
      readonly welcome: Uint8Array;
      readonly encryptHandshake: boolean;
      readonly identity: Uint8Array;
      readonly ratchetTree: Uint8Array;
    },
    Entered
  >;
  ExternalJoin: Rpc<
    {
      readonly groupInfo: Uint8Array;
      readonly ratchetTree: Uint8Array;
      readonly encryptHandshake: boolean;
      readonly identity: Uint8Array;
      readonly removePrior: boolean;
      readonly psks: readonly { readonly pskId: Uint8Array; readonly pskSecret: Uint8Array }[];
    },
    Entered & { readonly commit: Uint8Array }
  >;
  GroupInfo: Rpc<
    OfState & { readonly externalTree: boolean },
    { readonly groupInfo: Uint8Array; readonly ratchetTree: Uint8Array }
  >;
  StateAuth: Rpc<OfState, { readonly stateAuthSecret: Uint8Array }>;
  Export: Rpc<
    OfState & { readonly label: string; readonly context: Uint8Array; readonly keyLength: number },
    { readonly exportedSecret: Uint8Array }
  >;
  Protect: Rpc<
    OfState & { readonly authenticatedData: Uint8Array; readonly plaintext: Uint8Array },
    { readonly ciphertext: Uint8Array }
  >;
  Unprotect: Rpc<
    OfState & { readonly ciphertext: Uint8Array },
    { readonly authenticatedData: Uint8Array; readonly plaintext: Uint8Array }
  >;
  StorePSK: Rpc<
    {
      readonly stateOrTransactionId: number;
      readonly pskId: Uint8Array;
      readonly pskSecret: Uint8Array;
    },
    Empty
  >;
  AddProposal: Rpc<OfState & { readonly keyPackage: Uint8Array }, ProposalResponse>;
  UpdateProposal: Rpc<OfState, ProposalResponse>;
  RemoveProposal: Rpc<OfState & { readonly removedId: Uint8Array }, ProposalResponse>;
  ExternalPSKProposal: Rpc<OfState & { readonly pskId: Uint8Array }, ProposalResponse>;
  ResumptionPSKProposal: Rpc<OfState & { readonly epochId: Uint64 }, ProposalResponse>;
  GroupContextExtensionsProposal: Rpc<
    OfState & { readonly extensions: readonly ProtoExtension[] },
    ProposalResponse
  >;
  Commit: Rpc<CommitRequest, CommitResponse>;
  HandleCommit: Rpc<HandleCommitRequest, Entered>;
  HandlePendingCommit: Rpc<OfState, Entered>;
  ReInitProposal: Rpc<
    OfState & {
      readonly cipherSuite: number;
      readonly groupId: Uint8Array;
      readonly extensions: readonly ProtoExtension[];
    },
    ProposalResponse
  >;
  ReInitCommit: Rpc<CommitRequest, CommitResponse>;
  HandlePendingReInitCommit: Rpc<OfState, ReInitCommitted>;
  HandleReInitCommit: Rpc<HandleCommitRequest, ReInitCommitted>;
  ReInitWelcome: Rpc<
    {
      readonly reinitId: number;
      readonly keyPackage: readonly Uint8Array[];
      readonly forcePath: boolean;
      readonly externalTree: boolean;
    },
    Subgroup
  >;
  HandleReInitWelcome: Rpc<
    { readonly reinitId: number; readonly welcome: Uint8Array; readonly ratchetTree: Uint8Array },
    Entered
  >;
  CreateBranch: Rpc<
    OfState & {
      readonly groupId: Uint8Array;
      readonly extensions: readonly ProtoExtension[];
      readonly keyPackages: readonly Uint8Array[];
      readonly forcePath: boolean;
      readonly externalTree: boolean;
    },
    Subgroup
  >;
  HandleBranch: Rpc<
    OfState & {
      readonly transactionId: number;
      readonly welcome: Uint8Array;
      readonly ratchetTree: Uint8Array;
    },
    Entered
  >;
  NewMemberAddProposal: Rpc<
    { readonly groupInfo: Uint8Array; readonly identity: Uint8Array },
    PrivateKeysOut & { readonly transactionId: number; readonly proposal: Uint8Array }
  >;
  CreateExternalSigner: Rpc<
    { readonly cipherSuite: number; readonly identity: Uint8Array },
    { readonly signerId: number; readonly externalSender: Uint8Array }
  >;
  AddExternalSigner: Rpc<OfState & { readonly externalSender: Uint8Array }, ProposalResponse>;
  ExternalSignerProposal: Rpc<
    {
      readonly signerId: number;
      readonly signerIndex: number;
      readonly groupInfo: Uint8Array;
      readonly ratchetTree: Uint8Array;
      /** Null when the message was left out. */
      readonly description: ProposalDescription | null;
    },
    ProposalResponse
  >;
  Free: Rpc<OfState, Empty>;
}

export type Method = keyof Contract;
export type Request<M extends Method> = Contract[M]['request'];
export type Response<M extends Method> = Contract[M]['response'];

/** One implementation of the contract. Refuses by throwing RpcError. */
export type Service = {
  readonly [M in Method]: (request: Request<M>) => Response<M> | Promise<Response<M>>;
};
