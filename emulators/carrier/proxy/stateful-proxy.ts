/** RFC 3261 section 16: transactions passed on by a proxy: forks, CANCEL, Timer C, and the best of several answers. */
import type { Clock, Random, Timer } from '../../../stack/platform.ts';
import type {
  IncomingRequest,
  SipEndpoint,
  SipFlow,
  SipResult,
  SipTarget,
} from '../../../stack/rcs/sip/endpoint.ts';
import { canonicalName } from '../../../stack/rcs/sip/header-names.ts';
import { header } from '../../../stack/rcs/sip/headers.ts';
import { newBranch } from '../../../stack/rcs/sip/identifiers.ts';
import type { SipRequest, SipResponse } from '../../../stack/rcs/sip/message.ts';

export interface Branch {
  readonly request: SipRequest;
  readonly target: SipTarget;
}

export interface StatefulProxyOptions {
  readonly clock: Clock;
  readonly random: Random;
  endpoint(): Pick<SipEndpoint, 'request' | 'send' | 'abandon'>;
}

/** What is done to a response on its way back. */
export type ResponseFilter = (response: SipResponse) => SipResponse;

interface Leg extends Branch {
  readonly id: string;
  /** The way of the first provisional response: CANCEL takes it too. */
  provisionalBy?: SipFlow;
  cancelled: boolean;
  result?: SipResult;
}

interface Fork {
  readonly legs: readonly Leg[];
  answered: boolean;
  timerC?: Timer;
}

/** 16.6 item 11: more than three minutes without a final response. */
const TIMER_C_MS = 190_000;
/** After CANCEL: 64*T1 (9.1). */
const CANCEL_PATIENCE_MS = 32_000;
/** 16.7 item 6: of the 4xx those that the client can do something about. */
const PREFERRED = [401, 407, 415, 420, 484];

export class StatefulProxy {
  readonly #options: StatefulProxyOptions;
  readonly #forks = new Map<IncomingRequest, Fork>();
  readonly #timers = new Set<Timer>();
  #closed = false;

  constructor(options: StatefulProxyOptions) {
    this.#options = options;
  }

  /** Passes a request on, INVITE to all branches at once, anything else to the first; relays what comes back. */
  forward(incoming: IncomingRequest, branches: readonly Branch[], filter: ResponseFilter = (r) => r): void {
    const isInvite = incoming.request.method === 'INVITE';
    const { random } = this.#options;
    const legs = branches
      .slice(0, isInvite ? undefined : 1)
      .map((branch): Leg => ({ ...branch, id: newBranch(random), cancelled: false }));
    if (legs.length === 0) return incoming.respond(480);
    if (!isInvite) return void this.#passOn(incoming, legs[0]!, filter);
    const fork: Fork = { legs, answered: false };
    this.#forks.set(incoming, fork);
    this.#startTimerC(fork);
    for (const leg of legs) void this.#run(incoming, fork, leg, filter);
  }

  /** An ACK for a 2xx: without a transaction (16.11). */
  passAck(ack: SipRequest, target: SipTarget): void {
    this.#options
      .endpoint()
      .send(ack, target)
      .catch(() => undefined);
  }

  /** 16.10: a CANCEL of an INVITE that is here; false when it isn't. */
  cancel(incoming: IncomingRequest): boolean {
    const fork = incoming.cancels && this.#forks.get(incoming.cancels);
    if (fork === undefined) return false;
    incoming.respond(200);
    for (const leg of fork.legs) this.#cancel(leg);
    return true;
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    this.#forks.clear();
  }

