/** What leaves the phone: one lane a peer, retried with the same Message-ID, held when policy says so. */
import { claimKeyPackages } from '../e2ee/key-delivery.ts';
import { MLS_MESSAGE, MLS_SERVER_CONTROL } from '../e2ee/media-types.ts';
import { IMDN_CONTENT_TYPE } from '../rcs/imdn.ts';
import { newMessageId, randomUuid } from './identifiers.ts';
import { sealedBody, TEXT, textBody, welcomeBody } from './message-bodies.ts';
import type { Badge, Channel } from './message-log.ts';
import type { MessageAnswer } from './message-transport.ts';
import type { QueueReason, Requirement, SendDecision } from './policy.ts';
import type { RcsClient } from './rcs-client.ts';

export interface Outgoing {
  readonly to: string;
  readonly text: string;
  readonly requirement: Requirement;
}

interface Entry extends Outgoing {
  readonly id: string;
  /** Sealed once: a retry sends the same bytes (RCC.16 section 12.8). */
  body?: Uint8Array;
}

/** `over` leaves the lane free, `again` tries once more after a while, `unregistered` once the phone is back. */
type Attempt = 'over' | 'again' | 'unregistered';

const RETRY_BASE_MS = 5_000;
const RETRY_MAX_MS = 300_000;
const MAX_ATTEMPTS = 8;

export class Outbox {
  readonly #client: RcsClient;
  readonly #held: Entry[] = [];
  readonly #conversationIds = new Map<string, string>();
  /** Welcomes that the network has not taken yet. */
  readonly #welcomes = new Map<string, { readonly id: string; readonly body: Uint8Array }>();

  constructor(client: RcsClient) {
    this.#client = client;
  }

