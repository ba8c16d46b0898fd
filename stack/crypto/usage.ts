/** A provider's own account of what it was asked to do. */
import type { CryptoUsage } from './provider.ts';

export class UsageCounter implements CryptoUsage {
  readonly calls: Record<string, number> = {};
  nanoseconds = 0n;
  private readonly clock: (() => bigint) | undefined;

  constructor(clock: (() => bigint) | undefined) {
    this.clock = clock;
  }

  /** `work`, counted under `name`; only leaf primitives are wrapped, so that no time counts twice. */
  wrap<A extends readonly unknown[], R>(name: string, work: (...args: A) => R): (...args: A) => R {
    const { calls, clock } = this;
    // Suites of one provider share their counters.
    calls[name] ??= 0;
    if (clock === undefined) {
      return (...args) => {
        calls[name]!++;
        return work(...args);
      };
    }
    return (...args) => {
      calls[name]!++;
      const start = clock();
      try {
        return work(...args);
      } finally {
        this.nanoseconds += clock() - start;
      }
    };
  }
}
