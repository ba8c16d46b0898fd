/** Groups that take up another (RFC 9420 sections 11.2 and 11.3). */
import type { ReInitCommitted } from '../contract.ts';
import type { StepOf } from '../script/membership.ts';
import { agree } from './agree.ts';
import { compare, extensionsOut, noBytes, type PlayedGroup, type Stage, Unsupported, utf8 } from './stage.ts';

export async function reinit(stage: Stage, step: StepOf<'reinit'>): Promise<void> {
  const { from, committer, welcomer, path: forcePath, group: name } = step;
  const { externalTree } = stage.options;
  const old = stage.group(name);
  if (from !== undefined) {
    const { proposal } = await stage.call(from, 'ReInitProposal', {
      stateId: stage.stateOf(old, from),
      cipherSuite: nextSuite(stage, old, step.suite),
      groupId: step['group-id'] === undefined ? old.id : utf8(step['group-id']),
      extensions: extensionsOut(step.extensions),
    });
    old.proposals.push({ message: proposal });
  }
  const closed = await closeGroup(stage, old, committer, forcePath);
  const others = [...closed].filter(([who]) => who !== welcomer);
  const made = await stage.call(welcomer, 'ReInitWelcome', {
    reinitId: closed.get(welcomer)!.reinitId,
    keyPackage: others.map(([, { keyPackage }]) => keyPackage),
    forcePath,
    externalTree,
  });
  const group = stage.newGroup(name, old.id, old.suite);
  stage.moveTo(group, welcomer, made.stateId);
  const told = new Map([[welcomer, made.epochAuthenticator]]);
  const ratchetTree = externalTree ? made.ratchetTree : noBytes;
  for (const [who, { reinitId }] of others) {
    const request = { reinitId, welcome: made.welcome, ratchetTree };
    const joined = await stage.call(who, 'HandleReInitWelcome', request);
    stage.moveTo(group, who, joined.stateId);
    told.set(who, joined.epochAuthenticator);
  }
  await agree(stage, group, told);
}

/** Commits what is proposed; everybody is left with what it takes to enter the next group. */
async function closeGroup(
  stage: Stage,
  group: PlayedGroup,
  committer: string,
  forcePath: boolean,
): Promise<ReadonlyMap<string, ReInitCommitted>> {
  const proposal = group.proposals.map(({ message }) => message);
  const { commit } = await stage.call(committer, 'ReInitCommit', {
    stateId: stage.stateOf(group, committer),
    byReference: proposal,
    byValue: [],
    forcePath,
    externalTree: stage.options.externalTree,
  });
  const closed = new Map<string, ReInitCommitted>();
  for (const [who, stateId] of group.states) {
    closed.set(
      who,
      who === committer
        ? await stage.call(who, 'HandlePendingReInitCommit', { stateId })
        : await stage.call(who, 'HandleReInitCommit', { stateId, proposal, commit }),
    );
  }
  const told = [...closed].map(([who, { epochAuthenticator }]) => [who, epochAuthenticator] as const);
  compare(stage, 'epoch authenticator of the closed group', new Map(told));
  stage.leave(group);
  return closed;
}

/** Throws Unsupported when everybody must have another suite and there is none. */
export function nextSuite(stage: Stage, group: PlayedGroup, wanted: 'same' | 'other'): number {
  if (wanted === 'same') return group.suite;
  const clients = [...stage.options.assignment.values()];
  const others = clients[0]!.suites.filter(
    (suite) => suite !== group.suite && clients.every(({ suites }) => suites.includes(suite)),
  );
  if (others.length === 0) throw new Unsupported('the clients have no other suite in common', clients);
  return Math.min(...others);
}

export async function branch(stage: Stage, step: StepOf<'branch'>): Promise<void> {
  const { from, members, as, extensions, path: forcePath, group: name } = step;
  const { externalTree } = stage.options;
  const parent = stage.group(name);
  const keyPackages: Uint8Array[] = [];
  for (const who of members) keyPackages.push(await stage.keyPackageOf(who, parent.suite));
  const id = utf8(`${as} `.concat(Buffer.from(stage.options.random.bytes(4)).toString('hex')));
  const made = await stage.call(from, 'CreateBranch', {
    stateId: stage.stateOf(parent, from),
    groupId: id,
    extensions: extensionsOut(extensions),
    keyPackages,
    forcePath,
    externalTree,
  });
  const group = stage.newGroup(as, id, parent.suite);
  stage.moveTo(group, from, made.stateId);
  const told = new Map([[from, made.epochAuthenticator]]);
  for (const who of members) {
    const joined = await stage.call(who, 'HandleBranch', {
      stateId: stage.stateOf(parent, who),
      transactionId: stage.takeTransaction(who),
      welcome: made.welcome,
      ratchetTree: externalTree ? made.ratchetTree : noBytes,
    });
    stage.moveTo(group, who, joined.stateId);
    told.set(who, joined.epochAuthenticator);
  }
  await agree(stage, group, told);
}
