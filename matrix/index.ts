export { loadCarrierFile } from './carrier-file.ts';
export { loadCaseFile, parseCase, writeCase } from './case-file.ts';
export { caseHash, caseId } from './case-id.ts';
export {
  ConditionError,
  checkCondition,
  describeMatcher,
  explainMismatch,
  type Facts,
  matches,
} from './condition.ts';
export { type Decision, decide } from './decide.ts';
export { formatProblem, MatrixError, type Problem } from './error.ts';
export type { Coverage } from './expand/coverage.ts';
export { type Expansion, expandPlan, type SkippedCell } from './expand.ts';
export * from './facts/index.ts';
export { loadMatrix, type Matrix, named } from './load.ts';
