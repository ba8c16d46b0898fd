/** What the ts-mls client of the interoperability contract holds, and how its groups move from epoch to epoch. */
import {
  type CiphersuiteImpl,
  type ClientConfig,
  type ClientState,
  createCommit,
  createGroup,
  createProposal,
  defaultAuthenticationService,
  defaultKeyPackageEqualityConfig,
  defaultLifetimeConfig,
  type Extension,
  encodeMlsMessage,
  joinGroup,
  makePskIndex,
  type Proposal,
} from 'ts-mls';
import { encodeRatchetTree } from 'ts-mls/ratchetTree.js';
import { makeResumptionPsk } from 'ts-mls/resumption.js';
import type { KeyBundle } from '../../harness/bench/mls-engine.ts';
import type {
  CommitRequest,
  CommitResponse,
  HandleCommitRequest,
  ReInitCommitted,
  Subgroup,
} from '../../harness/mls-interop/contract.ts';
import { RpcError } from '../../harness/mls-interop/rpc-error.ts';
import {
  base64,
  bundleIn,
  ensureNoNewExtensions,
  ensurePathAsWanted,
  hex,
  keyPackageIn,
  keyPackageOut,
  messageOut,
  none,
  ownIdentity,
  proposalIn,
  treeIn,
} from './ts-mls-grpc-values.ts';
import { type TsMlsState, tsMlsEngine } from './ts-mls-member.ts';
import { decodeWhole } from './ts-mls-workarounds.ts';

export const config: ClientConfig = {
  keyRetentionConfig: {
    retainKeysForGenerations: 100,
    retainKeysForEpochs: 8,
    maximumForwardRatchetSteps: 200,
  },
  lifetimeConfig: defaultLifetimeConfig,
  keyPackageEqualityConfig: defaultKeyPackageEqualityConfig,
  paddingConfig: { kind: 'alwaysPad', paddingLength: 0 },
  authService: defaultAuthenticationService,
};

export interface Psk {
  readonly id: Uint8Array;
  readonly secret: Uint8Array;
}
export interface Group {
  readonly kind: 'group';
  readonly suite: number;
  readonly state: TsMlsState;
  readonly encrypt: boolean;
  readonly psks: readonly Psk[];
  /** Key among the unapplied proposals, by message in hex. */
  readonly known: ReadonlyMap<string, string>;
  readonly pending?: TsMlsState;
}
export interface Waiting {
  readonly kind: 'key package';
  readonly suite: number;
  readonly bundle: KeyBundle;
  readonly psks: readonly Psk[];
}
export interface Closed {
  readonly kind: 'reinit';
  readonly group: Group;
  readonly suite: number;
  readonly bundle: KeyBundle;
}
type Held = Group | Waiting | Closed;

/** Where a Welcome leads to. */
export interface Arrival {
  readonly welcome: Uint8Array;
  readonly ratchetTree: Uint8Array;
  readonly encrypt: boolean;
  readonly predecessor?: ClientState;
}

/** A group to be created as the successor of another. */
export interface Succession {
  readonly usage: 'reinit' | 'branch';
  readonly suite: number;
  readonly bundle: KeyBundle;
  readonly groupId: Uint8Array;
  readonly extensions: Extension[];
  readonly members: readonly Uint8Array[];
  readonly forcePath: boolean;
  readonly externalTree: boolean;
}

export class TsMlsGroups {
  readonly suites: ReadonlyMap<number, CiphersuiteImpl>;
  readonly #held = new Map<number, Held>();
  #lastId = 0;

  constructor(suites: ReadonlyMap<number, CiphersuiteImpl>) {
    this.suites = suites;
  }

  add(held: Held): number {
    this.#held.set(++this.#lastId, held);
    return this.#lastId;
  }

