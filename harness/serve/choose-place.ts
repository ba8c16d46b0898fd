import { freePorts } from '../ports/free-ports.ts';
import type { SqliteStore } from '../ports/sqlite-store.ts';
import { systemRandom } from '../ports/system-random.ts';
import { FIRST_BEARER } from './accounts.ts';
import { type PortPlan, planOf, portPlan, portsNeeded } from './port-plan.ts';

/** Ports of a server, and where the loopback addresses of its phones begin. */
export interface ServerPlace {
  readonly ports: PortPlan;
  readonly firstBearer: number;
  /** Chosen just now: nobody has been told of it. */
  readonly isNew: boolean;
}

interface Remembered {
  readonly ports: readonly number[];
  readonly firstBearer: number;
}

const KEY = 'server/place';

/** As given, or well-known; for port base 0 a place that nobody else is at, the same again at the next start. */
export async function choosePlace(
  options: {
    readonly portBase?: number | undefined;
    readonly carriers: readonly unknown[];
    readonly bind: readonly string[];
  },
  store: SqliteStore,
): Promise<ServerPlace> {
  const { portBase, carriers, bind } = options;
  const count = carriers.length;
  if (portBase !== 0) {
    return { ports: portPlan(count, portBase), firstBearer: FIRST_BEARER, isNew: false };
  }
  const known = store.get(KEY);
  const before = known && (JSON.parse(new TextDecoder().decode(known)) as Remembered);
  if (before?.ports.length === portsNeeded(count)) {
    return { ports: planOf(count, before.ports), firstBearer: before.firstBearer, isNew: false };
  }
  const ports = await freePorts(portsNeeded(count), bind[0]!);
  const fresh: Remembered = { ports, firstBearer: randomBearer() };
  store.set(KEY, new TextEncoder().encode(JSON.stringify(fresh)));
  return { ports: planOf(count, ports), firstBearer: fresh.firstBearer, isNew: true };
}

/** Another one is chosen next time. */
export function forgetPlace(store: SqliteStore): void {
  store.delete(KEY);
}

function randomBearer(): number {
  const [a = 0, b = 0, c = 0] = systemRandom.bytes(3);
  return ((a & 0x3f) << 16) | (b << 8) | c;
}
