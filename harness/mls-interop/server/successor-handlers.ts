/** Groups that take up another: by reinitialisation (RFC 9420 section 11.2) or as a branch (section 11.3). */
import {
  type CommitResult,
  createBranch,
  createReInitGroup,
  joinFromWelcome,
  type VerifiedKeyPackage,
  verifyKeyPackage,
} from '../../../stack/mls/index.ts';
import type { Service, Subgroup } from '../contract.ts';
import { extensionsIn, freshBundle, type InteropClient, keyPackageIn, mlsContext } from './client.ts';
import { besideTree, entered, newMember, treeOut } from './group-handlers.ts';
import type { Psks } from './held-table.ts';
import { ownIdentity } from './own-identity.ts';

type SuccessorMethod = 'ReInitWelcome' | 'HandleReInitWelcome' | 'CreateBranch' | 'HandleBranch';

export function successorHandlers(client: InteropClient): Pick<Service, SuccessorMethod> {
  const { held } = client;
  const context = mlsContext(client);

  const verified = (keyPackages: readonly Uint8Array[]): VerifiedKeyPackage[] =>
    keyPackages.map((bytes, index) => verifyKeyPackage(context, keyPackageIn(bytes, `key_package ${index}`)));
  const subgroup = ({ state, welcome }: CommitResult, psks: Psks, externalTree: boolean): Subgroup => ({
    ...entered(held.add(newMember(state, psks)), state),
    welcome: welcome ?? new Uint8Array(0),
    ratchetTree: treeOut(state, externalTree),
  });

  return {
    ReInitWelcome({ reinitId, keyPackage, forcePath, externalTree }) {
      const { group, bundle } = held.get(reinitId, 'reinitialisation');
      const result = createReInitGroup(context, group.state, {
        bundle,
        members: verified(keyPackage),
        path: forcePath,
        ratchetTreeExtension: !externalTree,
      });
      held.delete(reinitId);
      return subgroup(result, group.psks, externalTree);
    },

    HandleReInitWelcome({ reinitId, welcome, ratchetTree }) {
      const { group, bundle } = held.get(reinitId, 'reinitialisation');
      const { state } = joinFromWelcome(mlsContext(client, group.psks), {
        welcome,
        bundles: [bundle],
        ...besideTree(ratchetTree),
        predecessor: group.state,
      });
      held.delete(reinitId);
      return entered(held.add(newMember(state, group.psks)), state);
    },

    CreateBranch({ stateId, groupId, extensions, keyPackages, forcePath, externalTree }) {
      const { state, psks } = held.get(stateId, 'group state');
      const result = createBranch(context, state, {
        groupId,
        extensions: extensionsIn(extensions),
        bundle: freshBundle(client, state.suite.id, ownIdentity(state)),
        members: verified(keyPackages),
        path: forcePath,
        ratchetTreeExtension: !externalTree,
      });
      return subgroup(result, psks, externalTree);
    },

    HandleBranch({ stateId, transactionId, welcome, ratchetTree }) {
      const from = held.get(stateId, 'group state');
      const { bundle, psks } = held.get(transactionId, 'key package');
      const { state } = joinFromWelcome(mlsContext(client, psks), {
        welcome,
        bundles: [bundle],
        ...besideTree(ratchetTree),
        predecessor: from.state,
      });
      held.delete(transactionId);
      return entered(held.add(newMember(state, psks)), state);
    },
  };
}
