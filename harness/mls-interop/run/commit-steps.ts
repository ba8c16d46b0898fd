/** Proposals and commits of members. */
import type { Method, ProposalDescription, ProposalName, Request } from '../contract.ts';
import type { StepOf } from '../script/membership.ts';
import type { ProposedByMember, ProposedValue } from '../script/schema.ts';
import { agree } from './agree.ts';
import { extensionsOut, noBytes, type PlayedGroup, type SentProposal, type Stage, utf8 } from './stage.ts';

export async function propose(stage: Stage, { from, what, group: name }: StepOf<'propose'>): Promise<void> {
  const group = stage.group(name);
  const stateId = stage.stateOf(group, from);
  const send = async <M extends Method>(method: M, request: Request<M>) =>
    ((await stage.call(from, method, request)) as { readonly proposal: Uint8Array }).proposal;
  const message = await sent(stage, group, stateId, what, send);
  group.proposals.push({ message, ...effectOf(what) });
}

function sent(
  stage: Stage,
  group: PlayedGroup,
  stateId: number,
  what: ProposedByMember,
  send: <M extends Method>(method: M, request: Request<M>) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  if ('update' in what) return send('UpdateProposal', { stateId });
  if ('add' in what) {
    return stage
      .keyPackageOf(what.add, group.suite)
      .then((keyPackage) => send('AddProposal', { stateId, keyPackage }));
  }
  if ('remove' in what) return send('RemoveProposal', { stateId, removedId: utf8(what.remove) });
  if ('psk' in what) return send('ExternalPSKProposal', { stateId, pskId: stage.psks.get(what.psk)!.pskId });
  if ('resumption' in what) return send('ResumptionPSKProposal', { stateId, epochId: `${what.resumption}` });
  return send('GroupContextExtensionsProposal', { stateId, extensions: extensionsOut(what.extensions) });
}

/** A proposal as the contract describes it by value. */
export async function described(
  stage: Stage,
  group: PlayedGroup,
  what: ProposedValue,
): Promise<ProposalDescription> {
  if ('add' in what) return { ...named('add'), keyPackage: await stage.keyPackageOf(what.add, group.suite) };
  if ('remove' in what) return { ...named('remove'), removedId: utf8(what.remove) };
  if ('psk' in what) return { ...named('externalPSK'), pskId: stage.psks.get(what.psk)!.pskId };
  if ('resumption' in what) return { ...named('resumptionPSK'), epochId: `${what.resumption}` };
  return { ...named('groupContextExtensions'), extensions: extensionsOut(what.extensions) };
}

export function named(name: ProposalName): Pick<ProposalDescription, 'proposalType'> {
  return { proposalType: utf8(name) };
}

export function effectOf(what: object): Pick<SentProposal, 'adds' | 'removes'> {
  if ('add' in what) return { adds: String(what.add) };
  return 'remove' in what ? { removes: String(what.remove) } : {};
}

export async function commit(stage: Stage, step: StepOf<'commit'>): Promise<void> {
  const { from, values, path: forcePath, group: name } = step;
  const group = stage.group(name);
  const byValue: ProposalDescription[] = [];
  for (const value of values) byValue.push(await described(stage, group, value));
  const proposal = group.proposals.map(({ message }) => message);
  const made = await stage.call(from, 'Commit', {
    stateId: stage.stateOf(group, from),
    byReference: proposal,
    byValue,
    forcePath,
    externalTree: stage.options.externalTree,
  });
  const effects = [...group.proposals, ...values.map(effectOf)];
  for (const { removes } of effects) if (removes !== undefined) expel(group, removes);

  const told = new Map<string, Uint8Array>();
  for (const [who, stateId] of group.states) {
    const entered =
      who === from
        ? await stage.call(who, 'HandlePendingCommit', { stateId })
        : await stage.call(who, 'HandleCommit', { stateId, proposal, commit: made.commit });
    stage.moveTo(group, who, entered.stateId);
    told.set(who, entered.epochAuthenticator);
  }
  for (const { adds } of effects) {
    if (adds === undefined) continue;
    const joined = await stage.call(adds, 'JoinGroup', {
      transactionId: stage.takeTransaction(adds),
      welcome: made.welcome,
      encryptHandshake: stage.options.encryptHandshake,
      identity: utf8(adds),
      ratchetTree: stage.options.externalTree ? made.ratchetTree : noBytes,
    });
    stage.moveTo(group, adds, joined.stateId);
    told.set(adds, joined.epochAuthenticator);
  }
  group.proposals = [];
  await agree(stage, group, told);
}

function expel(group: PlayedGroup, who: string): void {
  group.former.set(who, group.states.get(who)!);
  group.states.delete(who);
}
