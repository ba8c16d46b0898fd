/**
 * One run of auto-configuration: RCC.14 flows A and B (docs/rcs-signalling.md 1.2) as a state machine that ends,
 * whatever the ACS answers. What ends it well is a document; everything else uses up a count.
 */
import type { Random } from '../../platform.ts';
import { ConfigError } from '../../rcs/config/index.ts';
import type { AcsAnswer, AcsExchange } from './acs-exchange.ts';
import { adoptDocument, off, type RunResult } from './adopt.ts';
import {
  MAX_BUSY,
  MAX_BUSY_WAIT_MS,
  MAX_FAILURES,
  MAX_NUMBERS,
  MAX_PASSWORDS,
  MAX_REFUSALS,
  PASSWORD_WAIT_MS,
  RETRY_BASE_MS,
  RUN_AGAIN_MS,
} from './limits.ts';
import type { Bearer, Trigger } from './outcome.ts';
import { drawPort, openPasswordInbox, type ShortMessages } from './password-inbox.ts';
import type { StoredConfiguration } from './stored-configuration.ts';
import type { Waits } from './waits.ts';

export interface RunPorts {
  readonly exchange: AcsExchange;
  readonly stored: StoredConfiguration;
  readonly sms: ShortMessages;
  readonly waits: Waits;
  /** Draws the ports of binary one-time passwords. */
  readonly random: Random;
  readonly bearer: () => Bearer;
  readonly msisdn: string;
  /** Asks the owner for the number, after the ACS refused `msisdn`; undefined when it stays unknown. */
  readonly askNumber?: (refused: string) => Promise<string | undefined>;
}

type Answer = AcsAnswer | { readonly kind: 'no-password' };

export async function runProvisioning(ports: RunPorts, trigger: Trigger): Promise<RunResult> {
  const { stored } = ports;
  const barred = barredBy(stored, trigger);
  if (barred !== undefined) return { outcome: off(barred) };
  return new Run(ports, trigger).toItsEnd();
}

/** Why nothing may be asked now. */
function barredBy({ standing }: StoredConfiguration, trigger: Trigger): string | undefined {
  if (standing === 'stopped') return 'version -1: not for this SIM';
  if (standing === 'disabled' && trigger !== 'user') return 'version -2: until its owner switches RCS on';
  return undefined;
}

class Run {
  readonly #ports: RunPorts;
  readonly #vers: number;
  #onBearer: boolean;
  #msisdn: string;
  #failures = 0;
  #refusals = 0;
  #passwords = 0;
  #numbers = 0;
  #busy = 0;
  #busyMs = 0;

  constructor(ports: RunPorts, trigger: Trigger) {
    this.#ports = ports;
    this.#vers = versionToSend(ports.stored, trigger);
    this.#onBearer = ports.bearer() === 'operator';
    this.#msisdn = ports.msisdn;
  }

