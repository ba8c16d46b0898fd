/** Commits: creating one, taking one's own, taking another's. Those that hold a ReInit end in ReInitCommitted. */
import { toHex } from '../../../stack/crypto/bytes.ts';
import {
  commit,
  epochAuthenticator,
  pathRequired,
  process,
  reInit,
  roster,
} from '../../../stack/mls/index.ts';
import type {
  CommitRequest,
  CommitResponse,
  Entered,
  HandleCommitRequest,
  ReInitCommitted,
  Service,
} from '../contract.ts';
import { RpcError } from '../rpc-error.ts';
import { freshBundle, type InteropClient, keyPackageMessage, mlsContext } from './client.ts';
import { entered, newMember, treeOut } from './group-handlers.ts';
import type { HeldGroup } from './held-table.ts';
import { ownIdentity } from './own-identity.ts';
import { ensureNothingPending } from './proposal-handlers.ts';
import { proposalOf } from './proposal-of.ts';

type CommitMethod =
  | 'Commit'
  | 'HandleCommit'
  | 'HandlePendingCommit'
  | 'ReInitCommit'
  | 'HandlePendingReInitCommit'
  | 'HandleReInitCommit';

export function commitHandlers(client: InteropClient): Pick<Service, CommitMethod> {
  const { held } = client;

  const create = (request: CommitRequest): CommitResponse => {
    const { stateId, byReference, byValue, forcePath, externalTree } = request;
    const before = held.get(stateId, 'group state');
    ensureNothingPending(before);
    const { group, references } = takeProposals(client, before, byReference);
    const { state } = group;
    const context = mlsContext(client, group.psks);
    const subject = { groupContext: state.groupContext, roster: roster(state) };
    const proposals = byValue.map((description) => proposalOf(context, subject, description));
    const referenced = state.pending.filter(({ reference }) => references.includes(toHex(reference)));
    const all = [...referenced.map(({ proposal }) => proposal), ...proposals];
    const result = commit(context, state, {
      references: referenced.map(({ reference }) => reference),
      proposals,
      path: forcePath || pathRequired(all),
      ratchetTreeExtension: !externalTree,
    });
    held.replace(stateId, { ...group, pendingCommit: result.state });
    return {
      commit: result.commit,
      welcome: result.welcome ?? new Uint8Array(0),
      ratchetTree: treeOut(result.state, externalTree),
    };
  };

  const takeOwn = (stateId: number): HeldGroup => {
    const { pendingCommit, psks } = held.get(stateId, 'group state');
    if (pendingCommit === undefined) {
      throw new RpcError('FAILED_PRECONDITION', 'no commit of this member is pending');
    }
    return newMember(pendingCommit, psks);
  };

  const takeOthers = ({ stateId, proposal, commit: message }: HandleCommitRequest): HeldGroup => {
    const { group } = takeProposals(client, held.get(stateId, 'group state'), proposal);
    const received = process(mlsContext(client, group.psks), group.state, message);
    if (received.kind !== 'commit') {
      throw new RpcError('INVALID_ARGUMENT', `commit: expected a commit, found a ${received.kind}`);
    }
    return newMember(received.state, group.psks);
  };

  /** Whom the commit removed enters no epoch: its authenticator is empty. */
  const enter = (stateId: number, group: HeldGroup): Entered => {
    held.replace(stateId, group);
    const { state } = group;
    return state.removed ? { stateId, epochAuthenticator: new Uint8Array(0) } : entered(stateId, state);
  };

  /** The group is closed: what is left of it is held for the one that follows, under the identity of its member. */
  const close = (stateId: number, group: HeldGroup): ReInitCommitted => {
    const { state } = group;
    const asked = reInit(state);
    if (asked === undefined) throw new RpcError('INVALID_ARGUMENT', 'commit: it holds no ReInit');
    const bundle = freshBundle(client, asked.cipherSuite, ownIdentity(state));
    const reinitId = held.add({ kind: 'reinitialisation', group, bundle });
    held.delete(stateId);
    return {
      reinitId,
      keyPackage: keyPackageMessage(bundle.keyPackage),
      epochAuthenticator: epochAuthenticator(state),
    };
  };

  return {
    Commit: create,
    HandlePendingCommit: ({ stateId }) => enter(stateId, takeOwn(stateId)),
    HandleCommit: (request) => enter(request.stateId, takeOthers(request)),
    ReInitCommit: create,
    HandlePendingReInitCommit: ({ stateId }) => close(stateId, takeOwn(stateId)),
    HandleReInitCommit: (request) => close(request.stateId, takeOthers(request)),
  };
}

/** The group once it knows all of `messages`, and their references. One's own, and those seen before, are known. */
function takeProposals(
  client: InteropClient,
  before: HeldGroup,
  messages: readonly Uint8Array[],
): { readonly group: HeldGroup; readonly references: readonly string[] } {
  let group = before;
  const references = messages.map((message, index) => {
    const name = toHex(message);
    const known = group.proposals.get(name);
    if (known !== undefined) return known;
    const received = process(mlsContext(client), group.state, message);
    if (received.kind !== 'proposal') {
      throw new RpcError(
        'INVALID_ARGUMENT',
        `proposal ${index}: expected a proposal, found a ${received.kind}`,
      );
    }
    const reference = toHex(received.reference);
    group = { ...group, state: received.state, proposals: new Map([...group.proposals, [name, reference]]) };
    return reference;
  });
  return { group, references };
}
