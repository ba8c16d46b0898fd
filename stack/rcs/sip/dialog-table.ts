/** RFC 3261 section 12.2.2: which dialog a request belongs to, and who uses it (RFC 5057: one dialog, several usages). */

import type { Dialog } from './dialog.ts';
import { header } from './headers.ts';
import type { IncomingRequest } from './incoming-request.ts';
import type { SipRequest } from './message.ts';
import { parseNameAddr } from './name-addr.ts';

/** What lives in a dialog: a session, a subscription. */
export interface DialogUsage {
  /** A request of the dialog in its order, or an ACK. False when it isn't this usage's. */
  receive(incoming: IncomingRequest): boolean;
  /** The user agent closes: timers end, nothing is sent. */
  abandon(): void;
}

export interface DialogEntry {
  readonly dialog: Dialog;
  readonly usages: readonly DialogUsage[];
}

interface Entry {
  readonly dialog: Dialog;
  readonly usages: DialogUsage[];
}

export class DialogTable {
  readonly #most: number;
  readonly #entries = new Map<string, Entry>();

  /** `most`: dialogs held at once. */
  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#entries.size;
  }

  get isFull(): boolean {
    return this.#entries.size >= this.#most;
  }

  /** Adds a usage, and the dialog with its first. False when the table is full. */
  add(dialog: Dialog, usage: DialogUsage): boolean {
    const key = keyOf(dialog.callId, dialog.localTag, dialog.remoteTag);
    const known = this.#entries.get(key);
    if (known !== undefined) {
      if (!known.usages.includes(usage)) known.usages.push(usage);
      return true;
    }
    if (this.isFull) return false;
    this.#entries.set(key, { dialog, usages: [usage] });
    return true;
  }

  /** Removes a usage; with its last one the dialog ends. */
  remove(dialog: Dialog, usage: DialogUsage): void {
    const key = keyOf(dialog.callId, dialog.localTag, dialog.remoteTag);
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    const index = entry.usages.indexOf(usage);
    if (index >= 0) entry.usages.splice(index, 1);
    if (entry.usages.length > 0) return;
    this.#entries.delete(key);
    entry.dialog.terminate();
  }

  /** The dialog of a request that came in: Call-ID, its To tag (this side's), its From tag. Throws SipParseError. */
  find(request: SipRequest): DialogEntry | undefined {
    const callId = header(request, 'Call-ID') ?? '';
    return this.#entries.get(keyOf(callId, tagOf(request, 'To') ?? '', tagOf(request, 'From') ?? ''));
  }

  /** Every usage is told, and forgotten. */
  close(): void {
    const all = [...this.#entries.values()];
    this.#entries.clear();
    for (const { dialog, usages } of all) {
      for (const usage of [...usages]) usage.abandon();
      dialog.terminate();
    }
  }
}

/** The tag of From or To. Throws SipParseError. */
export function tagOf(request: SipRequest, name: 'From' | 'To'): string | undefined {
  return parseNameAddr(header(request, name) ?? '', name).params.get('tag');
}

function keyOf(callId: string, localTag: string, remoteTag: string): string {
  return JSON.stringify([callId, localTag, remoteTag]);
}
