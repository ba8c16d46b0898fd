import type { Method } from '../contract.ts';
import type { StatusName } from '../rpc-error.ts';

/** What one script gave under one assignment, in plain data. */
export interface CellResult {
  /** Its axes, sorted: `assignment=AB,handshake=public,script=commit/empty,suite=1,tree=inside`; a filter, too. */
  readonly id: string;
  readonly script: string;
  readonly suite: number;
  readonly handshake: 'public' | 'private';
  readonly tree: 'inside' | 'beside';
  /** Letter of the client that plays each actor. */
  readonly actors: Readonly<Record<string, string>>;
  readonly verdict: CellVerdict;
}

export type CellVerdict =
  | { readonly outcome: 'passed' }
  | ({ readonly outcome: 'failed' } & Finding)
  /** A client says so itself: UNIMPLEMENTED, or a suite that it does not list. */
  | { readonly outcome: 'unsupported'; readonly because: string; readonly clients: readonly string[] }
  | { readonly outcome: 'not-run'; readonly because: string };

/** What went wrong, where, and at whom. */
export interface Finding {
  readonly step: StepPlace;
  /** The call that was answered wrongly or not at all; absent when answers of several differ. */
  readonly call?: Method;
  /** The actors whose answer it was, or whose answers differ. */
  readonly who: readonly string[];
  /** Of a call that gave no answer. */
  readonly status?: StatusName;
  readonly what: string;
  readonly expected?: string;
  readonly found?: string;
}

export interface StepPlace {
  readonly number: number;
  readonly verb: string;
  readonly file: string;
  readonly line: number;
  readonly field: string;
}
