/** Registering again after a registration was lost: RFC 5626 section 4.5; TS 24.229 section 5.1.1.3 for `now`. */
import type { Random } from '../platform.ts';
import type { Lanes } from './lanes.ts';
import type { RegistrationLoss } from './registration-outcome.ts';
import { registrationWait } from './registration-waits.ts';

export interface RegistrationRetryOptions {
  readonly lanes: Lanes;
  readonly random: Random;
  /** Whether a registration is wanted, possible and not there. */
  wanted(): boolean;
  register(): Promise<void>;
}

export class RegistrationRetry {
  readonly #options: RegistrationRetryOptions;
  #atOnce = false;
  #retryAfterMs = 0;

  constructor(options: RegistrationRetryOptions) {
    this.#options = options;
  }

  /** Goes on until there is a registration, or none is wanted. Called for each attempt that fails, too. */
  after({ again, retryAfterMs = 0 }: RegistrationLoss): void {
    this.#atOnce = again === 'now';
    this.#retryAfterMs = retryAfterMs;
    this.#options.lanes.enter('register', () => this.#run());
  }

  async #run(): Promise<void> {
    const { lanes, random, wanted, register } = this.#options;
    for (let failures = 0; wanted(); failures += 1) {
      const wait = this.#atOnce ? 0 : registrationWait(random, failures, this.#retryAfterMs);
      this.#atOnce = false;
      this.#retryAfterMs = 0;
      if (wait > 0) await lanes.pause(wait);
      if (wanted()) await register();
    }
  }
}
