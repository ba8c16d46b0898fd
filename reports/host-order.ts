import type { TraceEntry, WorldEntry } from './trace.ts';

export interface Lane {
  readonly host: string;
  readonly side: string;
  /** Short, unique in its ladder: `alice`, `A pcscf`; the host itself where these would not be unique. */
  readonly name: string;
}

/**
 * The hosts of a ladder, left to right: the first phone, carrier A, links and others, carrier B, the other phones.
 * Only hosts that sent or received something; one that the world entry doesn't name gets side `unknown`.
 */
export function ladderLanes(trace: readonly TraceEntry[]): Lane[] {
  const world = trace.find((entry): entry is WorldEntry => entry.kind === 'world');
  const named = world?.hosts ?? [];
  const seen = new Set<string>();
  for (const entry of trace) if (entry.kind === 'frame') seen.add(entry.from).add(entry.to);
  const firstPhone = named.find(({ side }) => side.startsWith('device:'))?.side;
  const rank = (side: string): number => {
    if (side === firstPhone) return 0;
    if (side.startsWith('device:')) return 4;
    return side === 'carrier:A' ? 1 : side === 'carrier:B' ? 3 : 2;
  };
  const known = named.filter(({ host }) => seen.delete(host));
  const lanes = [...known, ...[...seen].map((host) => ({ host, side: 'unknown' }))]
    .map((lane, index) => ({ ...lane, index }))
    .sort((a, b) => rank(a.side) - rank(b.side) || a.index - b.index);
  return lanes.map(({ host, side }) => {
    const name = shortName(host, side);
    const unique = lanes.filter((lane) => shortName(lane.host, lane.side) === name).length === 1;
    return { host, side, name: unique ? name : host };
  });
}

function shortName(host: string, side: string): string {
  const [kind, who = ''] = side.split(':');
  if (kind === 'device') return who;
  return kind === 'carrier' ? `${who} ${host.split('.')[0]}` : host;
}
