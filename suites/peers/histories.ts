/** Generated histories of a mixed group: who does what, dealt to the implementations by chance. */
import fc from 'fast-check';
import type { Framing } from '../../harness/bench/mls-engine.ts';

/** 0 and 1 choose between the two implementations; other numbers pick a member around the ring of those present. */
export type Step = { readonly framing: Framing } & (
  | {
      readonly do: 'add';
      readonly by: number;
      readonly engines: readonly number[];
      readonly proposer: number;
    }
  | { readonly do: 'remove'; readonly by: number; readonly who: number; readonly proposer: number }
  | { readonly do: 'update'; readonly by: number }
  | { readonly do: 'update-by-reference'; readonly by: number; readonly proposers: readonly number[] }
  | { readonly do: 'join-externally'; readonly by: number; readonly engine: number }
  | { readonly do: 'resync'; readonly by: number; readonly who: number; readonly engine: number }
  | {
      readonly do: 'psk';
      readonly by: number;
      readonly proposer: number;
      readonly engines: readonly number[];
    }
  | { readonly do: 'extensions'; readonly by: number; readonly basicRequired: boolean }
  | { readonly do: 'reinit'; readonly by: number; readonly creator: number; readonly swap: boolean }
  | { readonly do: 'branch'; readonly by: number; readonly others: number; readonly go: boolean }
  | { readonly do: 'restart'; readonly who: number }
  | {
      readonly do: 'send';
      readonly by: number;
      readonly count: number;
      readonly order: number;
      readonly late: boolean;
    }
);

const pick = fc.nat(23);
const engine = fc.nat(1);
const picks = fc.array(pick, { minLength: 1, maxLength: 3 });
const framing = fc.constantFrom('public' as const, 'private' as const);

type Fields<K extends Step['do']> = {
  readonly [F in Exclude<keyof Extract<Step, { do: K }>, 'do' | 'framing'>]: fc.Arbitrary<
    Extract<Step, { do: K }>[F]
  >;
};

function step<K extends Step['do']>(weight: number, kind: K, fields: Fields<K>) {
  const arbitrary = fc.record({ do: fc.constant(kind), framing, ...fields });
  return { weight, arbitrary: arbitrary as unknown as fc.Arbitrary<Step> };
}

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  step(4, 'add', { by: pick, proposer: pick, engines: fc.array(engine, { minLength: 1, maxLength: 3 }) }),
  step(2, 'remove', { by: pick, who: pick, proposer: pick }),
  step(3, 'update', { by: pick }),
  step(2, 'update-by-reference', { by: pick, proposers: picks }),
  step(2, 'join-externally', { by: pick, engine }),
  step(1, 'resync', { by: pick, who: pick, engine }),
  step(2, 'psk', { by: pick, proposer: pick, engines: fc.array(engine, { maxLength: 1 }) }),
  step(1, 'extensions', { by: pick, basicRequired: fc.boolean() }),
  step(1, 'reinit', { by: pick, creator: pick, swap: fc.boolean() }),
  step(1, 'branch', { by: pick, others: fc.nat(511), go: fc.boolean() }),
  step(1, 'restart', { who: pick }),
  step(3, 'send', {
    by: pick,
    count: fc.integer({ min: 1, max: 4 }),
    order: fc.integer({ min: 1, max: 6 }),
    late: fc.boolean(),
  }),
);

export interface History {
  /** Which implementation founds the group. */
  readonly founder: number;
  readonly steps: readonly Step[];
}

export const anyHistory: fc.Arbitrary<History> = fc.record({
  founder: engine,
  steps: fc.array(anyStep, { minLength: 6, maxLength: 18 }),
});

/** One history in which both implementations do everything, so that no run depends on chance for that. */
export function everyRole(founder: 0 | 1): History {
  const same = founder;
  const other = 1 - founder;
  const steps: readonly Step[] = [
    { do: 'add', framing: 'public', by: 0, proposer: 0, engines: [other, same, other] },
    { do: 'add', framing: 'private', by: 1, proposer: 2, engines: [same] },
    { do: 'update', framing: 'public', by: 0 },
    { do: 'update', framing: 'private', by: 1 },
    { do: 'send', framing: 'private', by: 0, count: 4, order: 3, late: true },
    { do: 'restart', framing: 'public', who: 0 },
    { do: 'restart', framing: 'public', who: 1 },
    { do: 'update-by-reference', framing: 'public', by: 0, proposers: [1, 2] },
    { do: 'send', framing: 'private', by: 1, count: 3, order: 2, late: false },
    { do: 'update-by-reference', framing: 'private', by: 1, proposers: [0, 3] },
    { do: 'psk', framing: 'private', by: 0, proposer: 1, engines: [other] },
    { do: 'psk', framing: 'public', by: 1, proposer: 1, engines: [same] },
    { do: 'join-externally', framing: 'public', by: 0, engine: 1 },
    { do: 'join-externally', framing: 'public', by: 1, engine: 0 },
    { do: 'extensions', framing: 'public', by: founder, basicRequired: true },
    { do: 'remove', framing: 'private', by: 0, who: 3, proposer: 0 },
    { do: 'remove', framing: 'public', by: 1, who: 4, proposer: 2 },
    { do: 'resync', framing: 'public', by: 0, who: 1, engine: other },
    { do: 'resync', framing: 'public', by: 0, who: 1, engine: same },
    { do: 'branch', framing: 'public', by: 0, others: 511, go: false },
    { do: 'branch', framing: 'public', by: 5, others: 511, go: true },
    { do: 'reinit', framing: 'public', by: 0, creator: 1, swap: false },
    { do: 'reinit', framing: 'private', by: 1, creator: 0, swap: true },
    { do: 'update', framing: 'public', by: 2 },
  ];
  return { founder, steps };
}
