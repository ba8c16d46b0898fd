/** RFC 5626 section 5.2: names for flows that can't be guessed, for the Route values that lead back to a phone. */
import type { Random } from '../../../stack/platform.ts';
import type { SipFlow } from '../../../stack/rcs/sip/endpoint.ts';
import { newTag } from '../../../stack/rcs/sip/identifiers.ts';

/** Flows remembered; UDP ones never close, so the oldest go. */
const MOST = 16_384;

export class FlowTokens {
  readonly #random: Random;
  readonly #flows = new Map<string, SipFlow>();
  readonly #tokens = new Map<SipFlow, string>();

  constructor(random: Random) {
    this.#random = random;
  }

  tokenOf(flow: SipFlow): string {
    const known = this.#tokens.get(flow);
    if (known !== undefined) return known;
    const token = newTag(this.#random);
    if (this.#flows.size >= MOST) {
      const [oldest] = this.#flows.keys();
      if (oldest !== undefined) this.#forget(oldest);
    }
    this.#flows.set(token, flow);
    this.#tokens.set(flow, token);
    flow.onClose(() => this.#forget(token));
    return token;
  }

  flowOf(token: string): SipFlow | undefined {
    return this.#flows.get(token);
  }

  #forget(token: string): void {
    const flow = this.#flows.get(token);
    this.#flows.delete(token);
    if (flow !== undefined) this.#tokens.delete(flow);
  }
}
