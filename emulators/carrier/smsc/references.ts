import type { Store } from '../../../stack/platform.ts';
import { readRecord, writeRecord } from '../state/record.ts';

const KEY = 'sms-references';

interface Next {
  unit: number;
  message: number;
  concatenation: number;
}

/** Numbers of one octet that come round: each goes on where an earlier life of the centre stopped. */
export class References {
  readonly #store: Store;
  readonly #next: Next;

  constructor(store: Store) {
    this.#store = store;
    const left = store.get(KEY);
    this.#next = left === undefined ? { unit: 1, message: 0, concatenation: 0 } : readRecord<Next>(left).data;
  }

  /** TP-MR of the next text's first part (TS 23.040 section 9.2.3.6). */
  get message(): number {
    return this.#next.message;
  }

  /** Concatenation reference of the next text (TS 23.040 section 9.2.3.24.1). */
  get concatenation(): number {
    return this.#next.concatenation;
  }

  textSubmitted(parts: number): void {
    this.#next.concatenation = (this.#next.concatenation + 1) & 0xff;
    this.#next.message = (this.#next.message + parts) & 0xff;
    this.#save();
  }

  dataSubmitted(): void {
    this.#next.message = (this.#next.message + 1) & 0xff;
    this.#save();
  }

  /** RP-Message Reference for a unit's whole life, so that who got it knows it when it comes again. */
  nextUnit(): number {
    const { unit } = this.#next;
    this.#next.unit = (unit + 1) & 0xff;
    this.#save();
    return unit;
  }

  #save(): void {
    this.#store.set(KEY, writeRecord(this.#next));
  }
}
