import type { Pick } from './pick.ts';

/** Something that takes bytes from strangers. */
export interface FuzzTarget {
  readonly name: string;
  readonly kind: 'binary' | 'text';
  /** Inputs that it accepts as they are. */
  readonly corpus: readonly Uint8Array[];
  /**
   * Takes an input that was made of `corpus[origin]`. `refused` by its own typed error; whatever else is thrown is a
   * finding. May look closer at what it accepted, and throw.
   */
  attempt(input: Uint8Array, origin: number): Promise<Taken> | Taken;
  /** Inputs that mutation alone would not find, such as lies with a valid signature; `undefined` when none came out. */
  craft?(
    mutate: (bytes: Uint8Array) => Uint8Array,
    pick: Pick,
  ): { input: Uint8Array; origin: number } | undefined;
  /** After the last input: throws unless it still works as it did before the first. Ends what was started. */
  finish?(): Promise<void> | void;
}

export type Taken = 'accepted' | 'refused';

/** Wraps a decoder: `refused` when one of the error families that it promises comes out. */
export function refusedBy(
  families: readonly (abstract new (...args: never[]) => Error)[],
  work: () => unknown,
): Taken {
  try {
    work();
    return 'accepted';
  } catch (error) {
    if (families.some((family) => error instanceof family)) return 'refused';
    throw error;
  }
}
