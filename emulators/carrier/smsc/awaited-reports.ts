import { fromBase64, toBase64 } from '../../../stack/e2ee/base64.ts';
import type { Clock, Store } from '../../../stack/platform.ts';
import type { PagerMessage } from '../messaging/pager-message.ts';
import { restoredMessage, type StoredMessage, storedMessage } from '../messaging/stored-message.ts';
import { Remembered } from '../state/remembered.ts';

const LIMIT = 10_000;

interface Part {
  /** Keys of all parts of the same text, this one's too. */
  readonly parts: readonly string[];
  readonly message: StoredMessage;
  readonly body: string;
}

/** Status reports about texts that the network itself made of a message. */
export class AwaitedReports {
  readonly #missing: Remembered<Part>;

  constructor(clock: Clock, store: Store, keepMs: number) {
    this.#missing = new Remembered({ clock, store, prefix: 'sms-report', keepMs, limit: LIMIT });
  }

  /** `parts`: a key for each part of the text. */
  await(parts: readonly string[], message: PagerMessage): void {
    const part: Part = { parts, message: storedMessage(message), body: toBase64(message.request.body) };
    for (const key of parts) this.#missing.set(key, part);
  }

  has(key: string): boolean {
    return this.#missing.get(key) !== undefined;
  }

  /** The message, when this was the last part to arrive. When one part failed, all did. */
  reported(key: string, delivered: boolean): PagerMessage | undefined {
    const part = this.#missing.get(key);
    if (part === undefined) return undefined;
    for (const each of delivered ? [key] : part.parts) this.#missing.delete(each);
    if (!delivered || part.parts.some((each) => this.has(each))) return undefined;
    return restoredMessage(part.message, fromBase64(part.body) ?? new Uint8Array(0));
  }
}
