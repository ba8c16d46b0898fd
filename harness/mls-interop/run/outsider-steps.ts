/** Joining, and proposing, from outside. */
import type { ProposalDescription } from '../contract.ts';
import type { StepOf } from '../script/membership.ts';
import type { ProposedFromOutside } from '../script/schema.ts';
import { agree } from './agree.ts';
import { described, effectOf, named } from './commit-steps.ts';
import { extensionsOut, type PlayedGroup, type Stage, utf8 } from './stage.ts';
import { nextSuite } from './successor-steps.ts';

export async function externalJoin(stage: Stage, step: StepOf<'external-join'>): Promise<void> {
  const { who, from, psks, 'remove-prior': removePrior, group: name } = step;
  const group = stage.group(name);
  const { encryptHandshake, externalTree } = stage.options;
  const info = await stage.call(from, 'GroupInfo', { stateId: stage.stateOf(group, from), externalTree });
  const joined = await stage.call(who, 'ExternalJoin', {
    ...info,
    encryptHandshake,
    identity: utf8(who),
    removePrior,
    psks: psks.map((psk) => stage.psks.get(psk)!),
  });
  const told = new Map([[who, joined.epochAuthenticator]]);
  for (const [member, stateId] of group.states) {
    if (member === who) continue;
    const request = { stateId, proposal: [], commit: joined.commit };
    const entered = await stage.call(member, 'HandleCommit', request);
    stage.moveTo(group, member, entered.stateId);
    told.set(member, entered.epochAuthenticator);
  }
  stage.moveTo(group, who, joined.stateId);
  group.proposals = [];
  await agree(stage, group, told);
}

export async function proposeSelf(stage: Stage, step: StepOf<'propose-self'>): Promise<void> {
  const { who, from, group: name } = step;
  const group = stage.group(name);
  // The call has no field for the tree, so it stays inside.
  const request = { stateId: stage.stateOf(group, from), externalTree: false };
  const { groupInfo } = await stage.call(from, 'GroupInfo', request);
  const proposed = await stage.call(who, 'NewMemberAddProposal', { groupInfo, identity: utf8(who) });
  stage.transactions.set(who, { id: proposed.transactionId, keyPackage: new Uint8Array(0) });
  group.proposals.push({ message: proposed.proposal, adds: who });
}

export async function externalSigner(stage: Stage, step: StepOf<'external-signer'>): Promise<void> {
  const { who, 'proposed-by': proposer, group: name } = step;
  const group = stage.group(name);
  const request = { cipherSuite: group.suite, identity: utf8(who) };
  const { signerId, externalSender } = await stage.call(who, 'CreateExternalSigner', request);
  const stateId = stage.stateOf(group, proposer);
  const { proposal } = await stage.call(proposer, 'AddExternalSigner', { stateId, externalSender });
  group.proposals.push({ message: proposal });
  group.signers.push({ who, signerId });
}

export async function proposeFromOutside(stage: Stage, step: StepOf<'propose-from-outside'>): Promise<void> {
  const { signer, from, what, group: name } = step;
  const group = stage.group(name);
  const { externalTree } = stage.options;
  const info = await stage.call(from, 'GroupInfo', { stateId: stage.stateOf(group, from), externalTree });
  const signerIndex = group.signers.findIndex(({ who }) => who === signer);
  const { proposal } = await stage.call(signer, 'ExternalSignerProposal', {
    signerId: group.signers[signerIndex]!.signerId,
    signerIndex,
    ...info,
    description: await describedOutside(stage, group, what),
  });
  group.proposals.push({ message: proposal, ...effectOf(what) });
}

async function describedOutside(
  stage: Stage,
  group: PlayedGroup,
  what: ProposedFromOutside,
): Promise<ProposalDescription> {
  if (!('reinit' in what)) return described(stage, group, what);
  const { 'group-id': id, suite, extensions } = what.reinit;
  return {
    ...named('reinit'),
    groupId: id === undefined ? group.id : utf8(id),
    cipherSuite: nextSuite(stage, group, suite),
    extensions: extensionsOut(extensions),
  };
}
