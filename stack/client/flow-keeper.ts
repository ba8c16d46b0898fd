/** Keep-alives of the flow that a registration leads over: RFC 5626 section 4.4, RFC 6223. */
import type { Clock, Random, Timer } from '../platform.ts';
import type { SipEndpoint, SipFlow, SipResult } from '../rcs/sip/endpoint.ts';
import { header, headerValues } from '../rcs/sip/headers.ts';
import { keepAliveWait } from './registration-waits.ts';

/** Where the network grants outbound and names no time, seconds. */
const USUAL_S = { udp: 29, stream: 120 };

export interface FlowKeeperOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly endpoint: SipEndpoint;
  /** The flow that was kept is gone. */
  onFailed(): void;
}

export class FlowKeeper {
  readonly #options: FlowKeeperOptions;
  /** Flows that were told to say when they close. */
  readonly #heard = new WeakSet<SipFlow>();
  #flow: SipFlow | undefined;
  #seconds: number | undefined;
  #timer: Timer | undefined;

  constructor(options: FlowKeeperOptions) {
    this.#options = options;
  }

  get flow(): SipFlow | undefined {
    return this.#flow;
  }

  /** Keeps the flow by which a 200 to REGISTER came, as often as it asks for. */
  keep(response: SipResult): void {
    const { flow } = response;
    this.#flow = flow;
    this.#seconds = agreedSeconds(response);
    this.#pingLater();
    if (flow === undefined || this.#heard.has(flow)) return;
    this.#heard.add(flow);
    flow.onClose(() => this.#failed(flow));
  }

  stop(): void {
    this.#timer?.cancel();
    this.#flow = undefined;
  }

  #pingLater(): void {
    this.#timer?.cancel();
    const flow = this.#flow;
    if (this.#seconds === undefined || flow === undefined) return;
    const wait = keepAliveWait(this.#options.random, this.#seconds);
    this.#timer = this.#options.clock.setTimer(wait, () => void this.#ping(flow));
  }

  async #ping(flow: SipFlow): Promise<void> {
    const alive = await this.#options.endpoint.ping(flow);
    if (!alive) this.#failed(flow);
    else if (this.#flow === flow) this.#pingLater();
  }

  #failed(flow: SipFlow): void {
    if (this.#flow !== flow) return;
    this.stop();
    this.#options.onFailed();
  }
}

/** Flow-Timer (RFC 5626 section 5.4) or `keep` of the Via (RFC 6223); undefined when the network wants none. */
function agreedSeconds(response: SipResult): number | undefined {
  const timer = Number(header(response, 'Flow-Timer') ?? Number.NaN);
  if (timer > 0) return timer;
  const asked = response.keepAliveSeconds;
  const outbound = headerValues(response, 'Require').some((one) => one.toLowerCase() === 'outbound');
  if (asked === undefined && !outbound) return undefined;
  return asked || (response.flow?.transport === 'udp' ? USUAL_S.udp : USUAL_S.stream);
}
