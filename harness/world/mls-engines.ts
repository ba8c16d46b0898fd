/** Which MLS each phone of a case has. */
import type { Case } from '../../matrix/schema/case.ts';
import type { Awaitable } from '../../stack/client/awaitable.ts';
import type { MlsEngine } from '../../stack/client/mls-engine.ts';
import { grpcEngineSource } from '../mls-interop/phone-engine.ts';
import type { EngineSource, Engines } from './engine-source.ts';
import { UnsupportedByEngine } from './unsupported-by-engine.ts';

/** The engines by role, of phones that have another than the stack's own. */
export type SeatedEngines = ReadonlyMap<string, EngineSource>;

const OWN = 'parley';
const GRPC = /^grpc:(.+:\d+)$/;

/** Names of engines that `cell` needs and `supplied` has not. */
export function missingEngines(cell: Case, supplied: Engines): string[] {
  const names = Object.values(cell.roles).flatMap(({ device }) => device.mls?.engine ?? []);
  return [...new Set(names)].filter(
    (name) => name !== OWN && !GRPC.test(name) && !Object.hasOwn(supplied, name),
  );
}

/**
 * Resolves to the engines of the case's phones. Rejects with UnsupportedByEngine for what an engine declares that it can't
 * do, with RangeError for one that is not supplied, and with the engine's error when it can't be reached.
 */
export async function seatEngines(cell: Case, supplied: Engines): Promise<SeatedEngines> {
  const missing = missingEngines(cell, supplied);
  if (missing.length > 0) throw new RangeError(`no MLS engine is called ${missing.join(' or ')}`);
  const seated = new Map<string, EngineSource>();
  for (const [role, { device }] of Object.entries(cell.roles)) {
    if (!device.mls || device.mls.engine === OWN) continue;
    const { engine: name, cipherSuites, lacks = [] } = device.mls;
    const address = GRPC.exec(name)?.[1];
    const source = address === undefined ? supplied[name]! : grpcEngineSource(address);
    const undeclared = source.lacks.filter((part) => !lacks.includes(part));
    if (undeclared.length > 0) {
      throw new UnsupportedByEngine(
        `the MLS engine ${name} can't do ${undeclared.join(', ')}, which ${device.name} does not declare`,
      );
    }
    const has = await source.cipherSuites();
    const none = cipherSuites.filter((suite) => !has.includes(suite));
    if (none.length > 0) {
      throw new UnsupportedByEngine(
        `the MLS engine ${name} has no cipher suite ${none.join(', ')}, which ${device.name} offers`,
      );
    }
    seated.set(role, source);
  }
  return seated;
}

/** The same engine; `standStill` is told of everything that it takes its time for. */
export function watched(engine: MlsEngine, standStill: <T>(work: Promise<T>) => Promise<T>): MlsEngine {
  const watch = <T>(value: Awaitable<T>): Awaitable<T> =>
    value instanceof Promise ? standStill(value) : value;
  const { receipts } = engine;
  return {
    keyPackage: (...asked) => watch(engine.keyPackage(...asked)),
    create: (...asked) => watch(engine.create(...asked)),
    join: (...asked) => watch(engine.join(...asked)),
    facts: (...asked) => watch(engine.facts(...asked)),
    exporter: (...asked) => watch(engine.exporter(...asked)),
    protect: (...asked) => watch(engine.protect(...asked)),
    unprotect: (...asked) => watch(engine.unprotect(...asked)),
    ...(receipts && {
      receipts: {
        sign: (...asked) => watch(receipts.sign(...asked)),
        verify: (...asked) => watch(receipts.verify(...asked)),
      },
    }),
    close: () => watch(engine.close?.()),
  };
}
