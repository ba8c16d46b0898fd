/** A group that lives through any history: people act, everyone else takes what they send, all are compared. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { type CipherSuiteId, createNativeProvider } from '../../stack/crypto/index.ts';
import {
  commit,
  createProposal,
  createSelfRemoveProposal,
  createUpdateProposal,
  decodeState,
  encodeState,
  exportGroupInfo,
  externalPskProposal,
  type GroupState,
  joinByExternalCommit,
  MlsError,
  ownLeafIndex,
  process,
  protect,
  prune,
  resumptionPskProposal,
  roster,
} from '../../stack/mls/index.ts';
import { treeHash } from '../../stack/mls/tree-hash.ts';
import { agreement, found, hex, join, type Person, person, testContext, text, utf8 } from './members.ts';
import { watchSealing } from './sealing-watch.ts';

const names = ['ann', 'ben', 'cat', 'dan', 'eve', 'fay', 'gus'];
const kinds = [
  'add',
  'add',
  'remove',
  'rotate',
  'propose-update',
  'propose-remove',
  'self-remove',
  'external-join',
  'resync',
  'psk',
  'resumption',
  'send',
  'send-late',
  'restore',
  'restore',
] as const;

export interface Step {
  readonly do: (typeof kinds)[number];
  readonly by: number;
  readonly who: number;
  readonly path: boolean;
  readonly wireFormat: 'public' | 'private';
}

const index = fc.nat(names.length - 1);
export const step: fc.Arbitrary<Step> = fc.record({
  do: fc.constantFrom(...kinds),
  by: index,
  who: index,
  path: fc.boolean(),
  wireFormat: fc.constantFrom('public', 'private'),
});

const native = createNativeProvider();

interface Member {
  readonly person: Person;
  readonly state: GroupState;
}

interface Late {
  readonly message: Uint8Array;
  readonly text: string;
  readonly sender: string;
  readonly unread: Set<string>;
}

export class History {
  readonly members = new Map<string, Member>();
  readonly left: Member[] = [];
  private late: Late[] = [];
  private arrivals = 0;
  private readonly suite: CipherSuiteId;
  private readonly provider = watchSealing(native);

  constructor(suite: CipherSuiteId) {
    this.suite = suite;
    const creator = this.newcomer(names[0]!);
    this.members.set(creator.name, { person: creator, state: found(creator) });
  }

  run(action: Step): void {
    const { person: actor, state } = this.member(action.by);
    const { wireFormat } = action;
    switch (action.do) {
      case 'add':
        return this.add(actor, state, names[action.who]!, action);
      case 'remove':
        return this.removal(actor, action.who, (leaf) =>
          commit(actor.context, state, { remove: [leaf], wireFormat }),
        );
      case 'rotate':
        return this.deliver(actor, commit(actor.context, state, { wireFormat }));
      case 'propose-update':
        return this.propose(actor, createUpdateProposal(actor.context, state, { wireFormat }), action);
      case 'propose-remove': {
        const target = this.member(action.who);
        if (this.member(action.by + 1).person === target.person || target.person === actor) return;
        const proposal = { type: 3, removed: ownLeafIndex(target.state) } as const;
        this.propose(actor, createProposal(actor.context, state, proposal, { wireFormat }), action, target);
        return;
      }
      case 'self-remove': {
        if (this.members.size < 2) return;
        const leaving = createSelfRemoveProposal(actor.context, state);
        this.propose(actor, leaving, action, { person: actor, state: leaving.state });
        return;
      }
      case 'external-join':
      case 'resync':
        return this.fromOutside(actor, state, action);
      case 'psk':
      case 'resumption': {
        const proposal =
          action.do === 'psk'
            ? externalPskProposal(actor.context, this.suite, utf8('shared'))
            : resumptionPskProposal(actor.context, state, state.groupContext.epoch);
        return this.deliver(actor, commit(actor.context, state, { proposals: [proposal], wireFormat }));
      }
      case 'send':
        return this.send(actor, state);
      case 'send-late':
        return this.sendLate(actor, state);
      case 'restore':
        // The process dies and comes back with nothing but what it stored, and other chance than before.
        return this.set(
          { ...actor, context: this.contextFor(`${actor.name} restored ${++this.arrivals}`) },
          decodeState(actor.context, encodeState(prune(actor.context, state))),
        );
    }
  }

  checkAgreement(): void {
    const [first, ...others] = [...this.members.values()];
    const expected = agreement(first!.person.context, first!.state);
    for (const { person: who, state } of others) {
      expect(agreement(who.context, state), `${who.name} and ${first!.person.name}`).toEqual(expected);
    }
    expect(roster(first!.state).length).toBe(this.members.size);
    const { tree, suite } = first!.state;
    const fresh = treeHash(suite, { ...tree, hashes: [] });
    expect(fresh, 'the remembered tree hash is the recomputed one').toEqual(treeHash(suite, tree));
  }

  /** Everything sent late is still read by all who were there and have not read it. */
  drain(): void {
    for (const late of this.late) {
      for (const name of late.unread) {
        const member = this.members.get(name);
        if (member === undefined) continue;
        const read = process(member.person.context, member.state, late.message);
        expect(read.kind === 'application' && text(read.content), name).toBe(late.text);
        this.set(member.person, read.state);
      }
    }
    this.late = [];
  }

  /** The member at `pick`, counted around the ring of those present. */
  private member(pick: number): Member {
    const all = [...this.members.values()];
    return all[pick % all.length]!;
  }

  private contextFor(seed: string) {
    const base = testContext(seed, { provider: this.provider });
    return {
      ...base,
      policy: { pastEpochs: 40 },
      externalPsk: (id: Uint8Array) => (hex(id) === hex(utf8('shared')) ? utf8('s3cret') : undefined),
    };
  }

  private newcomer(name: string): Person {
    const context = this.contextFor(`${name} ${++this.arrivals}`);
    return person(name, this.suite, { context, parameters: { capabilities: { proposals: [0x000a] } } });
  }

  private add(actor: Person, state: GroupState, name: string, action: Step): void {
    if (this.members.has(name)) return;
    const newcomer = this.newcomer(name);
    const { path, wireFormat } = action;
    const result = commit(actor.context, state, { add: [newcomer.verified], path, wireFormat });
    this.deliver(actor, result);
    this.arrive(newcomer, join(newcomer, result.welcome));
  }

  private removal(actor: Person, who: number, make: (leaf: number) => ReturnType<typeof commit>): void {
    const target = this.member(who);
    if (target.person === actor) return;
    this.deliver(actor, make(ownLeafIndex(target.state)), target);
  }

  private propose(
    actor: Person,
    proposed: { state: GroupState; message: Uint8Array },
    action: Step,
    leaver?: Member,
  ): void {
    const committer = this.member(action.by + 1).person;
    if (committer === actor) return;
    this.set(actor, proposed.state);
    for (const { person: other, state } of [...this.members.values()]) {
      if (other === actor) continue;
      this.set(other, process(other.context, state, proposed.message).state);
    }
    const { state } = this.members.get(committer.name)!;
    const left = leaver && this.members.get(leaver.person.name);
    this.deliver(committer, commit(committer.context, state, { wireFormat: action.wireFormat }), left);
  }

  private fromOutside(actor: Person, state: GroupState, action: Step): void {
    const target = this.member(action.who);
    const resync = action.do === 'resync' && target.person !== actor;
    const name = resync ? target.person.name : names[action.who]!;
    if (!resync && this.members.has(name)) return;
    const joiner = this.newcomer(name);
    const joined = joinByExternalCommit(joiner.context, {
      groupInfo: exportGroupInfo(state, { ratchetTree: true, externalPub: true, extensions: [] }),
      bundle: joiner.bundle,
      ...(resync ? { replaces: ownLeafIndex(target.state) } : {}),
    });
    if (resync) this.members.delete(name);
    for (const { person: other, state: theirs } of [...this.members.values()]) {
      this.set(other, process(other.context, theirs, joined.commit).state);
    }
    this.arrive(joiner, joined.state);
  }

  private deliver(
    committer: Person,
    result: { state: GroupState; commit: Uint8Array },
    leaver?: Member,
  ): void {
    if (leaver !== undefined) {
      const seen = process(leaver.person.context, leaver.state, result.commit);
      expect(seen).toMatchObject({ kind: 'commit', removedSelf: true });
      expect(() => protect(leaver.person.context, seen.state, utf8('x'))).toThrow(MlsError);
      this.members.delete(leaver.person.name);
      this.left.push({ person: leaver.person, state: seen.state });
    }
    for (const { person: other, state } of [...this.members.values()]) {
      if (other.name === committer.name) this.set(other, result.state);
      else this.set(other, process(other.context, state, result.commit).state);
    }
  }

  private send(sender: Person, state: GroupState): void {
    const sent = protect(sender.context, state, utf8(`from ${sender.name}`));
    this.set(sender, sent.state);
    for (const { person: other, state: theirs } of [...this.members.values()]) {
      if (other.name === sender.name) continue;
      const read = process(other.context, theirs, sent.message);
      expect(read.kind === 'application' && text(read.content)).toBe(`from ${sender.name}`);
      this.set(other, read.state);
      expect(() => process(other.context, read.state, sent.message), 'read twice').toThrow(MlsError);
    }
    for (const gone of this.left) {
      expect(() => process(gone.person.context, gone.state, sent.message), gone.person.name).toThrow(
        MlsError,
      );
    }
  }

  private sendLate(sender: Person, state: GroupState): void {
    const content = `late ${this.late.length} from ${sender.name}`;
    const sent = protect(sender.context, state, utf8(content));
    this.set(sender, sent.state);
    const unread = new Set([...this.members.keys()].filter((name) => name !== sender.name));
    this.late.push({ message: sent.message, text: content, sender: sender.name, unread });
  }

  /** Who comes in now was not there, under this name or another, when the late messages were sent. */
  private arrive(who: Person, state: GroupState): void {
    for (const { unread } of this.late) unread.delete(who.name);
    this.set(who, state);
  }

  private set(who: Person, state: GroupState): void {
    this.members.set(who.name, { person: who, state });
  }
}
