import type { Step } from '../script/schema.ts';
import { commit, propose } from './commit-steps.ts';
import { deliver, everyoneSpeaks, send } from './message-steps.ts';
import { externalJoin, externalSigner, proposeFromOutside, proposeSelf } from './outsider-steps.ts';
import { type Stage, utf8 } from './stage.ts';
import { branch, reinit } from './successor-steps.ts';

/** Carries out one step. Throws Deviation and Unsupported. */
export async function perform(stage: Stage, step: Step): Promise<void> {
  if ('create-group' in step) await createGroup(stage, step['create-group']);
  else if ('key-package' in step) await stage.keyPackageOf(step['key-package'].who, stage.options.suite);
  else if ('psk' in step) await storePsk(stage, step.psk);
  else if ('propose' in step) await propose(stage, step.propose);
  else if ('commit' in step) await commit(stage, step.commit);
  else if ('send' in step) await send(stage, step.send);
  else if ('deliver' in step) await deliver(stage, step.deliver);
  else if ('everyone-speaks' in step) await everyoneSpeaks(stage, step['everyone-speaks']);
  else if ('external-join' in step) await externalJoin(stage, step['external-join']);
  else if ('propose-self' in step) await proposeSelf(stage, step['propose-self']);
  else if ('external-signer' in step) await externalSigner(stage, step['external-signer']);
  else if ('propose-from-outside' in step) await proposeFromOutside(stage, step['propose-from-outside']);
  else if ('reinit' in step) await reinit(stage, step.reinit);
  else await branch(stage, step.branch);
}

async function createGroup(
  stage: Stage,
  { who, group: name }: { readonly who: string; readonly group: string },
): Promise<void> {
  const { suite, encryptHandshake, random } = stage.options;
  const groupId = utf8(`${name} ${Buffer.from(random.bytes(4)).toString('hex')}`);
  const request = { groupId, cipherSuite: suite, encryptHandshake, identity: utf8(who) };
  const { stateId } = await stage.call(who, 'CreateGroup', request);
  stage.moveTo(stage.newGroup(name, groupId, suite), who, stateId);
}

/** A member holds it for its group, a joiner for the group that its key package will bring it into. */
async function storePsk(
  stage: Stage,
  {
    name,
    holders,
    group,
  }: { readonly name: string; readonly holders: readonly string[]; readonly group: string },
): Promise<void> {
  const psk = { pskId: utf8(name), pskSecret: stage.options.random.bytes(32) };
  stage.psks.set(name, psk);
  for (const who of holders) {
    const state = stage.groups.get(group)?.states.get(who);
    const stateOrTransactionId = state ?? stage.transactions.get(who)?.id;
    // Who joins by an external commit is given the PSK with that call.
    if (stateOrTransactionId !== undefined)
      await stage.call(who, 'StorePSK', { stateOrTransactionId, ...psk });
  }
}
