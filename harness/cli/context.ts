import { loadMatrix, type Matrix } from '../../matrix/index.ts';
import type { Plan } from '../../matrix/schema/plan.ts';
import { suggestion } from '../run/filter.ts';
import { UsageError } from '../run/usage-error.ts';
import type { Terminal } from './terminal.ts';

/** What every command is given. A command returns the exit code. */
export interface Context {
  readonly terminal: Terminal;
  /** URL of the module that runs and judges cells. */
  readonly runtime: string;
}

/** Throws MatrixError. */
export function matrixIn(folder: string | undefined): Matrix {
  return folder === undefined ? loadMatrix() : loadMatrix(folder);
}

/** Throws UsageError that suggests the nearest plan. */
export function planNamed(matrix: Matrix, name: string): Plan {
  const plan = matrix.plans.get(name);
  if (plan !== undefined) return plan;
  if (matrix.drills.has(name))
    throw new UsageError(`${name} is a drill: only \`parley run\` takes it, it has no cells`);
  const names = [...matrix.plans.keys(), ...matrix.drills.keys()];
  throw new UsageError(
    `no plan is called "${name}"${suggestion(name, names)}; the plans are ${names.join(', ')}`,
  );
}
