/** A phone's SDK against a P-CSCF whose every answer the test writes. */

import { Link } from '../../emulators/network/link.ts';
import { MemoryStore } from '../../emulators/network/memory-store.ts';
import { SeededRandom } from '../../emulators/network/seeded-random.ts';
import { SimulatedNetwork } from '../../emulators/network/simulated-network.ts';
import { VirtualClock } from '../../emulators/network/virtual-clock.ts';
import { ImsTransport } from '../../stack/client/ims-transport.ts';
import type { RegistrationLoss } from '../../stack/client/registration-outcome.ts';
import type { RcsConfig } from '../../stack/rcs/config/index.ts';
import { type IncomingRequest, type RespondOptions, SipEndpoint } from '../../stack/rcs/sip/endpoint.ts';
import { header } from '../../stack/rcs/sip/headers.ts';
import type { SipHeader, SipRequest } from '../../stack/rcs/sip/message.ts';

export const HOME = 'ims.home.example';
export const PROXIES = ['pcscf1.home.example', 'pcscf2.home.example'];

const CONFIG: RcsConfig = {
  version: 1,
  validitySeconds: 86_400,
  impi: `999@${HOME}`,
  impu: [`sip:+999900100001@${HOME}`],
  homeDomain: HOME,
  pcscf: PROXIES.map((host) => ({ host, port: 5061 })),
  auth: { type: 'Digest', realm: HOME, userName: `999@${HOME}`, userPwd: 'secret' },
  instanceId: '0f6e6d2a-6a51-4e0b-9d0e-6a0f1c7b0001',
  psSignalling: 'SIPoTLS',
  psMedia: 'MSRPoTLS',
  services: { chat: true, groupChat: false, fileTransferHttp: false, standaloneMsg: true },
  standaloneMsg: { maxSize: 8_000, switchoverSize: 1_300 },
  capDiscovery: { capInfoExpirySeconds: 60, nonRcsCapInfoExpirySeconds: 60, defaultDisc: 'options' },
};

/** The answer to one request: a status, and with it what RespondOptions say. */
export type Scripted = readonly [status: number, options?: RespondOptions];
export type Script = (request: SipRequest, proxy: string) => Scripted | undefined;

export interface FakeHome {
  readonly clock: VirtualClock;
  readonly network: SimulatedNetwork;
  readonly ims: ImsTransport;
  readonly losses: RegistrationLoss[];
  /** Everything that came, with the proxy and the time in seconds. */
  readonly received: {
    readonly request: SipRequest;
    readonly proxy: string;
    readonly at: number;
    incoming: IncomingRequest;
  }[];
  readonly access: Link;
  /** Proxies by host, to send to the phone or to close. */
  readonly endpoints: ReadonlyMap<string, SipEndpoint>;
  /** Lets the world run until the promise has settled. */
  run<T>(promise: Promise<T>): Promise<T>;
  registers(): {
    readonly cseq: number;
    readonly proxy: string;
    readonly at: number;
    readonly request: SipRequest;
  }[];
  close(): void;
}

/** 200 to REGISTER with a binding of `expires` seconds. */
export function granted(request: SipRequest, expires = 3_600, headers: readonly SipHeader[] = []): Scripted {
  const contact = header(request, 'Contact')!.replace(/;expires=\d+/, `;expires=${expires}`);
  return [200, { headers: [{ name: 'Contact', value: contact }, ...headers] }];
}

export function fakeHome(script: Script): FakeHome {
  const clock = new VirtualClock();
  const random = new SeededRandom('home');
  const link = (name: string) => new Link(name, { latencyMs: 5, jitterMs: 0, loss: 0 }, random.fork(name));
  const network = new SimulatedNetwork({ clock, tap: () => {}, interconnect: link('interconnect') });
  const access = link('access');
  const begin = clock.now();
  const received: FakeHome['received'] = [];
  const losses: RegistrationLoss[] = [];
  const endpoints = new Map(
    PROXIES.map((host) => {
      const port = network.addHost(host, { access: [link(host)], zone: 'A' });
      const endpoint = new SipEndpoint({
        clock,
        random: random.fork(host),
        network: port,
        onRequest: (incoming) => {
          const { request } = incoming;
          received.push({ request, proxy: host, at: (clock.now() - begin) / 1_000, incoming });
          const answer = script(request, host);
          if (answer !== undefined) incoming.respond(...answer);
        },
      });
      endpoint.listen('tls', 5061);
      return [host, endpoint];
    }),
  );
  const ims = new ImsTransport({
    platform: {
      clock,
      random: random.fork('phone'),
      network: network.addHost('phone.ue.example', { access: [access], zone: 'A' }),
      store: new MemoryStore(),
    },
    config: CONFIG,
    transports: ['tls'],
    style: {},
    userAgent: 'test',
    onRequest: (incoming) => incoming.respond(200),
    onRegistrationLost: (loss) => void losses.push(loss),
  });
  return {
    clock,
    network,
    ims,
    losses,
    received,
    access,
    endpoints,
    run: async (promise) => {
      let settled = false;
      const watched = promise.finally(() => {
        settled = true;
      });
      watched.catch(() => undefined);
      if (!(await clock.runUntil(() => settled, 300_000))) throw new Error('nothing came of it');
      return watched;
    },
    registers: () =>
      received
        .filter(({ request }) => request.method === 'REGISTER')
        .map(({ request, proxy, at }) => ({
          cseq: Number.parseInt(header(request, 'CSeq')!, 10),
          proxy,
          at,
          request,
        })),
    close: () => {
      ims.close();
      for (const endpoint of endpoints.values()) endpoint.close();
    },
  };
}
