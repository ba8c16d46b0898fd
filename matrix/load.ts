import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import type { z } from 'zod';
import { MatrixError, type Problem } from './error.ts';
import { checkReferences } from './references.ts';
import { type Carrier, carrierSchema } from './schema/carrier.ts';
import { type Device, deviceSchema } from './schema/device.ts';
import { type Drill, drillSchema } from './schema/drill.ts';
import { type Engine, engineSchema } from './schema/engine.ts';
import { type NetworkProfile, networkSchema } from './schema/network.ts';
import {
  type Canary,
  canarySchema,
  type Expectations,
  expectationsSchema,
  type KnownFailures,
  knownFailuresSchema,
  type Plan,
  planSchema,
} from './schema/plan.ts';
import { type Policy, policySchema } from './schema/policy.ts';
import { type Scenario, scenarioSchema } from './schema/step.ts';
import { suggest } from './suggest.ts';
import { validate } from './validate.ts';
import { parseSource, type Source } from './yaml-source.ts';

/** Everything in the folder `matrix/`, validated, by name in the order of the names. */
export interface Matrix {
  readonly devices: ReadonlyMap<string, Device>;
  readonly engines: ReadonlyMap<string, Engine>;
  readonly carriers: ReadonlyMap<string, Carrier>;
  readonly networks: ReadonlyMap<string, NetworkProfile>;
  readonly policies: ReadonlyMap<string, Policy>;
  readonly scenarios: ReadonlyMap<string, Scenario>;
  readonly plans: ReadonlyMap<string, Plan>;
  readonly drills: ReadonlyMap<string, Drill>;
  readonly canaries: ReadonlyMap<string, Canary>;
  readonly expectations: Expectations;
  readonly knownFailures: KnownFailures;
}

/** A matrix and the files it came from, for checks that must say where. */
export interface LoadedMatrix {
  readonly matrix: Matrix;
  /** By `devices/NAME`, `plans/NAME` ..., `expectations` and `known-failures`. */
  readonly sources: ReadonlyMap<string, Source>;
}

/** Which folder holds what. */
export const FOLDERS = {
  devices: { schema: deviceSchema, extension: 'yaml' },
  engines: { schema: engineSchema, extension: 'yaml' },
  carriers: { schema: carrierSchema, extension: 'yaml' },
  networks: { schema: networkSchema, extension: 'yaml' },
  policies: { schema: policySchema, extension: 'json' },
  scenarios: { schema: scenarioSchema, extension: 'yaml' },
  plans: { schema: planSchema, extension: 'yaml' },
  drills: { schema: drillSchema, extension: 'yaml' },
  canaries: { schema: canarySchema, extension: 'yaml' },
} as const;
type Folder = keyof typeof FOLDERS;

/**
 * Reads and checks the whole matrix in `dir` (this folder unless told otherwise). Throws one MatrixError that lists
 * everything wrong in every file; what files say of each other is checked once each is right by itself.
 */
export function loadMatrix(dir: string = import.meta.dirname): Matrix {
  const reader = new Reader(dir);
  const matrix: Matrix = {
    devices: reader.folder('devices'),
    engines: reader.folder('engines'),
    carriers: reader.folder('carriers'),
    networks: reader.folder('networks'),
    policies: reader.folder('policies'),
    scenarios: reader.folder('scenarios'),
    plans: reader.folder('plans'),
    drills: reader.folder('drills'),
    canaries: reader.folder('canaries'),
    expectations: reader.single('expectations', expectationsSchema) ?? { messages: [], devices: [] },
    knownFailures: reader.single('known-failures', knownFailuresSchema) ?? [],
  };
  if (reader.problems.length === 0)
    reader.problems.push(...checkReferences({ matrix, sources: reader.sources }));
  if (reader.problems.length > 0) throw new MatrixError(reader.problems);
  return matrix;
}

class Reader {
  readonly problems: Problem[] = [];
  readonly sources = new Map<string, Source>();
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  folder<F extends Folder>(folder: F): Map<string, z.output<(typeof FOLDERS)[F]['schema']>> {
    const { schema, extension } = FOLDERS[folder];
    const found = new Map<string, z.output<(typeof FOLDERS)[F]['schema']>>();
    for (const name of this.#names(folder, extension)) {
      const value = this.#read(join(folder, `${name}.${extension}`), `${folder}/${name}`, schema, name);
      if (value !== undefined) found.set(name, value as z.output<(typeof FOLDERS)[F]['schema']>);
    }
    return found;
  }

  single<T extends z.ZodType>(name: string, schema: T): z.output<T> | undefined {
    return this.#read(`${name}.yaml`, name, schema);
  }

  #names(folder: string, extension: string): string[] {
    const path = join(this.#dir, folder);
    if (!existsSync(path)) {
      this.#complain(folder, 'no such folder');
      return [];
    }
    const names = readdirSync(path);
    const strange = names.filter((name) => !name.endsWith(`.${extension}`) && !name.startsWith('.'));
    for (const name of strange) this.#complain(join(folder, name), `only .${extension} files belong here`);
    const stems = names
      .filter((name) => name.endsWith(`.${extension}`))
      .map((name) => basename(name, `.${extension}`));
    return stems.sort();
  }

  #read<T extends z.ZodType>(path: string, key: string, schema: T, name?: string): z.output<T> | undefined {
    const file = this.#label(path);
    try {
      const source = parseSource(readFileSync(join(this.#dir, path), 'utf8'), file);
      this.sources.set(key, source);
      const value = validate(schema, source);
      const written = (value as { name?: unknown }).name;
      if (name !== undefined && written !== name) {
        const message = `"${String(written)}" stands in a file called ${basename(path)}; name and file name must be equal`;
        this.problems.push(source.problemAt(['name'], { message }));
      }
      return value;
    } catch (error) {
      if (error instanceof MatrixError) this.problems.push(...error.problems);
      else this.#complain(path, cannotRead(error));
      return undefined;
    }
  }

  #complain(path: string, message: string): void {
    this.problems.push({ file: this.#label(path), field: '', message });
  }

  /** `matrix/devices/x.yaml` for the folder `matrix`, wherever it is. */
  #label(path: string): string {
    return relative(join(this.#dir, '..'), join(this.#dir, path)).replaceAll('\\', '/');
  }
}

/** Why the file system did not give a file: one clause, no stack. Rethrows what is not its doing. */
export function cannotRead(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EISDIR') return 'a folder, not a file';
  if (code !== undefined) return `can't be read (${code})`;
  throw error;
}

/** The entry called `name`; throws RangeError that suggests the nearest one. */
export function named<T>(map: ReadonlyMap<string, T>, name: string, kind: string): T {
  const found = map.get(name);
  if (found !== undefined) return found;
  const suggestion = suggest(name, map.keys());
  const hint =
    suggestion === undefined ? `known are ${[...map.keys()].join(', ')}` : `did you mean "${suggestion}"?`;
  throw new RangeError(`no ${kind} is called "${name}"; ${hint}`);
}
