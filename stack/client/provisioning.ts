/**
 * The provisioning manager: when to ask the ACS (RCC.14 flows C and D, validity, Retry-After; docs/rcs-signalling.md 1.2)
 * and one run at a time. How a run goes is in provisioning/run.ts.
 */
import type { Platform, Timer } from '../platform.ts';
import { AcsExchange } from './provisioning/acs-exchange.ts';
import type { RunResult } from './provisioning/adopt.ts';
import { LONGEST_TIMER_MS, MAX_REGISTRATION_REFUSALS } from './provisioning/limits.ts';
import type { Bearer, ProvisioningOutcome, Terminal, Trigger } from './provisioning/outcome.ts';
import { asksToReconfigure, type ShortMessages } from './provisioning/password-inbox.ts';
import { runProvisioning } from './provisioning/run.ts';
import { StoredConfiguration } from './provisioning/stored-configuration.ts';
import { Waits } from './provisioning/waits.ts';

export type { Bearer, ProvisioningOutcome, Terminal, Trigger } from './provisioning/outcome.ts';

export interface ProvisioningOptions {
  readonly platform: Platform;
  readonly terminal: Terminal;
  readonly sms: ShortMessages;
  /** Asked at the beginning of each run. */
  readonly bearer: () => Bearer;
  /** Told of runs that nobody called `run` for: validity over, the network's word, a Retry-After. */
  readonly onOutcome: (outcome: ProvisioningOutcome) => void;
  readonly askNumber?: (refused: string) => Promise<string | undefined>;
}

export class Provisioning {
  readonly #options: ProvisioningOptions;
  readonly #stored: StoredConfiguration;
  readonly #exchange: AcsExchange;
  readonly #waits: Waits;
  readonly #stopWatching: () => void;
  readonly #ports: Parameters<typeof runProvisioning>[0];
  #running: Promise<ProvisioningOutcome> | undefined;
  /** The network asked while a run was going on, which may have come too early. */
  #askedMeanwhile = false;
  #timer: Timer | undefined;
  #refusedRegistrations = 0;

  constructor(options: ProvisioningOptions) {
    const { platform, terminal, sms, bearer, askNumber } = options;
    this.#options = options;
    this.#stored = new StoredConfiguration(platform, terminal.imsi);
    this.#exchange = new AcsExchange(platform, terminal);
    this.#waits = new Waits(platform.clock);
    this.#ports = {
      exchange: this.#exchange,
      stored: this.#stored,
      sms,
      waits: this.#waits,
      random: platform.random.fork('SMS port'),
      bearer,
      msisdn: terminal.msisdn,
      ...(askNumber && { askNumber }),
    };
    this.#stopWatching = sms.watch((arrival) => {
      if (!asksToReconfigure(arrival, terminal.imsi)) return;
      if (this.#running) this.#askedMeanwhile = true;
      else this.#inBackground('network');
    });
  }

  /** Asks the ACS; a call while a run is going on gets that run's outcome. Never rejects for what an ACS may do. */
  run(trigger: Trigger): Promise<ProvisioningOutcome> {
    // The run begins once it is known to be going on, whatever it brings about at once.
    this.#running ??= Promise.resolve()
      .then(() => this.#runOnce(trigger))
      .finally(() => {
        this.#running = undefined;
        if (this.#askedMeanwhile) this.#inBackground('network');
        this.#askedMeanwhile = false;
      });
    return this.#running;
  }

  /** REGISTER met 403: the credentials may be out of date. Undefined when that was tried often enough. */
  async registrationRefused(): Promise<ProvisioningOutcome | undefined> {
    if (this.#refusedRegistrations >= MAX_REGISTRATION_REFUSALS) return undefined;
    this.#refusedRegistrations += 1;
    return this.run('registration-refused');
  }

  registered(): void {
    this.#refusedRegistrations = 0;
  }

  close(): void {
    this.#timer?.cancel();
    this.#stopWatching();
    this.#waits.close();
  }

  async #runOnce(trigger: Trigger): Promise<ProvisioningOutcome> {
    this.#timer?.cancel();
    const { outcome, againInMs }: RunResult = await runProvisioning(this.#ports, trigger);
    if (againInMs !== undefined) this.#askAgainIn(againInMs);
    return outcome;
  }

  #askAgainIn(ms: number): void {
    if (this.#waits.isClosed) return;
    const now = Math.min(ms, LONGEST_TIMER_MS);
    this.#timer = this.#options.platform.clock.setTimer(now, () => {
      if (ms > now) this.#askAgainIn(ms - now);
      else this.#inBackground('validity');
    });
  }

  #inBackground(trigger: Trigger): void {
    if (this.#waits.isClosed) return;
    void this.run(trigger).then((outcome) => {
      if (!this.#waits.isClosed) this.#options.onOutcome(outcome);
    });
  }
}
