import { addHeader } from '../../../stack/rcs/sip/headers.ts';
import type { SipRequest, SipResponse } from '../../../stack/rcs/sip/message.ts';
import { makeResponse } from '../../../stack/rcs/sip/responses.ts';
import {
  type ClientTransactionOptions,
  DEFAULT_TIMERS,
  type ServerTransactionOptions,
} from '../../../stack/rcs/sip/transaction.ts';
import { request } from './two-hosts.ts';
import { VirtualClock } from './virtual-clock.ts';

/** What happened around one transaction, and when, in milliseconds. */
export interface Bench<Options> {
  readonly clock: VirtualClock;
  readonly options: Options;
  readonly log: [number, string][];
}

export function withVia(method: string): SipRequest {
  return addHeader(request(method), 'Via', 'SIP/2.0/UDP alice.example;branch=z9hG4bK1;rport', true);
}

export function responseTo(method: string, status: number): SipResponse {
  return makeResponse(withVia(method), status, { toTag: 'b' });
}

export function clientBench(method: string, reliable: boolean): Bench<ClientTransactionOptions> {
  const clock = new VirtualClock();
  const log: [number, string][] = [];
  const note = (what: string): number => log.push([clock.now(), what]);
  const options: ClientTransactionOptions = {
    clock,
    timers: DEFAULT_TIMERS,
    reliable,
    request: withVia(method),
    send: (sent) => note(`send ${sent.method}`),
    onResponse: (response) => note(`response ${response.status}`),
    onTimeout: () => note('timeout'),
    onTransportFailure: () => note('transport failure'),
    onTerminated: () => note('terminated'),
  };
  return { clock, options, log };
}

export function serverBench(method: string, reliable: boolean): Bench<ServerTransactionOptions> {
  const clock = new VirtualClock();
  const log: [number, string][] = [];
  const note = (what: string): number => log.push([clock.now(), what]);
  const options: ServerTransactionOptions = {
    clock,
    timers: DEFAULT_TIMERS,
    reliable,
    request: withVia(method),
    send: (response) => {
      const send = () => void note(`send ${response.status}`);
      send();
      return send;
    },
    onNoAck: () => note('no ACK'),
    onAck: () => note('ACK'),
    onTerminated: () => note('terminated'),
  };
  return { clock, options, log };
}
