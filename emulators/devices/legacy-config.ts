/**
 * Auto-configuration as old phones do it (docs/rcs-signalling.md 1.2): every time as at first boot, a code that the owner
 * reads and types in where the bearer does not tell who asks, and patience with a busy server only.
 */
import { Waits } from '../../stack/client/provisioning/waits.ts';
import { NetworkError, type Platform } from '../../stack/platform.ts';
import {
  acsHost,
  acsQuery,
  ConfigError,
  configVersion,
  parseConfigDocument,
  type RcsConfig,
  readRcsConfig,
} from '../../stack/rcs/config/index.ts';
import type { Arrival, SmsBearer } from '../../stack/rcs/sms/index.ts';
import type { PhoneConfig } from './phone.ts';

/** A server that stays busy, codes that don't come, and a network that loses answers get this many tries. */
const TRIES = 4;
const CODE_WAIT_MS = 64_000;
const LONGEST_WAIT_MS = 120_000;

export class LegacyConfiguration {
  readonly #platform: Platform;
  readonly #phone: PhoneConfig;
  readonly #sms: SmsBearer;
  readonly #waits: Waits;
  readonly #stopWatching: () => void;
  #token = '';
  #config: RcsConfig | undefined;
  /** Version -1 or -2 came: nothing is asked until the phone is reset, or its owner finds the switch. */
  #stopped = false;

  /** `onReconfigure`: the network sent `<IMSI>-rcscfg`. */
  constructor(platform: Platform, phone: PhoneConfig, sms: SmsBearer, onReconfigure: () => Promise<void>) {
    this.#platform = platform;
    this.#phone = phone;
    this.#sms = sms;
    this.#waits = new Waits(platform.clock);
    this.#stopWatching = sms.watch((arrival) => {
      if (textOf(arrival) === `${phone.imsi}-rcscfg` && !this.#stopped) void onReconfigure();
    });
  }

  /** Undefined when the network gives no RCS configuration; what there was when it says nothing. */
  async fetch(): Promise<RcsConfig | undefined> {
    for (let left = TRIES; left > 0 && !this.#stopped && !this.#waits.isClosed; left -= 1) {
      const answer = await this.#ask().catch(unreachable);
      if (answer === undefined) continue;
      if (answer.status === 503) {
        const seconds = Number(answer.headers.get('retry-after') ?? 30);
        await this.#waits.pause(Math.min((seconds || 30) * 1_000, LONGEST_WAIT_MS));
      } else if (answer.status === 511) {
        this.#token = '';
      } else {
        this.#config = answer.ok ? this.#readSafely(new Uint8Array(await answer.arrayBuffer())) : undefined;
        return this.#config;
      }
    }
    return this.#config;
  }

  close(): void {
    this.#stopWatching();
    this.#waits.close();
  }

  /** Undefined when nothing came of it that says anything. */
  async #ask(): Promise<Response | undefined> {
    const { network } = this.#platform;
    const host = acsHost(this.#phone.imsi.slice(0, 3), this.#phone.imsi.slice(3, 6));
    if (this.#phone.bearer === 'operator') {
      const first = await network.fetch(new Request(`http://${host}/`));
      if (!first.ok && first.status !== 511) return first;
      const cookie = cookieOf(first);
      if (first.ok && cookie === undefined) return undefined;
      if (cookie !== undefined) return network.fetch(request(`https://${host}/?${this.#query()}`, cookie));
    }
    const { msisdn } = this.#phone;
    const code = this.#nextCode();
    try {
      const query = this.#query({ msisdn, smsPort: 0, token: this.#token });
      const first = await network.fetch(request(`https://${host}/?${query}`));
      const cookie = cookieOf(first);
      if (!first.ok || cookie === undefined) return first;
      const otp = await this.#waits.within(CODE_WAIT_MS, code.read);
      if (otp === undefined) return undefined;
      return await network.fetch(request(`https://${host}/?${acsQuery({ otp })}`, cookie));
    } finally {
      code.close();
    }
  }

  #query(proof: { msisdn?: string; smsPort?: number; token?: string } = {}): string {
    const joyn = this.#phone.universalProfile === 'joyn';
    return acsQuery({
      vers: 0,
      rcsVersion: joyn ? '5.1B' : '11.0',
      rcsProfiles: [joyn ? 'joyn_blackbird' : 'UP_2.4'],
      clientVendor: 'OLDV',
      clientVersion: this.#phone.clientVersion,
      terminalVendor: 'EMUL',
      terminalModel: this.#phone.model.slice(0, 10),
      terminalSwVersion: this.#phone.osVersion,
      imsi: this.#phone.imsi,
      ...proof,
    });
  }

  /** The owner reads the code off the screen and types it in. */
  #nextCode(): { readonly read: Promise<string>; close(): void } {
    let stop = () => {};
    const read = new Promise<string>((resolve) => {
      stop = this.#sms.watch((arrival) => {
        const digits = arrival.kind === 'text' ? /\d{4,8}/.exec(arrival.text)?.[0] : undefined;
        if (digits !== undefined) resolve(digits);
      });
    });
    return { read, close: () => stop() };
  }

  /** What is no document changes nothing. */
  #readSafely(bytes: Uint8Array): RcsConfig | undefined {
    try {
      return this.#read(bytes);
    } catch (error) {
      if (error instanceof ConfigError) return this.#config;
      throw error;
    }
  }

  #read(bytes: Uint8Array): RcsConfig | undefined {
    const document = parseConfigDocument(bytes);
    const version = configVersion(document);
    this.#stopped = version === -1 || version === -2;
    if (version <= 0) return undefined;
    const config = readRcsConfig(document);
    this.#token = config.token ?? '';
    return config;
  }
}

/** What no answer comes to; anything else is a mistake of ours. */
function unreachable(error: unknown): undefined {
  if (error instanceof NetworkError) return undefined;
  throw error;
}

function request(url: string, cookie?: string): Request {
  return new Request(url, cookie === undefined ? {} : { headers: { cookie } });
}

function cookieOf(response: Response): string | undefined {
  return response.headers.get('set-cookie')?.split(';')[0];
}

function textOf(arrival: Arrival): string {
  return arrival.kind === 'text' ? arrival.text : new TextDecoder().decode(arrival.data);
}
