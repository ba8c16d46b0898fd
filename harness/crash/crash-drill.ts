/**
 * Kills a loaded server at points that follow from a seed, starts it again, and checks the promise of a 2xx: every
 * message that was answered is delivered exactly once. Senders send again, under the same Message-ID, what was not
 * answered; recipients know a delivery again by its Call-ID.
 */
import { readFileSync } from 'node:fs';
import { SeededRandom, unitInterval } from '../../emulators/network/seeded-random.ts';
import { HostDirectory } from '../../emulators/network/sockets/host-directory.ts';
import { SocketNetwork } from '../../emulators/network/sockets/socket-network.ts';
import type { TransportProtocol } from '../../stack/platform.ts';
import { systemClock } from '../ports/system-clock.ts';
import { systemRandom } from '../ports/system-random.ts';
import type { ServedDescriptor } from '../serve/descriptor.ts';
import { DrillPhone } from './drill-phone.ts';
import { ServedProcess } from './served-process.ts';

export interface CrashOptions {
  readonly kills: number;
  /** Messages under way at once. */
  readonly load: number;
  readonly seed: string;
  /** Folder of the server's state; empty. */
  readonly state: string;
  readonly signal?: AbortSignal | undefined;
}

export interface CrashReport {
  readonly kills: number;
  /** Messages that were answered 2xx. */
  readonly accepted: number;
  /** Transactions that were not answered, and whose message was sent again. */
  readonly sentAgain: number;
  /** Deliveries that came again and were known again. */
  readonly knownAgain: number;
  /** What went wrong; empty when the promise was kept. */
  readonly findings: readonly string[];
}

/** Two carriers, peered: messages cross the border, too. */
const CARRIERS = ['lab', 'lab'];
/** Who is reached how. dave is away until the end: what is for him waits. */
const PHONES: Readonly<Record<string, TransportProtocol>> = {
  alice: 'udp',
  bob: 'tcp',
  carol: 'udp',
  dave: 'tls',
};
const AWAY = 'dave';
/** Between two kills at least and at most so many messages are accepted. */
const BETWEEN = [20, 120] as const;
const PAUSE_MS = 100;
/** No delivery for so long, with nothing left to send: what is missing now is lost. */
const LOST_MS = 45_000;
/** Longest that one kill's work takes before the drill gives up. */
const STUCK_MS = 90_000;

interface Message {
  readonly id: string;
  readonly from: string;
  readonly to: string;
}

export async function crashDrill(options: CrashOptions): Promise<CrashReport> {
  const drill = new CrashDrill(options);
  try {
    return await drill.run();
  } finally {
    await drill.close();
  }
}

class CrashDrill {
  readonly #options: CrashOptions;
  readonly #random: SeededRandom;
  readonly #server: ServedProcess;
  readonly #phones = new Map<string, DrillPhone>();
  readonly #accepted: Message[] = [];
  readonly #findings: string[] = [];
  #network: SocketNetwork | undefined;
  #numbers = new Map<string, string>();
  #sentAgain = 0;
  #made = 0;
  #isSending = true;

  constructor(options: CrashOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    this.#server = new ServedProcess({ state: options.state, carriers: CARRIERS });
  }