  submit(id: string, message: Outgoing): void {
    const entry: Entry = { id, ...message };
    this.#client.log.add({
      wireId: id,
      direction: 'out',
      peer: entry.to,
      text: entry.text,
      badge: 'none',
      channel: 'none',
      state: 'queued',
      reason: 'next in line',
    });
    this.#enter(entry);
  }

  /** Something about `peer` changed: what was held for it may leave now. */
  reconsider(peer: string): void {
    const again = this.#held.filter((entry) => entry.to === peer);
    for (const entry of again) {
      this.#held.splice(this.#held.indexOf(entry), 1);
      this.#enter(entry);
    }
  }

  #enter(entry: Entry): void {
    this.#client.lanes.enter(
      entry.to,
      () => this.#deliver(entry),
      (error) => this.#fail(entry, error instanceof Error ? error.message : String(error)),
    );
  }

  async #deliver(entry: Entry): Promise<void> {
    const { lanes } = this.#client;
    for (let attempt = 1; !lanes.isClosed; ) {
      const outcome = await this.#attempt(entry);
      if (outcome === 'over') return;
      if (outcome === 'unregistered') {
        await lanes.untilWoken();
        continue;
      }
      if (attempt === MAX_ATTEMPTS) return this.#fail(entry, `given up after ${MAX_ATTEMPTS} attempts`);
      await lanes.pause(Math.min(RETRY_BASE_MS * 2 ** (attempt - 1), RETRY_MAX_MS));
      attempt += 1;
    }
  }

  async #attempt(entry: Entry): Promise<Attempt> {
    const client = this.#client;
    const latched = client.engine?.hasGroup(entry.to) ?? false;
    const peer = latched ? client.capabilities.last(entry.to) : await client.discover(entry.to);
    const decide = (peerMls: boolean) =>
      client.decide({
        policy: client.options.policy,
        requirement: entry.requirement,
        ownRcs: client.ownRcs,
        ownMls: client.mlsReady,
        peerRcs: peer.rcs,
        peerMls,
        latched,
      });
    let decision = decide(client.peerMls(peer));
    if (decision.kind === 'encrypt' && !latched) {
      const claim = await this.#startConversation(entry);
      if (claim === 'unavailable') return 'again';
      if (claim === 'refused') decision = decide(false);
    }
    return this.#carryOut(entry, decision);
  }

  #carryOut(entry: Entry, decision: SendDecision): Promise<Attempt> | Attempt {
    switch (decision.kind) {
      case 'queue':
        return this.#hold(entry, decision.reason, decision.retry);
      case 'encrypt':
        return this.#sendSealed(entry);
      case 'plain':
        return this.#sendPlain(entry);
      case 'sms':
        return this.#sendSms(entry);
    }
  }

  #hold(entry: Entry, reason: QueueReason, retry: boolean): Attempt {
    const bubble = this.#client.log.find('out', entry.to, entry.id);
    if (bubble?.state !== 'queued' || bubble.reason !== reason) {
      this.#show(entry, 'none', 'none');
      this.#client.log.update('out', entry.to, entry.id, { state: 'queued', reason });
      // A passing reason is no news to the owner; one that holds the message back is.
      if (!retry) {
        this.#notify(entry, `not sent: ${reason}`);
        this.#audit(entry, 'queued-for-e2ee', reason);
      }
    }
    if (reason === 'not-registered') return 'unregistered';
    if (!retry) this.#held.push(entry);
    return retry ? 'again' : 'over';
  }

  async #sendSealed(entry: Entry): Promise<Attempt> {
    const client = this.#client;
    entry.body ??= sealedBody(
      this.#envelope(entry.id),
      await client.engine!.seal(entry.to, {
        messageId: entry.id,
        contentType: TEXT,
        body: new TextEncoder().encode(entry.text),
      }),
    );
    if (this.#isTooLarge(entry, entry.body)) return 'over';
    this.#show(entry, 'secure', 'rcs');
    const welcome = this.#welcomes.get(entry.to);
    if (welcome) {
      const answer = await this.#message(entry.to, welcome.body, MLS_SERVER_CONTROL);
      if (answer.status >= 300) return this.#refused(entry, answer);
      this.#welcomes.delete(entry.to);
    }
    return this.#settle(entry, await this.#message(entry.to, entry.body, MLS_MESSAGE));
  }

  async #sendPlain(entry: Entry): Promise<Attempt> {
    const body = textBody(this.#envelope(entry.id), entry.text);
    if (this.#isTooLarge(entry, body)) return 'over';
    this.#show(entry, 'plain', 'rcs');
    return this.#settle(entry, await this.#message(entry.to, body, 'text/plain'));
  }

  async #sendSms(entry: Entry): Promise<Attempt> {
    this.#show(entry, 'sms', 'sms');
    const outcome = await this.#client.options.sms.send(entry.to, entry.text, entry.id);
    if (outcome === 'timeout') return 'again';
    if (outcome === 'error') this.#fail(entry, 'the SMSC refused it');
    else this.#client.log.raise('out', entry.to, entry.id, 'sent');
    return 'over';
  }

  /** Claims the peer's KeyPackages and makes the group; the Welcome waits to be sent. */
  async #startConversation(entry: Entry): Promise<'started' | 'refused' | 'unavailable'> {
    const peer = entry.to;
    const { config, engine, options } = this.#client;
    const kds = config?.e2ee;
    if (!kds || !engine) return 'refused';
    const claim = await claimKeyPackages(
      options.platform.network,
      { uri: kds.kdsUri, token: kds.kdsToken },
      peer,
    );
    if (claim.kind === 'unavailable') return 'unavailable';
    if (claim.kind !== 'served') return this.#refusePackages(entry, claim.kind);
    try {
      const welcome = await engine.start(
        peer,
        claim.keyPackages.map(({ keyPackage }) => keyPackage),
      );
      const id = newMessageId(options.platform.random, options.messageIds);
      this.#welcomes.set(peer, { id, body: welcomeBody(this.#envelope(id), welcome) });
      return 'started';
    } catch (error) {
      return this.#refusePackages(entry, error instanceof Error ? error.message : String(error));
    }
  }

  #refusePackages(entry: Entry, why: string): 'refused' {
    this.#audit(entry, 'no-usable-key-package', why);
    return 'refused';
  }

  /** Beyond what the network takes it stays here, and its sender is told: no other channel is tried instead. */
  #isTooLarge(entry: Entry, body: Uint8Array): boolean {
    const most = this.#client.messages?.maxSize;
    if (most === undefined || body.length <= most) return false;
    this.#show(entry, 'none', 'none');
    this.#fail(entry, `too large: ${body.length} octets, this network takes ${most}`);
    return true;
  }

  #message(to: string, content: Uint8Array, wrappedType: string): Promise<MessageAnswer> {
    const { messages, options } = this.#client;
    if (!messages) return Promise.resolve({ status: 480, reason: 'Not registered' });
    const { random } = options.platform;
    let conversationId = this.#conversationIds.get(to);
    if (!conversationId) this.#conversationIds.set(to, (conversationId = randomUuid(random)));
    return messages.send(to, { content, wrappedType, conversationId, contributionId: randomUuid(random) });
  }

  /** A receipt goes its own way: it never waits behind messages. */
  sendReceipt(to: string, body: Uint8Array): void {
    const { lanes } = this.#client;
    const deliver = async () => {
      for (let attempt = 1; attempt <= MAX_ATTEMPTS && !lanes.isClosed; attempt += 1) {
        const { status } = await this.#message(to, body, IMDN_CONTENT_TYPE);
        if (!isTransient(status)) return;
        await lanes.pause(Math.min(RETRY_BASE_MS * 2 ** (attempt - 1), RETRY_MAX_MS));
      }
    };
    lanes.enter(`receipts ${to}`, deliver);
  }

  #settle(entry: Entry, answer: MessageAnswer): Attempt {
    if (answer.status >= 300) return this.#refused(entry, answer);
    this.#client.log.raise('out', entry.to, entry.id, 'sent');
    return 'over';
  }

  #refused(entry: Entry, answer: MessageAnswer): Attempt {
    if (isTransient(answer.status)) return 'again';
    if (answer.status === 404 || answer.status === 604) {
      // Not RCS after all: decide anew with what was learned; an encrypted thread stays where it is.
      this.#client.capabilities.learnFromStatus(entry.to, answer.status);
      if (!this.#client.engine?.hasGroup(entry.to)) return 'again';
    }
    this.#fail(entry, `${answer.status} ${answer.reason}`);
    return 'over';
  }

  #fail(entry: Entry, reason: string): void {
    this.#client.log.update('out', entry.to, entry.id, { state: 'failed', reason });
    this.#notify(entry, `failed: ${reason}`);
    this.#audit(entry, 'send-failed', reason);
  }

  #show(entry: Entry, badge: Badge, channel: Channel): void {
    this.#client.log.update('out', entry.to, entry.id, { badge, channel, state: 'pending' });
  }

  #notify(entry: Entry, text: string): void {
    this.#client.options.observe({ name: 'notification', data: { wireId: entry.id, peer: entry.to, text } });
  }

  #audit(entry: Entry, what: string, reason: string): void {
    this.#client.options.observe({
      name: 'audit',
      data: { entry: what, wireId: entry.id, peer: entry.to, reason },
    });
  }

  #envelope(messageId: string): { messageId: string; dateTime: string } {
    return { messageId, dateTime: new Date(this.#client.options.platform.clock.now()).toISOString() };
  }
}

/** Worth another try with the same Message-ID: time-outs, overload, and a callee or network away for now. */
export function isTransient(status: number): boolean {
  return status === 408 || status === 480 || status === 500 || status === 503 || status === 504;
}
