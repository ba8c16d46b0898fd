/** A user agent on a bare phone: sessions and subscriptions by way of its P-CSCF. */
import type { IncomingCall } from '../../stack/rcs/sip/incoming-call.ts';
import type { IncomingRequest } from '../../stack/rcs/sip/incoming-request.ts';
import { UserAgent } from '../../stack/rcs/sip/user-agent.ts';
import type { BarePhone } from './bare-phone.ts';
import type { Bench } from './bench.ts';

export interface AgentPhone {
  readonly agent: UserAgent;
  readonly calls: IncomingCall[];
  /** Requests within dialogs and everything else that came, by method. */
  readonly methods: string[];
}

export function agentOn(
  bench: Bench,
  phone: BarePhone,
  name: string,
  onCall?: (call: IncomingCall) => void,
): AgentPhone {
  const calls: IncomingCall[] = [];
  const methods: string[] = [];
  const agent = new UserAgent({
    clock: bench.clock,
    random: bench.random.fork(`agent ${name}`),
    endpoint: {
      request: (...args) => phone.endpoint.request(...args),
      send: (...args) => phone.endpoint.send(...args),
      abandon: (branch) => phone.endpoint.abandon(branch),
    },
    host: `${name}.ue.example`,
    contact: () => phone.contact,
    targetOf: () => phone.proxy,
    onCall: (call) => {
      calls.push(call);
      onCall?.(call);
    },
  });
  phone.agent = {
    receive: (incoming: IncomingRequest) => {
      methods.push(incoming.request.method);
      return agent.receive(incoming);
    },
    close: () => agent.close(),
  };
  return { agent, calls, methods };
}
