/** A provisioning manager whose ACS is a list of answers, in virtual time. */
import { MemoryStore } from '../../emulators/network/memory-store.ts';
import { SeededRandom } from '../../emulators/network/seeded-random.ts';
import { VirtualClock } from '../../emulators/network/virtual-clock.ts';
import { type Bearer, Provisioning, type ProvisioningOutcome } from '../../stack/client/provisioning.ts';
import type { Network, Store } from '../../stack/platform.ts';
import {
  parseAcsQuery,
  type RcsConfig,
  writeConfigDocument,
  writeVersDocument,
} from '../../stack/rcs/config/index.ts';
import type { Arrival } from '../../stack/rcs/sms/index.ts';

export const PHONE = {
  msisdn: '+999900100001',
  imsi: '999001000000001',
  vendor: 'EMUL',
  model: 'model1',
  softwareVersion: '1',
  clientVersion: '1.0',
  rcsProfile: 'UP_3.0',
};

const CONFIG: RcsConfig = {
  version: 7,
  validitySeconds: 86_400,
  impi: 'u@ims.example',
  impu: ['sip:u@ims.example'],
  homeDomain: 'ims.example',
  pcscf: [{ host: 'pcscf.example', port: 5061 }],
  auth: { type: 'Digest', realm: 'ims.example', userName: 'u', userPwd: 'p' },
  instanceId: '',
  psSignalling: 'SIPoTLS',
  psMedia: 'MSRPoTLS',
  services: { chat: true, groupChat: false, fileTransferHttp: false, standaloneMsg: true },
  standaloneMsg: { maxSize: 8_000, switchoverSize: 1_300 },
  capDiscovery: { capInfoExpirySeconds: 60, nonRcsCapInfoExpirySeconds: 60, defaultDisc: 'options' },
};

export const document = (changes: Partial<RcsConfig> = {}): Response =>
  new Response(new Uint8Array(writeConfigDocument({ ...CONFIG, ...changes })));
export const versOnly = (version: number, validity = 86_400): Response =>
  new Response(new Uint8Array(writeVersDocument(version, validity)));
export const status = (code: number, headers: Record<string, string> = {}): Response =>
  new Response(null, { status: code, headers });
/** 200 with a cookie and no body: "now with the cookie", or "a password is on its way". */
export const cookie = (): Response => status(200, { 'set-cookie': 'acs=4f1c; Secure; HttpOnly' });

/** An answer, or what makes one of a request. */
export type Scripted = Response | Error | ((request: Request) => Response);

export interface Ask {
  readonly scheme: 'http' | 'https';
  readonly query: ReturnType<typeof parseAcsQuery>;
  readonly cookie: string | null;
  /** Virtual seconds since the test began. */
  readonly at: number;
}

export interface ProvisioningBench {
  readonly clock: VirtualClock;
  readonly manager: Provisioning;
  readonly asks: Ask[];
  /** Outcomes of runs that nobody called for. */
  readonly background: ProvisioningOutcome[];
  readonly store: Store;
  bearer: Bearer;
  /** Answers to come, in order; beyond them the bench fails the request. */
  readonly script: Scripted[];
  sms(arrival: Arrival): void;
  /** Runs the world until the manager has an outcome. */
  run(trigger?: Parameters<Provisioning['run']>[0]): Promise<ProvisioningOutcome>;
}

export interface BenchOptions {
  readonly bearer?: Bearer;
  readonly store?: Store;
  readonly imsi?: string;
  readonly askNumber?: (refused: string) => Promise<string | undefined>;
}

export function openProvisioning(script: Scripted[], options: BenchOptions = {}): ProvisioningBench {
  const clock = new VirtualClock();
  const asks: Ask[] = [];
  const background: ProvisioningOutcome[] = [];
  const watchers = new Set<(arrival: Arrival) => void>();
  const store = options.store ?? new MemoryStore();
  const fetch: Network['fetch'] = async (request) => {
    const url = new URL(request.url);
    asks.push({
      scheme: url.protocol === 'https:' ? 'https' : 'http',
      query: parseAcsQuery(request.url),
      cookie: request.headers.get('cookie'),
      at: clock.elapsed() / 1_000,
    });
    const next = script.shift() ?? new Error('no route to the ACS');
    if (next instanceof Error) throw next;
    return typeof next === 'function' ? next(request) : next;
  };
  const never = () => {
    throw new Error('HTTP only');
  };
  const network = { host: 'phone', fetch, connect: never, listen: never, datagram: never, serveHttp: never };
  const bench = { bearer: options.bearer ?? 'operator' };
  const manager = new Provisioning({
    platform: { clock, random: new SeededRandom('provisioning'), network, store },
    terminal: { ...PHONE, imsi: options.imsi ?? PHONE.imsi },
    sms: {
      watch: (watcher) => {
        watchers.add(watcher);
        return () => watchers.delete(watcher);
      },
    },
    bearer: () => bench.bearer,
    onOutcome: (outcome) => void background.push(outcome),
    ...(options.askNumber && { askNumber: options.askNumber }),
  });
  return Object.assign(bench, {
    clock,
    manager,
    asks,
    background,
    store,
    script,
    sms: (arrival: Arrival) => {
      for (const watcher of [...watchers]) watcher(arrival);
    },
    run: async (trigger: Parameters<Provisioning['run']>[0] = 'boot') => {
      let outcome: ProvisioningOutcome | undefined;
      void manager.run(trigger).then((end) => {
        outcome = end;
      });
      if (!(await clock.runUntil(() => outcome !== undefined, 86_400_000)))
        throw new Error('provisioning did not end within a day');
      return outcome!;
    },
  });
}

export const data = (text: string, port: number): Arrival => ({
  from: '27727',
  kind: 'data',
  port,
  data: new TextEncoder().encode(text),
});
export const text = (body: string): Arrival => ({ from: '27727', kind: 'text', text: body });
