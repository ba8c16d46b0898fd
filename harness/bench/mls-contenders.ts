/**
 * Who takes part in the MLS bench. The harness knows no implementation but the stack's interface types: the contenders
 * come from a module that is named by its URL, as the runtime of the cells does, so that nothing here imports suites/
 * and whoever has an MLS of their own can measure it by a module of their own.
 */
import type { MlsEngine } from './mls-engine.ts';

/** An implementation with caches of its own, as one device has. */
export interface Client {
  readonly engine: MlsEngine;
  /** Time spent in primitives so far; only of a contender that counts. */
  readonly cryptoNanoseconds?: () => bigint;
}

export interface Contender {
  readonly name: string;
  /** A client that has seen nothing yet. */
  readonly client: () => Client;
  /** Whether a client that has done something once does it faster again, so that each measurement needs a new one. */
  readonly remembers: boolean;
}

export interface Contenders {
  readonly ours: Contender;
  /** The same with its primitives timed, which costs time itself: for the share of cryptography only. */
  readonly counted: Contender;
  /** The peer as published. */
  readonly peer: Contender;
  /** The peer on our primitives. */
  readonly peerNative: Contender;
  /** Builds the groups that the others are measured in. It may skip what costs time and doesn't show in the group. */
  readonly builder: MlsEngine;
}

export interface ContendersModule {
  readonly contenders: (suite: number, nanoseconds: () => bigint) => Promise<Contenders>;
}

/** `url` is of a module that exports what ContendersModule says: harness/ may not know who its peers are. */
export async function loadContenders(url: string): Promise<ContendersModule['contenders']> {
  return ((await import(url)) as ContendersModule).contenders;
}
