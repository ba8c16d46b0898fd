/** One request to the ACS and what its answer means to a client (RCC.14; docs/rcs-signalling.md 1.2 to 1.4). */
import type { Platform } from '../../platform.ts';
import { acsHost, acsQuery } from '../../rcs/config/index.ts';
import { DEFAULT_RETRY_AFTER_MS, DOCUMENT_LIMIT, MAX_RETRY_AFTER_MS } from './limits.ts';
import type { Terminal } from './outcome.ts';

export type AcsAnswer =
  | { readonly kind: 'document'; readonly bytes: Uint8Array; readonly cookie: string | undefined }
  /** 200 without a body: off the bearer, a one-time password is on its way. */
  | { readonly kind: 'empty'; readonly cookie: string | undefined }
  | { readonly kind: 'busy'; readonly waitMs: number }
  /** 511: token or one-time password is not valid, or the bearer tells the ACS nothing. */
  | { readonly kind: 'unproven' }
  | { readonly kind: 'forbidden' }
  | { readonly kind: 'failed'; readonly why: string };

export interface FirstContact {
  readonly kind: 'identified';
  readonly cookie: string;
}

/** What is asked for off the operator's bearer, and never on it (hazard R72). */
export interface Proof {
  readonly msisdn: string;
  readonly smsPort: number;
  readonly token: string;
}

export class AcsExchange {
  readonly #platform: Platform;
  readonly #terminal: Terminal;
  readonly #host: string;

  constructor(platform: Platform, terminal: Terminal) {
    this.#platform = platform;
    this.#terminal = terminal;
    // MCC and MNC are the first digits of the IMSI; the emulated networks have MNCs of three digits.
    this.#host = acsHost(terminal.imsi.slice(0, 3), terminal.imsi.slice(3, 6));
  }

  /**
   * The plain request that the operator's network adds the identity to. It earns a cookie; a body beside it is read by
   * nobody, as anyone on the way could have written it.
   */
  async firstContact(): Promise<Exclude<AcsAnswer, { kind: 'document' | 'empty' }> | FirstContact> {
    const answer = await this.#ask(`http://${this.#host}/`);
    if (answer.kind !== 'document' && answer.kind !== 'empty') return answer;
    const { cookie } = answer;
    if (cookie === undefined) return { kind: 'failed', why: 'the ACS answered 200 without a cookie' };
    return { kind: 'identified', cookie };
  }

  /** With the cookie of the first contact, or with a proof. */
  query(vers: number, by: { readonly cookie: string } | Proof): Promise<AcsAnswer> {
    const { rcsProfile, clientVersion, vendor, model, softwareVersion, imsi } = this.#terminal;
    const query = acsQuery({
      vers,
      rcsVersion: '11.0',
      rcsProfiles: [rcsProfile],
      clientVendor: 'PRLY',
      clientVersion,
      terminalVendor: vendor,
      terminalModel: model,
      terminalSwVersion: softwareVersion,
      provisioningVersion: '5.0',
      defaultSmsApp: 1,
      imsi,
      ...('cookie' in by ? {} : by),
    });
    return this.#ask(`https://${this.#host}/?${query}`, 'cookie' in by ? by.cookie : undefined);
  }

  sendPassword(otp: string, cookie: string): Promise<AcsAnswer> {
    return this.#ask(`https://${this.#host}/?${acsQuery({ otp })}`, cookie);
  }

  async #ask(url: string, cookie?: string): Promise<AcsAnswer> {
    try {
      const headers = { 'accept-language': 'en', ...(cookie !== undefined && { cookie }) };
      const response = await this.#platform.network.fetch(new Request(url, { headers }));
      return await this.#read(response);
    } catch (error) {
      return { kind: 'failed', why: error instanceof Error ? error.message : String(error) };
    }
  }

  async #read(response: Response): Promise<AcsAnswer> {
    const { status, headers } = response;
    if (status === 511) return { kind: 'unproven' };
    if (status === 403) return { kind: 'forbidden' };
    if (status === 503) {
      return { kind: 'busy', waitMs: retryAfterMs(headers.get('retry-after'), this.#platform.clock.now()) };
    }
    if (status !== 200) return { kind: 'failed', why: `the ACS answered ${status}` };
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (bytes.length > DOCUMENT_LIMIT)
      return { kind: 'failed', why: `a configuration document of ${bytes.length} octets` };
    const cookie = headers.get('set-cookie')?.split(';')[0] || undefined;
    return bytes.length > 0 ? { kind: 'document', bytes, cookie } : { kind: 'empty', cookie };
  }
}

/** RFC 9110 section 10.2.3: seconds or a date; what can't be read counts as a minute. */
export function retryAfterMs(field: string | null, now: number): number {
  const text = field?.trim() ?? '';
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now;
  return Number.isNaN(ms) ? DEFAULT_RETRY_AFTER_MS : Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS);
}
