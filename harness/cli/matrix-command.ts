import { existsSync } from 'node:fs';
import { expandPlan, type Matrix } from '../../matrix/index.ts';
import type { Case } from '../../matrix/schema/case.ts';
import type { Explanation } from '../oracle/explain.ts';
import { caseArgument } from '../run/case-argument.ts';
import { suggestion } from '../run/filter.ts';
import { loadRuntime } from '../run/load-runtime.ts';
import { UsageError } from '../run/usage-error.ts';
import { type Context, matrixIn, planNamed } from './context.ts';
import { explainReport, ruleLines } from './explain-report.ts';
import { json, table } from './terminal.ts';

export interface MatrixFlags {
  readonly plan?: string;
  readonly json?: boolean;
  readonly matrix?: string;
}

/** `parley matrix check`: loads every file and expands every plan; throws MatrixError with a line for each mistake. */
export function checkCommand(flags: MatrixFlags, { terminal }: Context): number {
  const matrix = matrixIn(flags.matrix);
  const cells = [...matrix.plans.values()].map((plan) => ({
    plan: plan.name,
    cells: expandPlan(matrix, plan).cells.length,
  }));
  if (flags.json === true) terminal.out(json({ ok: true, plans: cells }));
  else
    terminal.out(
      `The matrix is well.\n${table(cells.map((row) => [`  plan ${row.plan}`, `${row.cells} cells`]))}`,
    );
  return 0;
}

/** `parley matrix explain ID`: the rule that judges each message and device, what it expects, why those above it do not. */
export async function explainCommand(
  id: string,
  flags: MatrixFlags,
  { terminal, runtime }: Context,
): Promise<number> {
  const matrix = matrixIn(flags.matrix);
  const cell = findCase(matrix, id, flags.plan);
  const explanations = (await loadRuntime(runtime)).explain(cell, matrix.expectations);
  const lines = ruleLines(flags.matrix);
  const unjudged = explanations.some(({ rule }) => rule === undefined);
  const whereOf = ({ subject, rule }: Explanation) =>
    rule === undefined ? undefined : lines.get(`${subject.split(':')[0]} ${rule}`);
  if (flags.json === true) {
    const subjects = explanations.map((one) => ({ ...one, where: whereOf(one) }));
    terminal.out(json({ id: cell.id, subjects }));
    return unjudged ? 2 : 0;
  }
  terminal.out(`${cell.id}\n${explainReport(explanations, whereOf, terminal.paint)}`);
  return unjudged ? 2 : 0;
}

/** `parley matrix coverage`: which part of the feasible t-tuples the cells of a plan hold. Exit 1 when one is missing. */
export function coverageCommand(flags: MatrixFlags, { terminal }: Context): number {
  const matrix = matrixIn(flags.matrix);
  const plans = flags.plan === undefined ? [...matrix.plans.values()] : [planNamed(matrix, flags.plan)];
  const found = plans.map((plan) => {
    const { cells, skipped, removed, coverage } = expandPlan(matrix, plan);
    const canaries = cells.filter(({ canary }) => canary !== undefined).length;
    const removals = removed.map(({ because, combinations }) => ({ because, combinations }));
    const promised = plan.strategy.kind !== 'sample';
    return {
      plan: plan.name,
      promised,
      cells: cells.length - canaries,
      canaries,
      skipped: skipped.length,
      coverage,
      removed: removals,
    };
  });
  const broken = found.some(({ promised, coverage }) => promised && coverage.covered < coverage.feasible);
  if (flags.json === true) {
    terminal.out(json(found));
    return broken ? 1 : 0;
  }
  for (const { plan, cells, canaries, skipped, coverage, removed } of found) {
    const { strength, feasible, covered } = coverage;
    const share = `${covered} of ${feasible} feasible ${strength}-tuples`;
    terminal.out(
      `${terminal.paint('bold', plan)}: ${cells} cells and ${canaries} canaries, ${skipped} skipped; ${share} covered\n`,
    );
    terminal.out(
      table(removed.map(({ because, combinations }) => ['  removed', String(combinations), because])),
    );
  }
  return broken ? 1 : 0;
}

/** A case file's, or the cell of that id in the plan given, else in any plan. Throws UsageError, MatrixError. */
function findCase(matrix: Matrix, id: string, plan: string | undefined): Case {
  if (existsSync(id)) return caseArgument(id);
  const plans = plan === undefined ? [...matrix.plans.values()] : [planNamed(matrix, plan)];
  const ids: string[] = [];
  for (const candidate of plans) {
    const { cells } = expandPlan(matrix, candidate);
    const cell = cells.find((one) => one.id === id);
    if (cell !== undefined) return cell;
    ids.push(...cells.map((one) => one.id));
  }
  const where = plan === undefined ? 'any plan' : `plan ${plan}`;
  throw new UsageError(
    `no cell of ${where} has the id "${id}"${suggestion(id, ids)}; "parley list cells" names them`,
  );
}
