/** What arrives: text, sealed messages, Welcomes and receipts, each answered as its specification says. */
import { MLS_MESSAGE, MLS_SERVER_CONTROL } from '../e2ee/media-types.ts';
import type { ClientFailureReason, ReceiptStatus } from '../e2ee/receipt.ts';
import type { Timer } from '../platform.ts';
import { type CpimMessage, cpimContent, parseCpim } from '../rcs/cpim.ts';
import { IMDN_CONTENT_TYPE, type Imdn, parseImdn } from '../rcs/imdn.ts';
import { essenceOf } from '../rcs/mime.ts';
import { canonicalName } from '../rcs/sip/header-names.ts';
import type { SipHeader } from '../rcs/sip/message.ts';
import { addressedMsisdn, assertedMsisdn } from './asserted-identity.ts';
import { type Awaitable, andThen, attempt } from './awaitable.ts';
import type { CryptoEngine } from './crypto-engine.ts';
import { newMessageId } from './identifiers.ts';
import {
  dispositionsOf,
  messageIdOf,
  receiptBody,
  receiptSignature,
  sealedHeaders,
} from './message-bodies.ts';
import type { MessageAnswer } from './message-transport.ts';
import type { RcsClient } from './rcs-client.ts';

/** A message may overtake the Welcome that opens it: it waits this long (docs/rcc16.md 7.10). */
const JOIN_RACE_MS = 3_000;
/** Messages parked at once; beyond, the oldest is reported as undecryptable. */
const MAX_PARKED = 64;

/** Message ids remembered, the latest ones: far more than a network has under way to one phone. */
const MAX_REMEMBERED = 10_000;

interface Received {
  readonly from: string;
  readonly id: string;
  readonly cpim: CpimMessage;
}

export class Inbox {
  readonly #client: RcsClient;
  /** What the sender asked for, kept until the message is read. */
  readonly #asked = new Map<string, readonly string[]>();
  readonly #parked: { readonly received: Received; readonly bytes: Uint8Array; readonly timer: Timer }[] = [];
  readonly #seen = new Set<string>();

  constructor(client: RcsClient) {
    this.#client = client;
  }

