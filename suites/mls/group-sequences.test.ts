/** Random histories of a group: whoever acts, all members agree, and those who left are blind. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CipherSuiteId } from '../../stack/crypto/index.ts';
import {
  commit,
  createUpdateProposal,
  type GroupState,
  MlsError,
  ownLeafIndex,
  process,
  protect,
  roster,
} from '../../stack/mls/index.ts';
import { treeHash } from '../../stack/mls/tree-hash.ts';
import { agreement, found, join, type Person, person, testContext, text, utf8 } from './members.ts';

const names = ['ann', 'ben', 'cat', 'dan', 'eve', 'fay', 'gus'];

type Step =
  | { readonly do: 'add'; readonly by: number; readonly who: number; readonly path: boolean }
  | { readonly do: 'remove'; readonly by: number; readonly who: number }
  | { readonly do: 'rotate'; readonly by: number }
  | { readonly do: 'propose-update'; readonly by: number; readonly committer: number }
  | { readonly do: 'send'; readonly by: number };

const index = fc.nat(names.length - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('add' as const), by: index, who: index, path: fc.boolean() }),
  fc.record({ do: fc.constant('add' as const), by: index, who: index, path: fc.boolean() }),
  fc.record({ do: fc.constant('remove' as const), by: index, who: index }),
  fc.record({ do: fc.constant('rotate' as const), by: index }),
  fc.record({ do: fc.constant('propose-update' as const), by: index, committer: index }),
  fc.record({ do: fc.constant('send' as const), by: index }),
);

class Group {
  readonly members = new Map<string, { readonly person: Person; readonly state: GroupState }>();
  readonly left: { readonly person: Person; readonly state: GroupState }[] = [];
  private joins = 0;
  private readonly suite: CipherSuiteId;

  constructor(suite: CipherSuiteId) {
    this.suite = suite;
    const creator = person(names[0]!, suite);
    this.members.set(creator.name, { person: creator, state: found(creator) });
  }

  /** The member at `pick`, counted around the ring of those present. */
  member(pick: number): { readonly person: Person; readonly state: GroupState } {
    const all = [...this.members.values()];
    return all[pick % all.length]!;
  }

  run(action: Step, wireFormat: 'public' | 'private'): void {
    const actor = this.member(action.by);
    const { context } = actor.person;
    if (action.do === 'send') {
      this.send(actor.person, actor.state);
      return;
    }
    if (action.do === 'propose-update') {
      const committer = this.member(action.committer);
      if (committer === actor) return;
      const proposed = createUpdateProposal(context, actor.state, { wireFormat });
      this.set(actor.person, proposed.state);
      for (const other of [...this.members.values()]) {
        if (other.person === actor.person) continue;
        this.set(other.person, process(other.person.context, other.state, proposed.message).state);
      }
      const current = this.members.get(committer.person.name)!;
      this.deliver(current.person, commit(current.person.context, current.state, { wireFormat }));
      return;
    }
    if (action.do === 'rotate') {
      this.deliver(actor.person, commit(context, actor.state, { wireFormat }));
      return;
    }
    const name = names[action.who]!;
    if (action.do === 'add') {
      if (this.members.has(name)) return;
      const newcomer = person(name, this.suite, { context: testContext(`${name} ${++this.joins}`) });
      const result = commit(context, actor.state, {
        add: [newcomer.verified],
        path: action.path,
        wireFormat,
      });
      this.deliver(actor.person, result);
      this.set(newcomer, join(newcomer, result.welcome));
      return;
    }
    const target = this.members.get(name);
    if (target === undefined || target.person === actor.person) return;
    this.members.delete(name);
    this.left.push(target);
    const result = commit(context, actor.state, { remove: [ownLeafIndex(target.state)], wireFormat });
    this.deliver(actor.person, result);
    const seen = process(target.person.context, target.state, result.commit);
    expect(seen).toMatchObject({ kind: 'commit', removedSelf: true });
    expect(() => protect(target.person.context, seen.state, utf8('x'))).toThrow(MlsError);
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

  private deliver(committer: Person, result: { state: GroupState; commit: Uint8Array }): void {
    for (const { person: other, state } of [...this.members.values()]) {
      if (other === committer) this.set(other, result.state);
      else this.set(other, process(other.context, state, result.commit).state);
    }
  }

  private send(sender: Person, state: GroupState): void {
    const sent = protect(sender.context, state, utf8(`from ${sender.name}`));
    this.set(sender, sent.state);
    for (const { person: other, state: theirs } of [...this.members.values()]) {
      if (other === sender) continue;
      const read = process(other.context, theirs, sent.message);
      expect(read.kind === 'application' && text(read.content)).toBe(`from ${sender.name}`);
      this.set(other, read.state);
    }
    for (const gone of this.left) {
      expect(() => process(gone.person.context, gone.state, sent.message), gone.person.name).toThrow(
        MlsError,
      );
    }
  }

  private set(who: Person, state: GroupState): void {
    this.members.set(who.name, { person: who, state });
  }
}

describe.each([1, 2] as CipherSuiteId[])('any history of a group of suite %i', (suite) => {
  it('keeps its members in agreement and those removed blind', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(step, fc.constantFrom('public' as const, 'private' as const)), {
          minLength: 8,
          maxLength: 22,
        }),
        (steps) => {
          const group = new Group(suite);
          for (const [action, wireFormat] of steps) {
            group.run(action, wireFormat);
            group.checkAgreement();
          }
        },
      ),
      { numRuns: 20 },
    );
  }, 60_000);
});
