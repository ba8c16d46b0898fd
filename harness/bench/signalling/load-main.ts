/** A process that puts load on a server: takes jobs from its parent, one at a time, and tells what came of each. */
import { every, isoTime, nanoseconds, systemClock } from '../../ports/system-clock.ts';
import { echoRounds } from './echo-rounds.ts';
import { flood } from './flood.ts';
import type { Job, RunFigures, Told } from './load-job.ts';
import { LoadPhone } from './load-phone.ts';
import { receiptBody, textBody } from './sip-text.ts';

/** Octets of a text: a sentence or two. */
const TEXT_OCTETS = 120;
/** Registrations under way at once while a bench is set up. */
const AT_ONCE = 50;
const RETRANSMIT_MS = 100;

const now = (): number => Number(nanoseconds()) / 1e6;
const dateTime = isoTime(systemClock.now());
const bodies = { text: textBody(dateTime, TEXT_OCTETS), receipt: receiptBody(dateTime) };

let phones: LoadPhone[] = [];
let opened: Extract<Job, { kind: 'open' }>;
let texts = 0;

every(RETRANSMIT_MS, () => {
  if (opened?.transport === 'udp') for (const phone of phones) phone.retransmit();
});

process.on('message', (job: Job) => {
  perform(job).then(
    (told) => process.send?.(told),
    (error: Error) => process.send?.({ error: error.stack ?? error.message }),
  );
});

async function perform(job: Job): Promise<Told> {
  if (job.kind === 'open') return open(job);
  if (job.kind === 'run') return run(job.op, job.ms);
  if (job.kind === 'echo') {
    const { transport, authorities } = opened;
    const chains = pairs().map(([one, other]) => LoadPhone.sentBy(one, other)[job.op]);
    return echoRounds({ transport, authorities, server: job.echo, chains, ms: job.ms, now });
  }
  if (job.kind === 'flood') return flood({ ...job, pairs: pairs(), now, nextId });
  if (job.kind === 'register-at') return registerAt(job);
  if (job.kind === 'challenge') return challenge(job);
  for (const phone of phones) phone.close();
  phones = [];
  return {};
}

async function open(job: Extract<Job, { kind: 'open' }>): Promise<Told> {
  opened = job;
  const { transport, server, authorities, accounts } = job;
  phones = accounts.map((account) => new LoadPhone({ account, transport, server, authorities, bodies, now }));
  let next = 0;
  const line = async () => {
    for (let phone = phones[next++]; phone !== undefined; phone = phones[next++]) {
      await phone.open();
      await registered(phone);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, line));
  return { registered: phones.length };
}

async function registerAt(job: Extract<Job, { kind: 'register-at' }>): Promise<Told> {
  const { server, accounts, port: localPort } = job;
  for (const account of accounts) {
    const phone = new LoadPhone({
      account,
      transport: 'udp',
      server,
      localPort,
      authorities: [],
      bodies,
      now,
    });
    await phone.open();
    await registered(phone);
    phone.close();
  }
  return { registered: accounts.length };
}

async function challenge({ server, accounts }: Extract<Job, { kind: 'challenge' }>): Promise<Told> {
  const nonces: string[] = [];
  for (const account of accounts) {
    const phone = new LoadPhone({ account, transport: 'udp', server, authorities: [], bodies, now });
    await phone.open();
    nonces.push(await new Promise((resolve) => phone.challenge((_, nonce) => resolve(nonce))));
    phone.close();
  }
  return { nonces };
}

function registered(phone: LoadPhone): Promise<void> {
  return new Promise((resolve, reject) => {
    phone.register((status) => {
      if (status === 200) resolve();
      else reject(new Error(`REGISTER of ${phone.account.name} was answered ${status}`));
    });
  });
}

/** Resolves when the time is over and what was begun is done. */
function run(op: 'register' | 'relay', ms: number): Promise<RunFigures> {
  const latencies: number[] = [];
  const retransmissions = again();
  const began = now();
  let failed = 0;
  let lines = 0;
  const { promise, resolve } = Promise.withResolvers<RunFigures>();
  const ended = (at: number, good: boolean, more: () => void) => {
    const end = now();
    if (good) latencies.push(end - at);
    else failed += 1;
    if (end - began < ms) {
      more();
      return;
    }
    lines -= 1;
    if (lines > 0) return;
    resolve({
      latencies: Float64Array.from(latencies),
      ms: end - began,
      failed,
      retransmissions: again() - retransmissions,
    });
  };
  const begin =
    op === 'register' ? phones.map((phone) => registerOver(phone, ended)) : pairs().map(relayOver(ended));
  lines = begin.length;
  for (const one of begin) one();
  return promise;
}

type Ended = (at: number, good: boolean, more: () => void) => void;

function registerOver(phone: LoadPhone, ended: Ended): () => void {
  const more = () => {
    const at = now();
    phone.register((status) => ended(at, status === 200, more));
  };
  return more;
}

function relayOver(ended: Ended): (pair: readonly [LoadPhone, LoadPhone]) => () => void {
  return ([one, other]) => {
    let at = 0;
    const more = () => {
      at = now();
      one.text(other.account.msisdn, nextId(), (status) => {
        if (status !== 202) ended(at, false, more);
      });
    };
    one.onReceipt = () => ended(at, true, more);
    return more;
  };
}

function pairs(): [LoadPhone, LoadPhone][] {
  return phones.flatMap((phone, i) => (i % 2 === 0 && phones[i + 1] ? [[phone, phones[i + 1]!]] : []));
}

function nextId(): string {
  texts += 1;
  return `Mx${process.pid}-${texts}`;
}

function again(): number {
  return phones.reduce((sum, phone) => sum + phone.retransmissions + phone.repetitions, 0);
}
