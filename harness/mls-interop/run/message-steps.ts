/** Application messages. */
import { sameBytes } from '../../../stack/crypto/bytes.ts';
import type { StatusName } from '../rpc-error.ts';
import type { StepOf } from '../script/membership.ts';
import { Deviation, type HeldMessage, type PlayedGroup, type Stage, utf8 } from './stage.ts';

export async function send(stage: Stage, step: StepOf<'send'>): Promise<void> {
  const group = stage.group(step.group);
  const message = await protect(stage, group, step.from, utf8(step.text), utf8(step['authenticated-data']));
  if (step.hold !== undefined) stage.messages.set(step.hold, message);
  else for (const who of group.states.keys()) await open(stage, group, who, message);
}

export async function everyoneSpeaks(stage: Stage, step: StepOf<'everyone-speaks'>): Promise<void> {
  const group = stage.group(step.group);
  for (const from of group.states.keys()) {
    const message = await protect(stage, group, from, utf8(`${from} speaks`), utf8(`to ${step.group}`));
    for (const who of group.states.keys()) await open(stage, group, who, message);
  }
}

export async function deliver(stage: Stage, step: StepOf<'deliver'>): Promise<void> {
  const group = stage.group(step.group);
  const message = stage.messages.get(step.message)!;
  for (const who of step.to) {
    if (step.expect === 'opened') await open(stage, group, who, message);
    else await refuse(stage, group, who, message);
  }
}

async function protect(
  stage: Stage,
  group: PlayedGroup,
  from: string,
  plaintext: Uint8Array,
  authenticatedData: Uint8Array,
): Promise<HeldMessage> {
  const stateId = stage.stateOf(group, from);
  const { ciphertext } = await stage.call(from, 'Protect', { stateId, authenticatedData, plaintext });
  return { from, ciphertext, plaintext, authenticatedData };
}

/** Nothing when `who` sent it: nobody opens what is its own. */
async function open(stage: Stage, group: PlayedGroup, who: string, message: HeldMessage): Promise<void> {
  if (who === message.from) return;
  const { ciphertext } = message;
  const opened = await stage.call(who, 'Unprotect', { stateId: stage.stateOf(group, who), ciphertext });
  for (const field of ['plaintext', 'authenticatedData'] as const) {
    if (sameBytes(opened[field], message[field])) continue;
    throw new Deviation({
      who: [who],
      call: 'Unprotect',
      what: `another ${field} than ${stage.describe(message.from)} sent`,
      expected: shown(message[field]),
      found: shown(opened[field]),
    });
  }
}

/** What ends a call without a judgement of the message. */
const unanswered: readonly (StatusName | undefined)[] = [
  'CANCELLED',
  'DEADLINE_EXCEEDED',
  'UNAVAILABLE',
  undefined,
];

async function refuse(stage: Stage, group: PlayedGroup, who: string, message: HeldMessage): Promise<void> {
  const { ciphertext } = message;
  const stateId = stage.stateOf(group, who);
  const opened = await stage.call(who, 'Unprotect', { stateId, ciphertext }).catch((error: unknown) => {
    if (error instanceof Deviation && !unanswered.includes(error.found.status)) return undefined;
    throw error;
  });
  if (opened === undefined) return;
  throw new Deviation({
    who: [who],
    call: 'Unprotect',
    what: `it opens what ${stage.describe(message.from)} did not send to it, or sent before`,
    expected: 'an error',
    found: shown(opened.plaintext),
  });
}

/** At most 60 bytes, as a JSON string. */
function shown(bytes: Uint8Array): string {
  const text = JSON.stringify(Buffer.from(bytes.subarray(0, 60)).toString());
  return bytes.length > 60 ? `${text}... (${bytes.length} bytes)` : text;
}
