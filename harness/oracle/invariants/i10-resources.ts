import type { OracleContext } from '../context.ts';
import type { Finding, Invariant } from '../finding.ts';

/** A world that closed leaves no timer, stream, socket, listener or request behind. */
export const resources: Invariant = {
  id: 'I10-resources',
  title: 'a closed world leaves nothing alive',
  clause: 'matrix-and-oracle: invariant 10',
  check,
};

function check({ end, testCase }: OracleContext): Finding {
  const leaked = Object.entries(end.leaks).filter(([, count]) => count !== 0);
  if (leaked.length === 0) return { failures: [], evidence: 1 };
  const actual = leaked.map(([what, count]) => `${count} ${what}`).join(', ');
  const failure = {
    rule: resources.id,
    clause: resources.clause,
    stepIndex: testCase.steps.length - 1,
    expected: 'nothing is alive after the world closed',
    actual: `alive: ${actual}`,
    blame: { side: 'world', entry: end.n, evidence: `after the world closed there were still ${actual}` },
  };
  return { failures: [failure], evidence: 0 };
}