  get<K extends Held['kind']>(id: number, ...kinds: readonly K[]): Extract<Held, { kind: K }> {
    const found = this.#held.get(id);
    if (found === undefined || !(kinds as readonly string[]).includes(found.kind)) {
      throw new RpcError('NOT_FOUND', `no ${kinds.join(' or ')} ${id}`);
    }
    return found as Extract<Held, { kind: K }>;
  }

  replace(id: number, held: Held): void {
    this.#held.set(id, held);
  }

  delete(id: number): void {
    this.#held.delete(id);
  }

  suite(id: number): CiphersuiteImpl {
    const found = this.suites.get(id);
    if (found === undefined) throw new RpcError('UNIMPLEMENTED', `cipher suite ${id}`);
    return found;
  }

  engine(id: number) {
    return tsMlsEngine('ts-mls', this.suite(id));
  }

  entered(stateId: number, { state }: Group) {
    return { stateId, epochAuthenticator: state.client.keySchedule.epochAuthenticator };
  }

  enter(stateId: number, group: Group) {
    this.replace(stateId, group);
    return this.entered(stateId, group);
  }

  async propose(stateId: number, make: (group: Group) => Proposal | 'update') {
    const group = this.get(stateId, 'group');
    const { client } = group.state;
    const proposal = make(group);
    const framing = group.encrypt ? 'private' : 'public';
    const sent =
      proposal === 'update'
        ? await this.engine(group.suite).propose(group.state, { kind: 'update' }, framing)
        : await createProposal(client, !group.encrypt, proposal, this.suite(group.suite)).then(
            ({ newState, message }) => ({
              state: { ...group.state, client: newState },
              message: encodeMlsMessage(message),
            }),
          );
    this.replace(stateId, learnt(group, sent.state, sent.message));
    return { proposal: sent.message };
  }

  async commit({ stateId, byReference, byValue, ...wanted }: CommitRequest): Promise<CommitResponse> {
    const [group, keys] = await this.#take(this.get(stateId, 'group'), byReference);
    const { client } = group.state;
    const cs = this.suite(group.suite);
    const extraProposals = byValue.map((description) => proposalIn(cs, client, description));
    const unapplied = Object.entries(client.unappliedProposals).filter(([key]) => keys.includes(key));
    const proposals = [...unapplied.map(([, { proposal }]) => proposal), ...extraProposals];
    ensureNoNewExtensions(proposals);
    ensurePathAsWanted(wanted.forcePath, proposals);
    const { newState, commit, welcome } = await createCommit(
      {
        state: { ...client, unappliedProposals: Object.fromEntries(unapplied) },
        pskIndex: pskIndex(client, group.psks),
        cipherSuite: cs,
      },
      {
        extraProposals,
        wireAsPublicMessage: !group.encrypt,
        ratchetTreeExtension: !wanted.externalTree,
      },
    );
    this.replace(stateId, { ...group, pending: { client: newState } });
    return {
      commit: encodeMlsMessage(commit),
      welcome: welcome === undefined ? none : messageOut({ wireformat: 'mls_welcome', welcome }),
      ratchetTree: wanted.externalTree ? encodeRatchetTree(newState.ratchetTree) : none,
    };
  }

  takeOwn(stateId: number): Group {
    const { pending, ...group } = this.get(stateId, 'group');
    if (pending === undefined) throw new RpcError('FAILED_PRECONDITION', 'no commit is pending');
    return { ...group, state: pending, known: new Map() };
  }

  async takeOthers({ stateId, proposal, commit }: HandleCommitRequest): Promise<Group> {
    const [{ pending: _, ...group }] = await this.#take(this.get(stateId, 'group'), proposal);
    const { state } = await this.engine(group.suite).process(group.state, commit, group.psks);
    return { ...group, state, known: new Map() };
  }

