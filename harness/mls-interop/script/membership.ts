/** Who is where after each step of a script, without carrying it out: to check scripts by and to draw random ones from. */
import type { ProposedByMember, ProposedFromOutside, Step } from './schema.ts';

export interface GroupMembers {
  readonly members: Set<string>;
  /** What proposals since the last commit ask for. */
  readonly adding: Set<string>;
  readonly removing: Set<string>;
  readonly updating: Set<string>;
  readonly signers: Set<string>;
  /** Proposals are waiting for a commit. */
  proposed: boolean;
  epoch: number;
  reinitProposed: boolean;
}

/** A message kept back: those who could still open it. */
export interface HeldMessage {
  readonly group: string;
  readonly epoch: number;
  readonly audience: Set<string>;
}

/** Thrown for a step that cannot be carried out; `path` is the field inside the step. */
export class ScriptMistake extends Error {
  override readonly name = 'ScriptMistake';
  readonly path: readonly PropertyKey[];
  constructor(message: string, path: readonly PropertyKey[]) {
    super(message);
    this.path = path;
  }
}

export type StepOf<V extends string> = Step extends infer S
  ? S extends Readonly<Record<V, infer F>>
    ? F
    : never
  : never;

export class Membership {
  readonly groups = new Map<string, GroupMembers>();
  readonly psks = new Set<string>();
  readonly messages = new Map<string, HeldMessage>();
  /** Everybody who acts, in the order of appearance. */
  readonly actors = new Set<string>();

  /** Throws ScriptMistake. */
  follow(step: Step): void {
    if ('create-group' in step) this.#create(step['create-group']);
    else if ('key-package' in step) this.actors.add(step['key-package'].who);
    else if ('psk' in step) this.#psk(step.psk);
    else if ('propose' in step) {
      const { from, what, group } = step.propose;
      const found = this.#memberIn(group, from, 'from');
      if ('update' in what) this.#update(found, from);
      else this.#propose(found, what, ['what']);
      found.proposed = true;
    } else if ('commit' in step) this.#commit(step.commit);
    else if ('send' in step) this.#send(step.send);
    else if ('deliver' in step) this.#deliver(step.deliver);
    else if ('everyone-speaks' in step) ensureMaySend(this.#group(step['everyone-speaks'].group));
    else if ('external-join' in step) this.#externalJoin(step['external-join']);
    else if ('propose-self' in step) {
      const { who, from, group } = step['propose-self'];
      const found = this.#memberIn(group, from, 'from');
      this.#add(found, who, ['who']);
      found.proposed = true;
    } else if ('external-signer' in step) {
      const { who, group, 'proposed-by': proposer } = step['external-signer'];
      const found = this.#memberIn(group, proposer, 'proposed-by');
      this.actors.add(who);
      found.signers.add(who);
      found.proposed = true;
    } else if ('propose-from-outside' in step) {
      const { signer, from, what, group } = step['propose-from-outside'];
      const found = this.#memberIn(group, from, 'from');
      if (!found.signers.has(signer)) {
        throw new ScriptMistake(`${signer} is no external signer of ${group}`, ['signer']);
      }
      this.#propose(found, what, ['what']);
      found.proposed = true;
    } else if ('reinit' in step) this.#reinit(step.reinit);
    else this.#branch(step.branch);
  }

  #create({ who, group }: StepOf<'create-group'>): void {
    this.actors.add(who);
    this.#newGroup(group, [who], 0);
  }

