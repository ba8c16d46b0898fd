import type { Script } from '../script/script.ts';
import type { Client } from './client.ts';

/** Which implementation plays whom. */
export type Assignment = ReadonlyMap<string, Client>;

/** What a script may ask for at most: 2 implementations in 12 roles, 3 in 7. */
const most = 4_096;

/** In the order of the letters: AA, AB, BA, BB. RangeError when there would be more than 4,096. */
export function assignments(script: Script, clients: readonly Client[]): Assignment[] {
  const { actors } = script;
  const { length: count } = clients;
  if (script.assignments === 'rotated') return rotated(actors, clients);
  const all = count ** actors.length;
  if (all > most) {
    throw new RangeError(`${script.id}: ${count} clients in ${actors.length} roles are ${all} assignments`);
  }
  return Array.from({ length: all }, (_, number) =>
    assign(actors, (place) => clients[Math.floor(number / count ** (actors.length - 1 - place)) % count]!),
  );
}

function rotated(actors: readonly string[], clients: readonly Client[]): Assignment[] {
  const alike = clients.map((client) => assign(actors, () => client));
  if (clients.length === 1 || actors.length === 1) return alike;
  const turns = clients.map((_, turn) =>
    assign(actors, (place) => clients[(place + turn) % clients.length]!),
  );
  return [...alike, ...turns];
}

function assign(actors: readonly string[], clientAt: (place: number) => Client): Assignment {
  return new Map(actors.map((actor, place) => [actor, clientAt(place)]));
}

/** `AAB`. */
export function letters(assignment: Assignment): string {
  return [...assignment.values()].map(({ letter }) => letter).join('');
}
