import type { Phone, PhonePorts } from '../../emulators/devices/phone.ts';
import type { Bubble } from '../../stack/client/message-log.ts';
import type { Clock } from '../../stack/platform.ts';
import type { PhoneEvent } from './phone-event.ts';
import { PHONE_HELP, phoneLine } from './phone-line.ts';

export interface TerminalPhoneOptions {
  readonly name: string;
  readonly msisdn: string;
  readonly clock: Clock;
  /** Makes the phone, which tells what happens to these. */
  readonly createPhone: (ports: Required<Pick<PhonePorts, 'observe' | 'shown'>>) => Phone;
  /** Number of an account, by name. */
  readonly numberOf: (name: string) => string | undefined;
  readonly say: (event: PhoneEvent) => void;
}

/** Messages that are still on their way get this long to leave when the user has gone. */
const LEAVING_MS = 10_000;

/** A phone whose screen and keys are lines of text. */
export class TerminalPhone {
  readonly #options: TerminalPhoneOptions;
  readonly #phone: Phone;
  /** States already told, by message. */
  readonly #told = new Map<string, string>();
  readonly #leaving = new Set<string>();
  #whenLeft: (() => void) | undefined;
  #peer: string | undefined;

  constructor(options: TerminalPhoneOptions) {
    this.#options = options;
    this.#phone = options.createPhone({
      observe: (event) => this.#observed(event),
      shown: (bubble) => this.#shown(bubble),
    });
  }

  /** Provisions and registers; whether the phone is in service then. */
  async start(): Promise<boolean> {
    await this.#phone.provision();
    await this.#phone.register();
    const { registration } = this.#phone.view();
    return registration === 'registered' || registration === 'sms-only';
  }

  /** Does what a line says; false when it asks to quit. */
  type(line: string): boolean {
    const { numberOf, say } = this.#options;
    const command = phoneLine(line, this.#peer, numberOf);
    switch (command.do) {
      case 'send':
        this.#phone.send({ to: command.to, text: command.text, requirement: 'any' });
        break;
      case 'talk':
        this.#peer = command.to;
        say({ event: 'talking-to', peer: command.to });
        break;
      case 'ask':
        void this.#ask(command.peer);
        break;
      case 'help':
        say({ event: 'help', text: PHONE_HELP });
        break;
      case 'mistake':
        say({ event: 'mistake', text: command.why });
        break;
      case 'quit':
        return false;
      case 'nothing':
    }
    return true;
  }

  /** Lets what is under way leave, for a bounded time; deregisters and closes. */
  async stop(): Promise<void> {
    if (this.#leaving.size > 0) {
      await new Promise<void>((resolve) => {
        const patience = this.#options.clock.setTimer(LEAVING_MS, resolve);
        this.#whenLeft = () => {
          patience.cancel();
          resolve();
        };
      });
    }
    await this.#phone.deregister();
    this.#phone.close();
  }

  async #ask(peer: string): Promise<void> {
    await this.#phone.discover(peer);
    const known = this.#phone.view().capabilities[peer];
    if (known !== undefined) this.#options.say({ event: 'capabilities', peer, ...known });
  }

  #observed({
    name,
    data,
  }: {
    readonly name: string;
    readonly data: Readonly<Record<string, unknown>>;
  }): void {
    const { say, name: as, msisdn } = this.#options;
    const why = data['why'] === undefined ? {} : { why: String(data['why']) };
    if (name === 'provisioned') say({ event: 'provisioned', outcome: String(data['outcome']), ...why });
    else if (name === 'registered') say({ event: 'registered', as, msisdn, mls: data['mls'] === true });
    else if (name === 'deregistered') say({ event: 'deregistered', ...why });
  }

  #shown(bubble: Bubble): void {
    const { wireId, peer, text, badge, state, reason, direction } = bubble;
    const key = `${direction} ${peer} ${wireId}`;
    const now = `${badge} ${state} ${reason ?? ''}`;
    const before = this.#told.get(key);
    this.#told.set(key, now);
    if (direction === 'in') {
      if (before !== undefined) return;
      this.#options.say({ event: 'received', wireId, peer, text, badge });
      // It stands on the screen: once whoever took it is through, it has been read.
      queueMicrotask(() => this.#phone.read(peer, wireId));
      return;
    }
    if (before !== now) {
      const because = reason === undefined ? {} : { reason };
      this.#options.say({ event: 'sending', wireId, peer, text, badge, state, ...because });
    }
    if (state === 'queued' || state === 'pending') this.#leaving.add(key);
    else this.#leaving.delete(key);
    if (this.#leaving.size === 0) this.#whenLeft?.();
  }
}