  async run(): Promise<CrashReport> {
    const { kills, load, signal } = this.#options;
    await this.#attach(await this.#server.start());
    for (const name of this.#phones.keys()) await this.#register(name);
    await this.#phones.get(AWAY)!.register(0);
    const lanes = Array.from({ length: load }, (_, i) => this.#lane(this.#random.fork(`lane ${i}`)));
    const points = this.#random.fork('kills');
    let killed = 0;
    for (; killed < kills && signal?.aborted !== true && this.#findings.length === 0; killed += 1) {
      const [least, most] = BETWEEN;
      const target = this.#accepted.length + least + Math.floor(unitInterval(points) * (most - least));
      await this.#until(
        () => this.#accepted.length >= target,
        STUCK_MS,
        `${target} messages are not accepted`,
      );
      await pause(unitInterval(points) * 20);
      await this.#server.kill();
      await this.#server.start();
      for (const name of ['bob']) void this.#register(name);
    }
    this.#isSending = false;
    await Promise.all(lanes);
    await this.#register(AWAY);
    await this.#settle();
    this.#check();
    const { length: accepted } = this.#accepted;
    const knownAgain = [...this.#phones.values()].reduce((sum, { repetitions }) => sum + repetitions, 0);
    return { kills: killed, accepted, sentAgain: this.#sentAgain, knownAgain, findings: this.#findings };
  }

  async close(): Promise<void> {
    this.#isSending = false;
    for (const phone of this.#phones.values()) phone.close();
    await this.#server.kill();
    await this.#network?.close();
  }

  async #attach(server: ServedDescriptor): Promise<void> {
    const directory = new HostDirectory();
    const network = new SocketNetwork({
      clock: { ...systemClock, deliverAfter: systemClock.setTimer },
      directory,
      authorities: [readFileSync(server.ca, 'utf8')],
    });
    this.#network = network;
    for (const carrier of server.carriers) {
      for (const account of carrier.accounts) {
        const transport = PHONES[account.name]!;
        const { port } = carrier.sip.find((one) => one.transport === transport)!;
        const delays = this.#random.fork(`answers of ${account.name}`);
        this.#numbers.set(account.name, account.msisdn);
        this.#phones.set(
          account.name,
          new DrillPhone({
            clock: systemClock,
            random: systemRandom,
            network: network.addHost(account.host, { address: account.bearer, realPort: (own) => own }),
            account,
            transport,
            server: { host: carrier.addresses[0]!, port },
            answerAfter: () => Math.floor(unitInterval(delays) * 15),
          }),
        );
      }
    }
  }

  /** Until it is in service: the server may be down. */
  async #register(name: string): Promise<void> {
    const phone = this.#phones.get(name)!;
    for (let status = 0; status !== 200; ) {
      status = await phone.register();
      if (status !== 200) await pause(PAUSE_MS);
    }
  }

  /** One message after the other, each until it is accepted. */
  async #lane(random: SeededRandom): Promise<void> {
    const names = [...this.#phones.keys()];
    const senders = names.filter((name) => name !== AWAY);
    const pick = (list: readonly string[]) => list[Math.floor(unitInterval(random) * list.length)]!;
    while (this.#isSending) {
      const from = pick(senders);
      const to = pick(names.filter((name) => name !== from));
      this.#made += 1;
      const message = { id: `crash-${this.#made}`, from, to };
      await this.#sendUntilTaken(message);
      this.#accepted.push(message);
    }
  }

  async #sendUntilTaken({ id, from, to }: Message): Promise<void> {
    const phone = this.#phones.get(from)!;
    for (;;) {
      const status = await phone.text(this.#numbers.get(to)!, id, '2026-01-01T00:00:00.000Z');
      if (status >= 200 && status < 300) return;
      // Only what stands for "not now" is expected of a server that comes and goes.
      if (![403, 408, 480, 500, 503, 504].includes(status)) {
        this.#findings.push(`${id} was answered ${status}`);
        return;
      }
      this.#sentAgain += 1;
      await pause(PAUSE_MS);
      if (status === 403) await this.#register(from);
    }
  }

  async #settle(): Promise<void> {
    const delivered = () => [...this.#phones.values()].reduce((sum, phone) => sum + phone.deliveries.size, 0);
    const isThere = () => delivered() >= this.#accepted.length;
    for (let before = -1; before !== delivered() && !isThere(); ) {
      before = delivered();
      const isMore = () => isThere() || delivered() > before;
      await this.#waitFor(isMore, LOST_MS);
    }
    // What would come twice has come by then: attempts are repeated after 1 s.
    await pause(2_000);
  }

  #check(): void {
    for (const { id, from, to } of this.#accepted) {
      const times = this.#phones.get(to)!.deliveries.get(id)?.size ?? 0;
      if (times !== 1)
        this.#findings.push(`${id} from ${from} to ${to} was accepted, and delivered ${times} times`);
    }
  }

  async #until(done: () => boolean, ms: number, what: string): Promise<void> {
    if (!(await this.#waitFor(done, ms))) {
      this.#findings.push(
        `${what} within ${ms / 1_000} s; the server said: ${this.#server.said.slice(-500)}`,
      );
    }
  }

  async #waitFor(done: () => boolean, ms: number): Promise<boolean> {
    const end = systemClock.now() + ms;
    while (!done() && systemClock.now() < end) await pause(5);
    return done();
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => void systemClock.setTimer(ms, resolve));