  async toItsEnd(): Promise<RunResult> {
    for (;;) {
      const answer = this.#onBearer ? await this.#askOnBearer() : await this.#askElsewhere();
      const end = await this.#take(answer);
      if (end !== undefined) return end;
      if (this.#ports.waits.isClosed) return this.#giveUp('the client was closed');
    }
  }

  async #askOnBearer(): Promise<Answer> {
    const { exchange } = this.#ports;
    const contact = await exchange.firstContact();
    return contact.kind === 'identified' ? exchange.query(this.#vers, { cookie: contact.cookie }) : contact;
  }

  async #askElsewhere(): Promise<Answer> {
    const { exchange, stored, sms, waits, random } = this.#ports;
    // Where no binary message came, a readable one may (hazard R74).
    const inbox = openPasswordInbox(sms, this.#passwords === 0 ? drawPort(random) : 0);
    try {
      const proof = { msisdn: this.#msisdn, smsPort: inbox.port, token: stored.token };
      const answer = await exchange.query(this.#vers, proof);
      if (answer.kind !== 'empty') return answer;
      if (answer.cookie === undefined) return { kind: 'failed', why: 'no cookie to send a password with' };
      this.#passwords += 1;
      const password = await waits.within(PASSWORD_WAIT_MS, inbox.password);
      return password === undefined
        ? { kind: 'no-password' }
        : exchange.sendPassword(password, answer.cookie);
    } finally {
      inbox.close();
    }
  }

  /** The end of the run, or undefined to ask again. */
  #take(answer: Answer): RunResult | Promise<RunResult | undefined> | undefined {
    switch (answer.kind) {
      case 'document':
        return this.#adopt(answer.bytes);
      case 'forbidden':
        return this.#forbidden();
      case 'busy':
        return this.#waitFor(answer.waitMs);
      case 'unproven':
        return this.#unproven();
      case 'no-password':
        if (this.#passwords >= MAX_PASSWORDS) return this.#giveUp('no one-time password came');
        return undefined;
      case 'empty':
        return this.#failed('the ACS answered without a document');
      case 'failed':
        return this.#failed(answer.why);
    }
  }

  #adopt(bytes: Uint8Array): RunResult | Promise<RunResult | undefined> {
    try {
      return adoptDocument(this.#ports.stored, bytes);
    } catch (error) {
      if (error instanceof ConfigError) return this.#failed(error.message);
      throw error;
    }
  }

  /** On the bearer: not entitled. Elsewhere the number may be a wrong one, which its owner can set right. */
  async #forbidden(): Promise<RunResult | undefined> {
    const { askNumber } = this.#ports;
    if (!this.#onBearer && askNumber && this.#numbers < MAX_NUMBERS) {
      this.#numbers += 1;
      const number = await askNumber(this.#msisdn);
      if (number !== undefined) {
        this.#msisdn = number;
        return undefined;
      }
    }
    return { outcome: off('403: not entitled to RCS') };
  }

  /** 503 takes nothing away from who has a document; who has none waits as long as is asked for, within bounds. */
  async #waitFor(waitMs: number): Promise<RunResult | undefined> {
    this.#busy += 1;
    this.#busyMs += waitMs;
    const patient = this.#busy <= MAX_BUSY && this.#busyMs <= MAX_BUSY_WAIT_MS;
    if (this.#inUse !== undefined || !patient) return this.#giveUp('the ACS is busy', waitMs);
    await this.#ports.waits.pause(waitMs);
    return undefined;
  }

  #unproven(): RunResult | undefined {
    if (this.#onBearer) {
      this.#onBearer = false;
      return undefined;
    }
    this.#ports.stored.discardToken();
    this.#refusals += 1;
    if (this.#refusals < MAX_REFUSALS && this.#passwords < MAX_PASSWORDS) return undefined;
    return this.#giveUp('the ACS takes neither token nor one-time password');
  }

  async #failed(why: string): Promise<RunResult | undefined> {
    this.#failures += 1;
    if (this.#failures >= MAX_FAILURES) return this.#giveUp(why);
    await this.#ports.waits.pause(RETRY_BASE_MS * (2 * this.#failures - 1));
    return undefined;
  }

  get #inUse() {
    const { standing, config } = this.#ports.stored;
    return standing === 'on' ? config : undefined;
  }

  /** RCC.14: a failing ACS never takes a working configuration away. */
  #giveUp(why: string, againInMs = RUN_AGAIN_MS): RunResult {
    const config = this.#inUse;
    if (config) return { outcome: { kind: 'configured', config, changed: false }, againInMs };
    return { outcome: { kind: 'unavailable', why }, againInMs };
  }
}

/** RCC.14 `vers`: that of the document in use, -3 while dormant; its owner brings a dormant one back by its own. */
function versionToSend({ standing, config }: StoredConfiguration, trigger: Trigger): number {
  if (standing === 'dormant' && trigger !== 'user') return -3;
  return config?.version ?? 0;
}
