/**
 * CPIM messages over the registration: pager mode up to SwitchoverSize, large message mode beyond it
 * (docs/rcs-signalling.md 4.3, 4.4). The configuration says where the one ends and how large the other may be.
 */
import type { Platform } from '../platform.ts';
import type { RcsConfig } from '../rcs/config/index.ts';
import {
  asksForLargeMessage,
  LARGE_MESSAGE_ICSI,
  LARGE_MESSAGE_TAG,
  type LargeMessageParty,
  receiveLargeMessage,
  sendLargeMessage,
} from '../rcs/large-message/index.ts';
import { MsrpEndpoint } from '../rcs/msrp/index.ts';
import type { IncomingCall } from '../rcs/sip/incoming-call.ts';
import type { SipHeader } from '../rcs/sip/message.ts';
import { CPM_MESSAGE_TAG } from './discovery.ts';
import type { ImsTransport } from './ims-transport.ts';

const PAGER_ICSI = 'urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg';

/** A `message/cpim` to send. */
export interface CpimToSend {
  readonly content: Uint8Array;
  /** Media type of what it wraps. */
  readonly wrappedType: string;
  readonly conversationId: string;
  readonly contributionId: string;
}

/** What became of a message, in SIP's terms. */
export interface MessageAnswer {
  readonly status: number;
  readonly reason: string;
}

export interface MessageTaker {
  /** Media types taken inside CPIM. */
  readonly wrappedTypes: readonly string[];
  take(headers: readonly SipHeader[], content: Uint8Array): MessageAnswer;
}

/** Whether a network with this configuration has large message mode: it takes more than pager mode carries. */
export function hasLargeMode({ standaloneMsg }: RcsConfig): boolean {
  return standaloneMsg.maxSize > standaloneMsg.switchoverSize;
}

export class MessageTransport {
  readonly #config: RcsConfig;
  readonly #ims: ImsTransport;
  readonly #msrp: MsrpEndpoint;
  readonly #party: LargeMessageParty;

  constructor(platform: Platform, config: RcsConfig, ims: ImsTransport) {
    const { clock, network, random } = platform;
    this.#config = config;
    this.#ims = ims;
    this.#msrp = new MsrpEndpoint({ clock, random, network });
    // A phone opens connections and takes none: nothing leads into an access network.
    this.#party = {
      clock,
      random,
      msrp: this.#msrp,
      host: network.host,
      secure: config.psMedia === 'MSRPoTLS',
      maxSize: config.standaloneMsg.maxSize,
    };
  }

  /** Octets that a message may have here; what is larger would be refused. */
  get maxSize(): number {
    const { maxSize, switchoverSize } = this.#config.standaloneMsg;
    return Math.max(maxSize, switchoverSize);
  }

  async send(to: string, message: CpimToSend): Promise<MessageAnswer> {
    const { content, conversationId, contributionId } = message;
    const ids = [
      { name: 'Conversation-ID', value: conversationId },
      { name: 'Contribution-ID', value: contributionId },
    ];
    if (content.length <= this.#config.standaloneMsg.switchoverSize || !hasLargeMode(this.#config)) {
      const type = { name: 'Content-Type', value: 'message/cpim' };
      const headers = [...service(PAGER_ICSI, CPM_MESSAGE_TAG), ...ids, type];
      return this.#ims.request('MESSAGE', to, headers, content);
    }
    return sendLargeMessage(this.#party, message, ({ headers, body, handlers }) =>
      this.#ims.invite(to, {
        headers: [...service(LARGE_MESSAGE_ICSI, LARGE_MESSAGE_TAG), ...ids, ...headers],
        body,
        handlers,
      }),
    );
  }

  /** An INVITE: a large message, or something that this phone doesn't do. */
  called(call: IncomingCall, taker: MessageTaker): void {
    if (!asksForLargeMessage(call.request) || !hasLargeMode(this.#config)) return call.reject(488);
    receiveLargeMessage(call, this.#party, {
      acceptWrappedTypes: taker.wrappedTypes,
      onMessage: (content) => {
        const { status, reason } = taker.take(call.request.headers, content);
        return { status, comment: reason };
      },
    });
  }

  close(): void {
    this.#msrp.close();
  }
}

function service(icsi: string, tag: string): SipHeader[] {
  return [
    { name: 'P-Preferred-Service', value: icsi },
    { name: 'Accept-Contact', value: `*;${tag}` },
  ];
}
