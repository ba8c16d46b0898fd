/**
 * MLS implementations that phones can be given. `parley` is the stack's own and `grpc:HOST:PORT` whoever serves the contract
 * of the MLS working group there; engines by any other name come from a module that the caller names (`--engines`), because
 * harness/ knows no other implementation.
 */
import type { Awaitable } from '../../stack/client/awaitable.ts';
import type { CreateMlsEngine, Rcc16Part } from '../../stack/client/mls-engine.ts';

export interface EngineSource {
  /** Parts of RCC.16 that it can't do; matrix/engines/NAME.yaml must declare them. */
  readonly lacks: readonly Rcc16Part[];
  /** Rejects when the implementation can't be reached. */
  readonly cipherSuites: () => Awaitable<readonly number[]>;
  readonly create: CreateMlsEngine;
  /** Why the same case need not give the same bytes; absent where it does. Such worlds begin at the real time. */
  readonly nondeterministic?: string;
}

/** By the names that device files and plans use. */
export type Engines = Readonly<Record<string, EngineSource>>;

/** What a module for `--engines` exports. */
export interface EnginesModule {
  readonly engines: Engines;
}
