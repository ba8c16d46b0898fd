/** One-time passwords over SMS: who owns a number proves it where no bearer does (RCC.14; docs/rcs-signalling.md 1.2). */
import { constantTimeEqual } from '../../../stack/crypto/bytes.ts';
import type { Clock, Random } from '../../../stack/platform.ts';
import type { Subscriber } from '../config.ts';
import { DEFAULT_SMS_PORT, OTP_DEFAULTS, type OtpSettings } from './settings.ts';

/** TP-OA of what the ACS sends: a short code, so that phones and traces know it. */
export const ACS_SENDER = '27727';

/** How the ACS sends short messages. */
export interface AcsMessages {
  text(to: string, text: string): void;
  /** 8-bit data to an application port. */
  data(to: string, port: number, data: Uint8Array): void;
}

export interface OneTimePassword {
  readonly code: string;
  readonly until: number;
  triesLeft: number;
}

const HOUR_MS = 3_600_000;
/** Numbers whose messages are counted; the one counted longest ago is forgotten first. */
const MAX_NUMBERS = 10_000;

export class OneTimePasswords {
  readonly #settings: OtpSettings;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #messages: AcsMessages;
  /** When each number was sent its messages of the last hour. */
  readonly #sent = new Map<string, readonly number[]>();

  constructor(
    settings: Partial<OtpSettings> | undefined,
    ports: { readonly clock: Clock; readonly random: Random; readonly messages: AcsMessages },
  ) {
    this.#settings = { ...OTP_DEFAULTS, ...settings };
    this.#clock = ports.clock;
    this.#random = ports.random;
    this.#messages = ports.messages;
  }

  get lifetimeMs(): number {
    return this.#settings.lifetimeMs;
  }

  /** Sends a new one; the milliseconds to wait when the number had its messages of this hour (hazard R71). */
  send(subscriber: Subscriber, smsPort: number): OneTimePassword | { readonly waitMs: number } {
    const { digits, lifetimeMs, tries, messagesPerHour } = this.#settings;
    const now = this.#clock.now();
    const recent = (this.#sent.get(subscriber.msisdn) ?? []).filter((at) => at > now - HOUR_MS);
    if (recent.length >= messagesPerHour) return { waitMs: recent[0]! + HOUR_MS - now };
    this.#sent.delete(subscriber.msisdn);
    this.#sent.set(subscriber.msisdn, [...recent, now]);
    if (this.#sent.size > MAX_NUMBERS) this.#sent.delete(this.#sent.keys().next().value!);
    const code = randomDigits(this.#random, digits);
    this.#deliver(subscriber.msisdn, smsPort, code);
    return { code, until: now + lifetimeMs, triesLeft: tries };
  }

  /** Takes as long for a wrong password as for the right one; each wrong one uses up a try. */
  matches(password: OneTimePassword, given: string): boolean {
    const bytes = (text: string) => new TextEncoder().encode(text);
    const alive = password.triesLeft > 0 && password.until > this.#clock.now();
    const right = constantTimeEqual(bytes(password.code), bytes(given));
    password.triesLeft = right ? 0 : password.triesLeft - 1;
    return alive && right;
  }

  #deliver(msisdn: string, smsPort: number, code: string): void {
    const { delivery } = this.#settings;
    if (smsPort === 0 || delivery === 'text') {
      this.#messages.text(msisdn, `Your messaging code is ${code}. Tell it to nobody.`);
      return;
    }
    const port = delivery === 'wrong-port' ? (smsPort === DEFAULT_SMS_PORT ? 1 : DEFAULT_SMS_PORT) : smsPort;
    this.#messages.data(msisdn, port, new TextEncoder().encode(code));
  }
}

/** Uniform: bytes from 250 up are drawn again. */
function randomDigits(random: Random, count: number): string {
  let digits = '';
  while (digits.length < count) {
    const byte = random.bytes(1)[0]!;
    if (byte < 250) digits += byte % 10;
  }
  return digits;
}
