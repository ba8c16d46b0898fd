/**
 * Measuring contenders in turns, so that what else the machine does falls on all of them alike, and in processor time
 * (of all threads: WebCrypto works in others), since wall time on a shared machine measures its neighbours.
 */
import { millisecondsSince, nanoseconds } from '../ports/system-clock.ts';
import type { Client, Contender, Contenders } from './mls-contenders.ts';

/** An operation to measure: `prepare` is not timed, what it returns is. */
export interface Operation {
  readonly op: string;
  /** Members, or KeyPackages added. */
  readonly size: number;
  /** How often what `prepare` returns does the thing. */
  readonly times?: number;
  readonly prepare: (client: Client, contender: Contender) => Promise<() => unknown>;
}

export interface Row {
  readonly op: string;
  readonly size: number;
  readonly suite: number;
  /** Measurements of ours and of the peer as published, of which the medians follow. */
  readonly n: number;
  readonly n_peer: number;
  /** Milliseconds of processor time an operation. */
  readonly ours_ms: number;
  readonly peer_ms: number;
  readonly peer_native_ms: number;
  /** peer_ms / ours_ms. */
  readonly ratio: number;
  /** peer_native_ms / ours_ms. */
  readonly ratio_native: number;
  /** Of ours: time in primitives / time, both on the clock. */
  readonly crypto_share: number;
}

/** A contender drops out of the rounds once it has taken this long, preparation included. */
const budgetMs = 600;
/** Of the peer as published, which is slow enough to need no more. */
const peerBudgetMs = 1200;
const mostRounds = 25;
const fewestRounds = 3;
/** What takes longer than this once is measured without a warm-up, and twice if need be. */
const longMs = 400;

interface Turn {
  readonly contender: Contender;
  readonly budgetMs: number;
  readonly client: Client;
  readonly samples: number[];
  readonly shares: number[];
  spentMs: number;
}

export async function measure(suite: number, contenders: Contenders, operation: Operation): Promise<Row> {
  const { ours, counted, peer, peerNative } = contenders;
  const turns = [ours, peer, peerNative, counted].map(
    (contender): Turn => ({
      contender,
      budgetMs: contender === peer ? peerBudgetMs : budgetMs,
      client: contender.client(),
      samples: [],
      shares: [],
      spentMs: 0,
    }),
  );
  for (let round = 0; round < mostRounds; round++) {
    for (const turn of turns) if (goesOn(turn)) await takeTurn(turn, operation);
  }
  const [oursMs, peerMs, nativeMs] = turns.map(({ samples }) => median(warm(samples)));
  return {
    op: operation.op,
    size: operation.size,
    suite,
    n: warm(turns[0]!.samples).length,
    n_peer: warm(turns[1]!.samples).length,
    ours_ms: round4(oursMs!),
    peer_ms: round4(peerMs!),
    peer_native_ms: round4(nativeMs!),
    ratio: round2(peerMs! / oursMs!),
    ratio_native: round2(nativeMs! / oursMs!),
    crypto_share: round2(median(warm(turns[3]!.shares))),
  };
}

function goesOn({ samples, spentMs, budgetMs: budget }: Turn): boolean {
  if (spentMs < budget) return true;
  return samples.length < (samples[0]! > longMs ? fewestRounds - 1 : fewestRounds);
}

async function takeTurn(turn: Turn, { prepare, times = 1 }: Operation): Promise<void> {
  const start = nanoseconds();
  const client = turn.contender.remembers ? turn.contender.client() : turn.client;
  const run = await prepare(client, turn.contender);
  const cryptoBefore = client.cryptoNanoseconds?.() ?? 0n;
  const began = nanoseconds();
  const processor = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(processor);
  const crypto = Number((client.cryptoNanoseconds?.() ?? 0n) - cryptoBefore) / 1e6;
  turn.samples.push((user + system) / 1000 / times);
  turn.shares.push(crypto / millisecondsSince(began));
  turn.spentMs += millisecondsSince(start);
}

/** Without the first, unless each is long enough to be its own warm-up or there are too few. */
function warm(samples: readonly number[]): readonly number[] {
  return samples.length < 3 || samples[0]! > longMs ? samples : samples.slice(1);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

const round2 = (value: number): number => Math.round(value * 100) / 100;
const round4 = (value: number): number => Math.round(value * 10_000) / 10_000;