  /** What a group that a ReInit closed leaves behind. */
  async close(stateId: number, group: Group): Promise<ReInitCommitted> {
    const { client } = group.state;
    const active = client.groupActiveState;
    if (active.kind !== 'suspendedPendingReinit')
      throw new RpcError('INVALID_ARGUMENT', 'no ReInit committed');
    const suite = [...this.suites].find(([, { name }]) => name === active.reinit.cipherSuite)?.[0] ?? 0;
    const bundle = await this.engine(suite).keyPackage(ownIdentity(client));
    this.delete(stateId);
    return {
      reinitId: this.add({ kind: 'reinit', group, suite, bundle }),
      keyPackage: keyPackageOut(bundle),
      epochAuthenticator: client.keySchedule.epochAuthenticator,
    };
  }

  async join({ bundle, suite, psks }: Omit<Waiting, 'kind'>, arrival: Arrival) {
    const decoded = decodeWhole(arrival.welcome);
    if (decoded.wireformat !== 'mls_welcome') throw new RpcError('INVALID_ARGUMENT', 'not a Welcome');
    const { keyPackage, privateKeys } = bundleIn(bundle);
    const { predecessor, encrypt } = arrival;
    const client = await joinGroup(
      decoded.welcome,
      keyPackage,
      privateKeys,
      pskIndex(predecessor, psks),
      this.suite(suite),
      treeIn(arrival.ratchetTree),
      predecessor,
      config,
    );
    const group: Group = { kind: 'group', suite, state: { client }, encrypt, psks, known: new Map() };
    return this.entered(this.add(group), group);
  }

  async succeed({ state, encrypt, psks }: Group, asked: Succession): Promise<Subgroup> {
    const { suite, members, externalTree } = asked;
    const cs = this.suite(suite);
    const { keyPackage, privateKeys } = bundleIn(asked.bundle);
    const created = await createGroup(asked.groupId, keyPackage, privateKeys, asked.extensions, cs, config);
    const { id: preSharedKeyId } = makeResumptionPsk(state.client, asked.usage, cs);
    const extraProposals: Proposal[] = [
      ...members.map(
        (bytes): Proposal => ({ proposalType: 'add', add: { keyPackage: keyPackageIn(bytes) } }),
      ),
      { proposalType: 'psk', psk: { preSharedKeyId } },
    ];
    ensurePathAsWanted(asked.forcePath, extraProposals);
    const { newState: client, welcome } = await createCommit(
      { state: created, pskIndex: pskIndex(state.client, psks), cipherSuite: cs },
      { extraProposals, wireAsPublicMessage: !encrypt, ratchetTreeExtension: !externalTree },
    );
    const group: Group = { kind: 'group', suite, state: { client }, encrypt, psks, known: new Map() };
    return {
      ...this.entered(this.add(group), group),
      welcome: messageOut({ wireformat: 'mls_welcome', welcome }),
      ratchetTree: externalTree ? encodeRatchetTree(client.ratchetTree) : none,
    };
  }

  /** Learns of the proposals it has not seen, and says under which keys it knows each. */
  async #take(before: Group, messages: readonly Uint8Array[]): Promise<[Group, string[]]> {
    let group = before;
    for (const message of messages) {
      if (group.known.has(hex(message))) continue;
      const { state } = await this.engine(group.suite).process(group.state, message, group.psks);
      group = learnt(group, state, message);
    }
    return [group, messages.map((message) => group.known.get(hex(message))!)];
  }
}

/** The group once `message`, a proposal, has brought it to `state`. */
function learnt(group: Group, state: TsMlsState, message: Uint8Array): Group {
  const before = group.state.client.unappliedProposals;
  const key = Object.keys(state.client.unappliedProposals).find((one) => !(one in before));
  if (key === undefined) throw new RpcError('INVALID_ARGUMENT', 'not a proposal');
  return { ...group, state, known: new Map([...group.known, [hex(message), key]]) };
}

function pskIndex(state: ClientState | undefined, psks: readonly Psk[]) {
  return makePskIndex(state, Object.fromEntries(psks.map(({ id, secret }) => [base64(id), secret])));
}