  /** What a message with these headers around it is answered with, whichever way it came. */
  take(headers: readonly SipHeader[], body: Uint8Array): MessageAnswer {
    const from = assertedMsisdn(headers);
    if (!from) return { status: 403, reason: 'No asserted identity' };
    if (essenceOf(fieldIn(headers, 'content-type')) === 'text/plain')
      return this.#takeText(from, fieldIn(headers, 'call-id') ?? '', body);
    let cpim: CpimMessage;
    let content: { contentType: string; bytes: Uint8Array };
    try {
      cpim = parseCpim(body);
      content = cpimContent(cpim);
    } catch (error) {
      this.#deviation(from, error);
      return { status: 400, reason: 'Malformed CPIM' };
    }
    const handler = this.#handlers[essenceOf(content.contentType) ?? ''];
    const id = messageIdOf(cpim);
    if (!handler) return { status: 415, reason: 'Unsupported Media Type' };
    if (!id) return { status: 400, reason: 'No imdn.Message-ID' };
    // The network stores and retries: the same message again is answered again, not shown again.
    if (!this.#isNew(`${from} ${id}`)) return { status: 200, reason: 'OK' };
    // What comes from this very user was done on another device of his.
    if (from === this.#client.options.terminal.msisdn) this.#doneElsewhere(headers, content);
    else handler({ from, id, cpim }, content.bytes);
    return { status: 200, reason: 'OK' };
  }

  /** RFC 3428 section 4: text without CPIM around it, from a client that is not of RCS; nothing can be reported of it. */
  #takeText(from: string, callId: string, body: Uint8Array): MessageAnswer {
    if (this.#isNew(`${from} ${callId}`)) {
      this.#client.log.add({
        wireId: callId,
        direction: 'in',
        peer: from,
        text: new TextDecoder().decode(body),
        badge: 'plain',
        channel: 'rcs',
        state: 'delivered',
      });
    }
    return { status: 200, reason: 'OK' };
  }

  /** Media types that this client takes inside CPIM. */
  get wrappedTypes(): readonly string[] {
    const sealed = [MLS_MESSAGE, MLS_SERVER_CONTROL];
    return Object.keys(this.#handlers).filter((type) => this.#client.options.mls || !sealed.includes(type));
  }

  read(peer: string, wireId: string): void {
    const { log, options } = this.#client;
    const bubble = log.find('in', peer, wireId);
    if (!bubble || bubble.state === 'displayed') return;
    log.raise('in', peer, wireId, 'displayed');
    const asked = this.#asked.get(`${peer} ${wireId}`) ?? [];
    this.#asked.delete(`${peer} ${wireId}`);
    if (asked.includes('display') && options.policy.readReceipts)
      this.#report(peer, wireId, 'displayed', bubble.badge === 'secure');
  }

  /** A message that was read there is read here; nothing is reported again. Other copies are of no use here. */
  #doneElsewhere(headers: readonly SipHeader[], content: { contentType: string; bytes: Uint8Array }): void {
    const peer = addressedMsisdn(headers);
    if (peer === undefined || essenceOf(content.contentType) !== IMDN_CONTENT_TYPE) return;
    try {
      const { kind, messageId, status } = parseImdn(content.bytes);
      if (kind !== 'display' || status !== 'displayed') return;
      this.#asked.delete(`${peer} ${messageId}`);
      this.#client.log.raise('in', peer, messageId, 'displayed');
    } catch (error) {
      this.#deviation(peer, error);
    }
  }

  #isNew(key: string): boolean {
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    if (this.#seen.size > MAX_REMEMBERED) this.#seen.delete(this.#seen.values().next().value!);
    return true;
  }

  close(): void {
    for (const { timer } of this.#parked.splice(0)) timer.cancel();
  }

  readonly #handlers: Readonly<Record<string, (received: Received, bytes: Uint8Array) => void>> = {
    'text/plain': (received, bytes) => this.#show(received, new TextDecoder().decode(bytes), 'plain'),
    [MLS_MESSAGE]: (received, bytes) => this.#openSealed(received, bytes),
    [MLS_SERVER_CONTROL]: (received, bytes) => this.#join(received, bytes),
    [IMDN_CONTENT_TYPE]: (received, bytes) => this.#takeReceipt(received, bytes),
  };

  #show({ from, id, cpim }: Received, text: string, badge: 'plain' | 'secure'): void {
    const asked = dispositionsOf(cpim);
    const added = this.#client.log.add({
      wireId: id,
      direction: 'in',
      peer: from,
      text,
      badge,
      channel: 'rcs',
      state: 'delivered',
    });
    if (!added) return;
    this.#asked.set(`${from} ${id}`, asked);
    if (asked.includes('positive-delivery')) this.#report(from, id, 'delivered', badge === 'secure');
  }

  #openSealed(received: Received, message: Uint8Array): void {
    // RCC.16 section 7.9: without both headers it is dropped before decryption, silently, with no receipt.
    if (!sealedHeaders(received.cpim)) return;
    attempt(
      () => this.#client.engine?.open(received.from, { messageId: received.id, message }),
      (opened) => {
        if (!opened) return this.#park(received, message);
        if (essenceOf(opened.contentType) !== 'text/plain') return;
        this.#show(received, new TextDecoder().decode(opened.body), 'secure');
      },
      (error) => this.#undecryptable(received, error),
    );
  }

  #park(received: Received, bytes: Uint8Array): void {
    const oldest = this.#parked.length >= MAX_PARKED ? this.#parked.shift() : undefined;
    if (oldest) {
      oldest.timer.cancel();
      this.#undecryptable(oldest.received, new Error('too many messages wait for a Welcome'));
    }
    const entry = {
      received,
      bytes,
      timer: this.#client.options.platform.clock.setTimer(JOIN_RACE_MS, () => {
        this.#parked.splice(this.#parked.indexOf(entry), 1);
        this.#undecryptable(received, new Error('no group, and no Welcome came'));
      }),
    };
    this.#parked.push(entry);
  }

  #join({ from }: Received, welcome: Uint8Array): void {
    attempt(
      () => {
        if (!this.#client.engine) throw new Error('this client does no MLS');
        return this.#client.engine.acceptWelcome(from, welcome);
      },
      () => {
        for (const waiting of this.#parked.splice(0)) {
          waiting.timer.cancel();
          this.#openSealed(waiting.received, waiting.bytes);
        }
      },
      (error) => this.#deviation(from, error),
    );
  }

  #takeReceipt({ from, cpim }: Received, bytes: Uint8Array): void {
    let imdn: Imdn;
    try {
      imdn = parseImdn(bytes);
    } catch (error) {
      return this.#deviation(from, error);
    }
    const bubble = this.#client.log.find('out', from, imdn.messageId);
    if (!bubble) return;
    if (bubble.badge !== 'secure') return this.#heed(from, imdn);
    attempt(
      () => this.#counts(from, cpim, imdn),
      (counts) => {
        if (counts) this.#heed(from, imdn);
      },
      (error) => this.#deviation(from, error),
    );
  }

  #heed(from: string, imdn: Imdn): void {
    const { log, options } = this.#client;
    if (imdn.kind === 'delivery' && imdn.status === 'delivered')
      log.raise('out', from, imdn.messageId, 'delivered');
    else if (imdn.kind === 'display' && imdn.status === 'displayed')
      log.raise('out', from, imdn.messageId, 'displayed');
    else if (imdn.kind === 'delivery') {
      const bubble = log.find('out', from, imdn.messageId);
      if (bubble?.state === 'delivered' || bubble?.state === 'displayed') return;
      const reason = imdn.clientFailureReason ?? imdn.serverFailureReason ?? imdn.status;
      log.update('out', from, imdn.messageId, { state: 'failed', reason });
      options.observe({
        name: 'notification',
        data: { wireId: imdn.messageId, peer: from, text: `failed: ${reason}` },
      });
    }
  }

  /**
   * On an encrypted conversation only a receipt signed by the peer's leaf counts (RCC.16 section 7.6.2), unless one of the
   * two can't sign.
   */
  #counts(from: string, cpim: CpimMessage, imdn: Imdn): Awaitable<boolean> {
    const { engine } = this.#client;
    if (engine?.hasGroup(from) && !engine.signsReceipts(from)) return true;
    const signature = receiptSignature(cpim);
    // A network's own notice (stored, could not deliver) is unsigned; it never raises the state.
    if (!signature) return imdn.kind !== 'display' && imdn.status !== 'delivered';
    if (!engine) return false;
    return andThen(
      engine.verifyReceipt(from, signature),
      (statement) =>
        statement.reportedId === imdn.messageId &&
        statement.status === imdn.status &&
        statement.ownId === messageIdOf(cpim),
    );
  }

  #undecryptable({ from, id, cpim }: Received, error: unknown): void {
    this.#deviation(from, error);
    if (dispositionsOf(cpim).includes('negative-delivery'))
      this.#report(from, id, 'failed', true, 'failed-to-decrypt');
  }

  #report(
    to: string,
    reportedId: string,
    status: ReceiptStatus,
    secure: boolean,
    reason?: ClientFailureReason,
  ): void {
    const { engine, options } = this.#client;
    const { clock, random } = options.platform;
    const dateTime = new Date(clock.now()).toISOString();
    const messageId = newMessageId(random, options.messageIds);
    const imdn: Imdn = {
      messageId: reportedId,
      dateTime,
      kind: status === 'displayed' ? 'display' : 'delivery',
      status,
      ...(reason && { clientFailureReason: reason }),
    };
    const send = (signed?: Awaited<ReturnType<CryptoEngine['signReceipt']>>) =>
      this.#client.sendReceipt(to, receiptBody({ messageId, dateTime }, imdn, signed));
    if (!secure || !engine?.signsReceipts(to)) return send();
    attempt(
      () => engine.signReceipt(to, { ownId: messageId, status, reportedId, ...(reason && { reason }) }),
      send,
      (error) => this.#deviation(to, error),
    );
  }

  #deviation(from: string, error: unknown): void {
    const what = error instanceof Error ? error.message : String(error);
    this.#client.options.observe({ name: 'deviation', data: { peer: from, what } });
  }
}

/** `name`: canonical. */
function fieldIn(headers: readonly SipHeader[], name: string): string | undefined {
  return headers.find((field) => canonicalName(field.name) === name)?.value;
}
