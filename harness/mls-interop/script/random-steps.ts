/** Draws the next step of a long random script: one that can be carried out where its group stands. */
import { unitInterval } from '../../../emulators/network/seeded-random.ts';
import type { Random } from '../../../stack/platform.ts';
import type { GroupMembers, Membership } from './membership.ts';
import type { ProposedValue, RandomAsked, Step } from './schema.ts';

const group = 'main';
/** How many epochs a message is kept back at most: every implementation keeps as many, few keep more. */
const keptBack = 2;

export function drawStep(
  random: Random,
  membership: Membership,
  { actors, omit }: Pick<RandomAsked, 'actors' | 'omit'>,
  index: number,
): Step {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(unitInterval(random) * from.length)]!;
  const found = membership.groups.get(group);
  if (found === undefined) return { 'create-group': { who: actors[0]!, group } };
  const members = [...found.members];
  const outsiders = actors.filter((who) => !found.members.has(who) && !found.adding.has(who));
  const free = members.filter((who) => !found.removing.has(who) && !found.updating.has(who));

  const commit = (): Step => {
    const from = pick(free);
    const others = free.filter((who) => who !== from);
    const values: ProposedValue[] = [];
    if (outsiders.length > 0 && unitInterval(random) < 0.4) values.push({ add: pick(outsiders) });
    if (others.length > 0 && members.length > 2 && unitInterval(random) < 0.25) {
      values.push({ remove: pick(others) });
    }
    if (mayTakePsk(found, values)) {
      if (unitInterval(random) < 0.2) values.push({ resumption: found.epoch });
      if (!omit.includes('extensions') && unitInterval(random) < 0.1)
        values.push({ extensions: [{ type: 3, data: '000000' }] });
    }
    return {
      commit: { from, values, path: !omit.includes('forced-path') && unitInterval(random) < 0.5, group },
    };
  };
  const late = [...membership.messages].find(
    ([, { audience, epoch }]) => audience.size > 0 && found.epoch - epoch >= 1,
  );
  if (late !== undefined) {
    const [message, { audience, epoch }] = late;
    if (found.epoch - epoch <= keptBack) {
      return { deliver: { message, to: [...audience], expect: 'opened', group } };
    }
    audience.clear();
  }

  // Somebody has to be left who may commit: nobody commits what is about itself.
  const choices: (() => Step)[] = [commit, commit];
  if (outsiders.length > 0) {
    choices.push(() => ({ propose: { from: pick(members), what: { add: pick(outsiders) }, group } }));
    choices.push(() => ({
      'external-join': { who: pick(outsiders), from: pick(members), psks: [], 'remove-prior': false, group },
    }));
  }
  if (members.length < 2) return pick(choices)();
  if (!found.proposed) {
    const send = (text: string, hold?: string): Step => ({
      send: { from: pick(members), text, 'authenticated-data': 'random', ...(hold && { hold }), group },
    });
    choices.push(
      () => send(`message ${index}`),
      () => send(`late ${index}`, `late-${index}`),
      () => ({ 'everyone-speaks': { group } }),
    );
  }
  if (free.length > 2) {
    choices.push(() => ({ propose: { from: pick(free), what: { update: 'own-leaf' }, group } }));
    choices.push(() => {
      const gone = pick(free);
      const from = pick(members.filter((who) => who !== gone));
      return { propose: { from, what: { remove: gone }, group } };
    });
    choices.push(() => {
      const who = pick(free);
      const from = pick(members.filter((other) => other !== who));
      return { 'external-join': { who, from, psks: [], 'remove-prior': true, group } };
    });
  }
  return pick(choices)();
}

/** Who joins by the same commit does not hold the group's earlier secrets. */
function mayTakePsk(group: GroupMembers, values: readonly ProposedValue[]): boolean {
  return group.adding.size === 0 && !values.some((value) => 'add' in value);
}
