/** Reassembly of concatenated short messages (3GPP TS 23.040 9.2.3.24.1, 9.2.3.24.8), in any order of arrival. */

import type { SmsDeliver, SmsSubmit } from './tpdu.ts';
import { concatenationOf } from './user-data.ts';

export interface ReassembledText {
  /** The other party: originator of a DELIVER, destination of a SUBMIT. */
  readonly party: string;
  readonly text: string;
  /** The parts in their order; one for a message that wasn't concatenated. */
  readonly parts: readonly (SmsDeliver | SmsSubmit)[];
}

interface Pending {
  readonly parts: (SmsDeliver | SmsSubmit | undefined)[];
  missing: number;
}

/** Incomplete messages beyond this are dropped, the one waiting longest first. */
const MAX_PENDING = 64;

/**
 * Collects parts per party, reference width, reference and total. `scope` keeps apart what different subscribers send
 * through one instance. Of a part that comes twice the first counts.
 */
export class Reassembler {
  private readonly pending = new Map<string, Pending>();
  private readonly maxPending: number;

  constructor(maxPending: number = MAX_PENDING) {
    this.maxPending = maxPending;
  }

  /** The whole text once its last part has come, undefined until then or for user data that isn't text. */
  add(tpdu: SmsDeliver | SmsSubmit, scope = ''): ReassembledText | undefined {
    if (tpdu.userData.alphabet === 'data') {
      return undefined;
    }
    const party = tpdu.type === 'deliver' ? tpdu.originator : tpdu.destination;
    const concatenation = concatenationOf(tpdu.userData);
    if (concatenation === undefined || concatenation.total === 1) {
      return joined(party, [tpdu]);
    }
    const { bits, reference, total, sequence } = concatenation;
    const key = JSON.stringify([scope, tpdu.type, party, bits, reference, total]);
    let message = this.pending.get(key);
    if (message === undefined) {
      this.dropOldest();
      message = { parts: new Array(total).fill(undefined), missing: total };
      this.pending.set(key, message);
    }
    if (message.parts[sequence - 1] === undefined) {
      message.parts[sequence - 1] = tpdu;
      message.missing--;
    }
    if (message.missing > 0) {
      return undefined;
    }
    this.pending.delete(key);
    return joined(party, message.parts as (SmsDeliver | SmsSubmit)[]);
  }

  /** Messages of which parts are missing. */
  get incomplete(): number {
    return this.pending.size;
  }

  private dropOldest(): void {
    if (this.pending.size < this.maxPending) {
      return;
    }
    const oldest = this.pending.keys().next().value;
    if (oldest !== undefined) {
      this.pending.delete(oldest);
    }
  }
}

function joined(party: string, parts: readonly (SmsDeliver | SmsSubmit)[]): ReassembledText {
  let text = '';
  for (const { userData } of parts) {
    text += userData.alphabet === 'data' ? '' : userData.text;
  }
  return { party, text, parts };
}
