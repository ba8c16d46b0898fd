import { SipEndpoint } from '../../../stack/rcs/sip/endpoint.ts';
import type { IncomingCall } from '../../../stack/rcs/sip/incoming-call.ts';
import type { IncomingRequest } from '../../../stack/rcs/sip/incoming-request.ts';
import type { CallOutcome, OutgoingCall } from '../../../stack/rcs/sip/outgoing-call.ts';
import type { Session, SessionHandlers } from '../../../stack/rcs/sip/session.ts';
import { type InviteOptions, UserAgent, type UserAgentOptions } from '../../../stack/rcs/sip/user-agent.ts';
import { FakeWire } from './fake-network.ts';
import { SeededRandom } from './seeded-random.ts';
import { VirtualClock } from './virtual-clock.ts';

export interface Agent {
  readonly agent: UserAgent;
  readonly endpoint: SipEndpoint;
  /** Calls that came in. */
  readonly calls: IncomingCall[];
  /** Requests outside a dialog that the agent left to its owner. */
  readonly others: IncomingRequest[];
}

export interface AgentSetup extends Partial<Omit<UserAgentOptions, 'onCall'>> {
  readonly onCall?: (call: IncomingCall) => void;
  readonly onOther?: (incoming: IncomingRequest) => void;
}

export const OFFER = bytes('offer');
export const ANSWER = bytes('answer');
const SDP = [{ name: 'Content-Type', value: 'application/sdp' }];

export class TwoAgents {
  readonly clock = new VirtualClock();
  readonly wire = new FakeWire(this.clock);
  readonly deviations: string[] = [];
  readonly #agents: Agent[] = [];
  readonly alice: Agent;
  readonly bob: Agent;

  constructor(setup: { readonly alice?: AgentSetup; readonly bob?: AgentSetup } = {}) {
    this.alice = this.add('alice', setup.alice);
    this.bob = this.add('bob', setup.bob);
  }

  /** Another agent, at `name`.example, UDP 5060. */
  add(name: string, setup: AgentSetup = {}): Agent {
    const { clock, wire } = this;
    const calls: IncomingCall[] = [];
    const others: IncomingRequest[] = [];
    const host = `${name}.example`;
    const endpoint = new SipEndpoint({
      clock,
      random: new SeededRandom(`${name} endpoint`),
      network: wire.host(host),
      onDeviation: ({ what }) => this.deviations.push(`${name}: ${what}`),
      onRequest: (incoming) => {
        if (agent.receive(incoming)) return;
        others.push(incoming);
        (setup.onOther ?? (() => incoming.respond(405)))(incoming);
      },
    });
    const agent = new UserAgent({
      clock,
      random: new SeededRandom(name),
      endpoint,
      host,
      contact: () => `<sip:${name}@${host}>`,
      onDeviation: ({ what }) => this.deviations.push(`${name}: ${what}`),
      ...setup,
      onCall: (call) => {
        calls.push(call);
        setup.onCall?.(call);
      },
    });
    endpoint.listen('udp', 5060);
    const made = { agent, endpoint, calls, others };
    this.#agents.push(made);
    return made;
  }

  /** Alice calls Bob with an offer. */
  invite(more: Partial<InviteOptions> = {}): OutgoingCall {
    return this.alice.agent.invite({
      uri: 'sip:bob@bob.example',
      from: '<sip:alice@alice.example>',
      headers: SDP,
      body: OFFER,
      ...more,
    });
  }

  /** A session between them, Alice the caller. */
  async session(
    more: Partial<InviteOptions> & { readonly bobs?: SessionHandlers } = {},
  ): Promise<[Session, Session]> {
    const { bobs, ...options } = more;
    const call = this.invite(options);
    await this.clock.advance(100);
    const theirs = this.bob.calls.at(-1)!.accept({ headers: SDP, body: ANSWER }, bobs);
    await this.clock.advance(100);
    return [sessionOf(await call.outcome), theirs];
  }

  /** First lines of what was sent, `A` for Alice's host, `B` for Bob's, in order. */
  ladder(): string[] {
    return this.wire.datagrams.map(({ from, text, lost }) => {
      const [first = '', second = ''] = text.split(' ');
      const cseq = /^(?:CSeq): \d+ (\S+)/im.exec(text)?.[1] ?? '';
      const what = first === 'SIP/2.0' ? `${second} ${cseq}` : first;
      return `${from[0]!.toUpperCase()} ${what}${lost ? ' (lost)' : ''}`;
    });
  }

  /** Everything ends; what is left behind is returned: nothing, of agents that clean up. */
  close(): { dialogs: number; timers: number } {
    for (const { agent, endpoint } of this.#agents) {
      agent.close();
      endpoint.close();
    }
    const dialogs = this.#agents.reduce((sum, { agent }) => sum + agent.core.dialogs.size, 0);
    return { dialogs, timers: this.clock.timersRunning };
  }

  get dialogs(): number {
    return this.#agents.reduce((sum, { agent }) => sum + agent.core.dialogs.size, 0);
  }
}

export function sessionOf(outcome: CallOutcome): Session {
  if (outcome.kind !== 'answered') throw new Error(`the call was ${outcome.kind}`);
  return outcome.session;
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
