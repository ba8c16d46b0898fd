import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { SeededRandom } from '../../../emulators/network/seeded-random.ts';
import { MatrixError } from '../../../matrix/index.ts';
import { cannotRead } from '../../../matrix/load.ts';
import { validate } from '../../../matrix/validate.ts';
import { parseSource, type Source } from '../../../matrix/yaml-source.ts';
import { shownPath } from '../../run/shown-path.ts';
import { Membership, ScriptMistake } from './membership.ts';
import { drawStep } from './random-steps.ts';
import { type Step, scriptFileSchema, type WrittenScript } from './schema.ts';
import type { PlacedStep, Script } from './script.ts';

const ownFolder = join(import.meta.dirname, '../scripts');

/** The paths of Parley's own scripts, in order. */
export function ownScriptFiles(): string[] {
  return globSync(join(ownFolder, '*.yaml')).sort();
}

/** Throws MatrixError with file, line and field of everything that is wrong. */
export function loadScripts(path: string): Script[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new MatrixError([{ file: path, field: '', message: cannotRead(error) }]);
  }
  return parseScripts(text, shownPath(path));
}

/** The scripts that `text` (YAML) describes; `file` names it in errors and ids. Throws MatrixError. */
export function parseScripts(text: string, file: string): Script[] {
  const source = parseSource(text, file);
  const { scripts } = validate(scriptFileSchema, source);
  const names = scripts.map(({ name }) => name);
  const twice = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (twice >= 0) {
    const message = `"${names[twice]}" is the name of an earlier script`;
    throw new MatrixError([source.problemAt(['scripts', twice, 'name'], { message })]);
  }
  return scripts.map((script, index) => placed(script, index, source));
}

function placed(script: WrittenScript, index: number, source: Source): Script {
  const membership = new Membership();
  const steps: PlacedStep[] = [];
  for (const [at, written] of script.steps.entries()) {
    const verb = Object.keys(written)[0]!;
    const path = ['scripts', index, 'steps', at, verb];
    const { line = 1, field } = source.problemAt(path, { message: '', key: true });
    const place = (step: Step) => {
      follow(membership, step, path, source);
      steps.push({ step, number: steps.length + 1, line, field });
    };
    if (!('random' in written)) place(written);
    else {
      const random = new SeededRandom(written.random.seed);
      for (let drawn = 0; drawn < written.random.steps; drawn++) {
        place(drawStep(random, membership, written.random, steps.length));
      }
    }
  }
  const { name, title, handshake, tree, assignments } = script;
  const id = `${basename(source.file).replace(/\.ya?ml$/, '')}/${name}`;
  const actors = [...membership.actors];
  return { id, title, file: source.file, handshake, tree, assignments, actors, steps };
}

function follow(membership: Membership, step: Step, path: readonly PropertyKey[], source: Source): void {
  try {
    membership.follow(step);
  } catch (error) {
    if (!(error instanceof ScriptMistake)) throw error;
    throw new MatrixError([source.problemAt([...path, ...error.path], { message: error.message })]);
  }
}
