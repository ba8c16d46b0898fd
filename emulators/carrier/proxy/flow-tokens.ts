/** RFC 5626 section 5.2: flow tokens, by which a proxy knows again the flow on which a phone registered. */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Endpoint, Random } from '../../../stack/platform.ts';
import type { SipFlow } from '../../../stack/rcs/sip/endpoint.ts';

export type TokenMeaning =
  | { readonly kind: 'flow'; readonly flow: SipFlow }
  /** The flow is gone: 430 (section 5.3.1). */
  | { readonly kind: 'gone' }
  /** Not made here: 403 (section 5.3.1). */
  | { readonly kind: 'forged' };

/** `t` and a stream's number, or `u`, port, host and port of a pair of addresses; then the MAC. */
const STREAM = /^t(\d{1,16})\.([0-9a-f]{20})$/;
const PAIR = /^u(\d{1,5})-(\d{1,5})-([^.]{1,255})\.([0-9a-f]{20})$/;

/** A token holds what it stands for, under a key of this process; only streams that are open cost memory. */
export class FlowTokens {
  readonly #key: Uint8Array;
  readonly #datagramFlow: (port: number, remote: Endpoint) => SipFlow | undefined;
  readonly #streams = new Map<number, SipFlow>();

  constructor(random: Random, datagramFlow: (port: number, remote: Endpoint) => SipFlow | undefined) {
    this.#key = random.bytes(32);
    this.#datagramFlow = datagramFlow;
  }

  tokenOf(flow: SipFlow): string {
    const { id, transport, local, remote } = flow;
    if (transport === 'udp')
      return this.#sealed(`u${local.port}-${remote.port}-${bytesToHex(utf8ToBytes(remote.host))}`);
    if (!this.#streams.has(id)) {
      this.#streams.set(id, flow);
      flow.onClose(() => this.#streams.delete(id));
    }
    return this.#sealed(`t${id}`);
  }

  /** The flow of a token, while it is open. */
  flowOf(token: string): SipFlow | undefined {
    const meaning = this.meaningOf(token);
    return meaning?.kind === 'flow' ? meaning.flow : undefined;
  }

  /** What the user part of a URI in Path, Route or Record-Route stands for; undefined when it has none. */
  meaningOf(token: string | undefined): TokenMeaning | undefined {
    if (token === undefined) return undefined;
    const [, id, ownMac] = STREAM.exec(token) ?? [];
    const [, port, remotePort, host, pairMac] = PAIR.exec(token) ?? [];
    const text = token.slice(0, token.lastIndexOf('.'));
    if ((ownMac ?? pairMac) === undefined || this.#sealed(text) !== token) return { kind: 'forged' };
    const flow =
      id !== undefined
        ? this.#streams.get(Number(id))
        : this.#datagramFlow(Number(port), {
            host: Buffer.from(host!, 'hex').toString(),
            port: Number(remotePort),
          });
    return flow?.open ? { kind: 'flow', flow } : { kind: 'gone' };
  }

  #sealed(text: string): string {
    return `${text}.${bytesToHex(hmac(sha256, this.#key, utf8ToBytes(text)).subarray(0, 10))}`;
  }
}
