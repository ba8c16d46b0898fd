/** What a member's state takes: as bytes on disk, and as heap. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Contender, Contenders } from './mls-contenders.ts';
import type { World } from './mls-operations.ts';

export interface MemoryRow {
  readonly op: string;
  readonly size: number;
  readonly suite: number;
  /** States measured, in one go. */
  readonly n: number;
  readonly ours_bytes: number;
  readonly peer_bytes: number;
  /** peer_bytes / ours_bytes. */
  readonly ratio: number;
}

const members = 8;

/** Of members who have just joined `world`; a client each, as each is another device. */
export async function memoryRows(suite: number, contenders: Contenders, world: World): Promise<MemoryRow[]> {
  const { ours, peer } = contenders;
  const row = (op: string, n: number, oursBytes: number, peerBytes: number): MemoryRow => ({
    op,
    size: world.size,
    suite,
    n,
    ours_bytes: oursBytes,
    peer_bytes: peerBytes,
    ratio: Math.round((peerBytes * 100) / oursBytes) / 100,
  });
  return [
    row('state bytes', 1, await stateBytes(ours, world), await stateBytes(peer, world)),
    row('heap a member', members, await heapBytes(ours, world), await heapBytes(peer, world)),
  ];
}

async function stateBytes(contender: Contender, world: World): Promise<number> {
  const { engine } = contender.client();
  const state = await engine.join(world.seats.get(contender)!.actor, world.welcome);
  return (await engine.encodeState(state)).length;
}

async function heapBytes(contender: Contender, world: World): Promise<number> {
  const collect = collector();
  const bundle = world.seats.get(contender)!.actor;
  // Once for what is loaded and compiled on first use.
  await contender.client().engine.join(bundle, world.welcome);
  const held: unknown[] = [];
  const before = used(collect);
  for (let n = 0; n < members; n++) {
    const client = contender.client();
    held.push(client, await client.engine.join(bundle, world.welcome));
  }
  const after = used(collect);
  // Read after the measurement, so that nothing held is collected before it.
  return Math.round((after - before) / (held.length / 2));
}

function used(collect: () => void): number {
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