  #newGroup(name: string, members: readonly string[], epoch: number): void {
    const none = () => new Set<string>();
    const rest = { adding: none(), removing: none(), updating: none(), signers: none() };
    this.groups.set(name, {
      members: new Set(members),
      ...rest,
      epoch,
      proposed: false,
      reinitProposed: false,
    });
  }

  #psk({ name, holders }: StepOf<'psk'>): void {
    for (const holder of holders) this.actors.add(holder);
    this.psks.add(name);
  }

  #group(name: string): GroupMembers {
    const found = this.groups.get(name);
    if (found === undefined) throw new ScriptMistake(`there is no group "${name}" yet`, ['group']);
    return found;
  }

  #memberIn(group: string, who: string, field: string): GroupMembers {
    const found = this.#group(group);
    if (!found.members.has(who)) throw new ScriptMistake(`${who} is no member of ${group} here`, [field]);
    this.actors.add(who);
    return found;
  }

  #update(group: GroupMembers, who: string): void {
    if (group.removing.has(who)) throw new ScriptMistake(`${who} is about to be removed`, ['from']);
    group.updating.add(who);
  }

  #add(group: GroupMembers, who: string, path: readonly PropertyKey[]): void {
    this.actors.add(who);
    if (group.members.has(who) || group.adding.has(who)) {
      throw new ScriptMistake(`${who} is a member already, or about to be`, path);
    }
    group.adding.add(who);
  }

  #remove(group: GroupMembers, who: string, path: readonly PropertyKey[]): void {
    if (!group.members.has(who)) throw new ScriptMistake(`${who} is no member here`, path);
    if (group.removing.has(who) || group.updating.has(who)) {
      throw new ScriptMistake(`a proposal about ${who} is outstanding`, path);
    }
    group.removing.add(who);
  }

  #propose(
    group: GroupMembers,
    what: Exclude<ProposedByMember, { update: unknown }> | ProposedFromOutside,
    path: readonly PropertyKey[],
  ): void {
    if ('add' in what) this.#add(group, what.add, [...path, 'add']);
    else if ('remove' in what) this.#remove(group, what.remove, [...path, 'remove']);
    else if ('psk' in what) this.#known(what.psk, [...path, 'psk']);
    else if ('resumption' in what && what.resumption > group.epoch) {
      throw new ScriptMistake(`the group is in epoch ${group.epoch}`, [...path, 'resumption']);
    } else if ('reinit' in what) group.reinitProposed = true;
  }

  #known(psk: string, path: readonly PropertyKey[]): void {
    if (!this.psks.has(psk)) throw new ScriptMistake(`no psk step names "${psk}"`, path);
  }

  #commit({ from, values, group: name }: StepOf<'commit'>): void {
    const group = this.#memberIn(name, from, 'from');
    for (const [index, value] of values.entries()) this.#propose(group, value, ['values', index]);
    if (group.removing.has(from)) throw new ScriptMistake(`${from} cannot commit its own removal`, ['from']);
    if (group.updating.has(from)) throw new ScriptMistake(`${from} cannot commit its own Update`, ['from']);
    for (const who of group.removing) group.members.delete(who);
    for (const who of group.adding) group.members.add(who);
    this.#enterEpoch(name, group, group.removing);
  }

  #enterEpoch(name: string, group: GroupMembers, gone: Iterable<string>): void {
    for (const message of this.messages.values()) {
      if (message.group === name) for (const who of gone) message.audience.delete(who);
    }
    group.adding.clear();
    group.removing.clear();
    group.updating.clear();
    group.proposed = false;
    group.reinitProposed = false;
    group.epoch += 1;
  }

  #send({ from, hold, group }: StepOf<'send'>): void {
    const found = this.#memberIn(group, from, 'from');
    ensureMaySend(found);
    if (hold === undefined) return;
    if (this.messages.has(hold)) throw new ScriptMistake(`"${hold}" names an earlier message`, ['hold']);
    const audience = new Set([...found.members].filter((who) => who !== from));
    this.messages.set(hold, { group, epoch: found.epoch, audience });
  }

  #deliver({ message, to, expect }: StepOf<'deliver'>): void {
    const held = this.messages.get(message);
    if (held === undefined) throw new ScriptMistake(`no message is held as "${message}"`, ['message']);
    for (const [index, who] of to.entries()) {
      if (expect === 'refused') {
        if (!this.actors.has(who)) throw new ScriptMistake(`${who} was never a member`, ['to', index]);
      } else if (!held.audience.delete(who)) {
        throw new ScriptMistake(`${who} cannot open "${message}" (any more)`, ['to', index]);
      }
    }
  }

  #externalJoin({ who, from, psks, group: name, 'remove-prior': again }: StepOf<'external-join'>): void {
    const group = this.#memberIn(name, from, 'from');
    this.actors.add(who);
    for (const [index, psk] of psks.entries()) this.#known(psk, ['psks', index]);
    if (who === from) throw new ScriptMistake(`${who} cannot vouch for itself`, ['from']);
    if (again && !group.members.has(who)) throw new ScriptMistake(`${who} has no leaf to remove`, ['who']);
    if (!again && group.members.has(who)) {
      throw new ScriptMistake(`${who} is a member; remove-prior is missing`, ['who']);
    }
    group.members.add(who);
    this.#enterEpoch(name, group, [who]);
  }

  #reinit({ from, committer, welcomer, group: name }: StepOf<'reinit'>): void {
    const group = this.#memberIn(name, committer, 'committer');
    this.#memberIn(name, welcomer, 'welcomer');
    if (from !== undefined) this.#memberIn(name, from, 'from');
    else if (!group.reinitProposed) throw new ScriptMistake('nobody proposes it', []);
    this.#newGroup(name, [...group.members], 1);
  }

  #branch({ from, members, as, group: name }: StepOf<'branch'>): void {
    const group = this.#memberIn(name, from, 'from');
    for (const [index, who] of members.entries()) {
      if (!group.members.has(who) || who === from) {
        throw new ScriptMistake(`${who} is no other member of ${name}`, ['members', index]);
      }
    }
    this.#newGroup(as, [from, ...members], 1);
  }
}

/** RFC 9420 section 12.4: a member commits the proposals of an epoch before it sends application data. */
function ensureMaySend({ proposed }: GroupMembers): void {
  if (proposed)
    throw new ScriptMistake('proposals are outstanding: they are committed before anything is sent', []);
}