  async #passOn(incoming: IncomingRequest, leg: Leg, filter: ResponseFilter): Promise<void> {
    const result = await this.#request(leg, (response) => {
      if (response.status < 200) incoming.relay(filter(response));
    });
    // RFC 4320 4.1: no 408 of a proxy to anything but INVITE; 16.9 for a transport that failed.
    if (result.local) incoming.respond(result.status === 408 ? 504 : 500);
    else incoming.relay(filter(result));
  }

  async #run(incoming: IncomingRequest, fork: Fork, leg: Leg, filter: ResponseFilter): Promise<void> {
    leg.result = await this.#request(leg, (response, flow) => {
      if (response.status < 200) {
        if (response.status > 100) this.#startTimerC(fork);
        const first = leg.provisionalBy === undefined;
        leg.provisionalBy ??= flow;
        if (first && leg.cancelled) this.#sendCancel(leg);
        if (response.status > 100 && !fork.answered) incoming.relay(filter(response));
      } else if (response.status < 300) {
        fork.answered = true;
        incoming.relay(filter(response));
        for (const other of fork.legs) if (other !== leg) this.#cancel(other);
      } else if (response.status >= 600) {
        for (const other of fork.legs) if (other !== leg) this.#cancel(other);
      }
    });
    if (this.#closed || fork.legs.some(({ result }) => result === undefined)) return;
    this.#stop(fork.timerC);
    this.#forks.delete(incoming);
    if (fork.answered) return;
    const best = bestOf(fork.legs.map(({ result }) => result!));
    if (best.local) incoming.respond(best.status === 408 ? 408 : 500);
    else if (best.status === 503) incoming.respond(500);
    else incoming.relay(filter(best));
  }

  async #request(leg: Leg, onResponse: (response: SipResponse, flow: SipFlow) => void): Promise<SipResult> {
    try {
      const { endpoint } = this.#options;
      return await endpoint().request(leg.request, leg.target, { branch: leg.id, onResponse });
    } catch {
      // The endpoint is closed, or what came in can't go out again.
      return { kind: 'response', status: 503, reason: '', headers: [], body: new Uint8Array(0), local: true };
    }
  }

  #cancel(leg: Leg): void {
    if (leg.cancelled || leg.result !== undefined) return;
    leg.cancelled = true;
    if (leg.provisionalBy !== undefined) this.#sendCancel(leg);
  }

  #sendCancel(leg: Leg): void {
    const kept = ['from', 'to', 'call-id', 'route', 'max-forwards', 'via'];
    const number = Number.parseInt(header(leg.request, 'CSeq') ?? '0', 10);
    const cancel: SipRequest = {
      ...leg.request,
      method: 'CANCEL',
      headers: [
        ...leg.request.headers.filter(
          ({ name }) => kept.includes(canonicalName(name)) && canonicalName(name) !== 'via',
        ),
        { name: 'CSeq', value: `${number} CANCEL` },
      ],
      body: new Uint8Array(0),
    };
    const flow = leg.provisionalBy!;
    const endpoint = this.#options.endpoint();
    endpoint.request(cancel, { ...leg.target, flow }, { branch: leg.id }).catch(() => undefined);
    this.#after(CANCEL_PATIENCE_MS, () => endpoint.abandon(leg.id));
  }

  #startTimerC(fork: Fork): void {
    this.#stop(fork.timerC);
    fork.timerC = this.#after(TIMER_C_MS, () => {
      for (const leg of fork.legs) this.#cancel(leg);
    });
  }

  #after(ms: number, fire: () => void): Timer {
    const timer = this.#options.clock.setTimer(ms, () => {
      this.#timers.delete(timer);
      fire();
    });
    this.#timers.add(timer);
    return timer;
  }

  #stop(timer: Timer | undefined): void {
    timer?.cancel();
    if (timer !== undefined) this.#timers.delete(timer);
  }
}

/** 16.7 item 6 (hazard R06): 6xx first, then the lowest class, and in it what helps the client most. */
export function bestOf<R extends SipResponse>(responses: readonly R[]): R {
  const rank = ({ status }: R): number => {
    if (status >= 600) return 0;
    const liked = PREFERRED.includes(status) ? 0 : status === 503 || status === 408 ? 2 : 1;
    return Math.floor(status / 100) * 10 + liked;
  };
  return responses.toSorted((a, b) => rank(a) - rank(b))[0]!;
}
