/** What provisioning keeps across restarts: the document in use, what the ACS said last, and the token. */
import type { Platform } from '../../platform.ts';
import {
  ConfigError,
  type ConfigToken,
  parseConfigDocument,
  type RcsConfig,
  readRcsConfig,
} from '../../rcs/config/index.ts';

/** `on`, or what keeps RCS off: until any trigger, for good, until the owner switches it on, until a query says so. */
export type Standing = 'on' | 'wiped' | 'stopped' | 'disabled' | 'dormant';

interface Notes {
  /** Of the SIM that all this belongs to. */
  readonly imsi: string;
  readonly standing: Standing;
  readonly token?: { readonly value: string; readonly until?: number };
}

const DOCUMENT = 'rcs-config';
const NOTES = 'rcs-provisioning';

export class StoredConfiguration {
  readonly #platform: Platform;
  readonly #imsi: string;

  /** Another SIM finds nothing of the one before (RCC.14: a SIM swap is a first boot). */
  constructor(platform: Platform, imsi: string) {
    this.#platform = platform;
    this.#imsi = imsi;
    const notes = readNotes(platform);
    if (notes !== undefined && notes.imsi !== imsi) {
      platform.store.delete(DOCUMENT);
      platform.store.delete(NOTES);
    }
  }

  get standing(): Standing {
    return this.#notes.standing;
  }

  /** The document in use; kept, but not in use, while dormant. */
  get config(): RcsConfig | undefined {
    const bytes = this.#platform.store.get(DOCUMENT);
    try {
      return bytes && readRcsConfig(parseConfigDocument(bytes));
    } catch (error) {
      if (error instanceof ConfigError) return undefined;
      throw error;
    }
  }

  /** What to send with a query off the operator's bearer; empty when there is none, or it has run out. */
  get token(): string {
    const { token } = this.#notes;
    const over = token?.until !== undefined && token.until <= this.#platform.clock.now();
    return token === undefined || over ? '' : token.value;
  }

  keepToken({ value, validitySeconds }: ConfigToken): void {
    const until =
      validitySeconds === undefined ? undefined : this.#platform.clock.now() + validitySeconds * 1_000;
    this.#write({ ...this.#notes, token: { value, ...(until !== undefined && { until }) } });
  }

  discardToken(): void {
    const { token: _, ...rest } = this.#notes;
    this.#write(rest);
  }

  keep(document: Uint8Array): void {
    this.#platform.store.set(DOCUMENT, document);
    this.stand('on');
  }

  wipe(standing: Standing): void {
    this.#platform.store.delete(DOCUMENT);
    this.stand(standing);
  }

  stand(standing: Standing): void {
    this.#write({ ...this.#notes, standing });
  }

  get #notes(): Notes {
    return readNotes(this.#platform) ?? { imsi: this.#imsi, standing: 'on' };
  }

  #write(notes: Notes): void {
    this.#platform.store.set(NOTES, new TextEncoder().encode(JSON.stringify(notes)));
  }
}

/** Only this file writes them, so their shape is known. */
function readNotes({ store }: Platform): Notes | undefined {
  const bytes = store.get(NOTES);
  return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as Notes);
}
