import type { Case } from '../../matrix/schema/case.ts';
import type { Expectations } from '../../matrix/schema/plan.ts';
import type { Failure, Verdict } from '../../reports/result.ts';
import type { TraceEntry } from '../../reports/trace.ts';
import { buildContext } from './context.ts';
import { judgeDevice } from './expectations/device-rule.ts';
import { judgeMessage } from './expectations/message-rule.ts';
import { INVARIANTS } from './invariants/index.ts';
import { type Subject, subjectName, subjectsOf } from './subjects.ts';

/**
 * Judges the trace of one case by the decision table and by every invariant. Pure: an old trace can be judged again by
 * a newer oracle. Never throws: what can't be judged is `infra-error` with its reason.
 */
export function judge(testCase: Case, trace: readonly TraceEntry[], expectations: Expectations): Verdict {
  const broken = brokenTrace(trace);
  if (broken !== undefined) return infraError(broken);
  let subjects: Subject[];
  try {
    subjects = subjectsOf(testCase, expectations);
  } catch (error) {
    return infraError(
      `the decision table can't be applied: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const rules: Record<string, string> = {};
  for (const subject of subjects) {
    if (!subject.decision)
      return infraError(`no rule of the decision table matches ${subjectName(subject)}`, rules);
    rules[subjectName(subject)] = subject.decision.rule.rule;
  }

  const world = trace.find((entry) => entry.kind === 'world')!;
  const end = trace.findLast((entry) => entry.kind === 'end')!;
  const context = buildContext(testCase, trace, world, end, subjects);
  const invariants = INVARIANTS.map((invariant) => invariant.check(context));
  const expected = [
    ...context.messages.flatMap((story) =>
      story.subject.moments.map((moment) => judgeMessage(context, story, moment)),
    ),
    ...subjects.flatMap((subject) => (subject.kind === 'device' ? [judgeDevice(context, subject)] : [])),
  ];
  // A stable sort: at the same entry an invariant goes before an expectation, because it explains more.
  const failures: Failure[] = [...invariants, ...expected]
    .flatMap((finding) => finding.failures)
    .sort((a, b) => a.blame.entry - b.blame.entry);
  const established = expected.reduce((sum, finding) => sum + finding.evidence, 0);
  const evidence = invariants.reduce((sum, finding) => sum + finding.evidence, established);

  if (failures.length > 0) {
    const first = failures[0]!;
    const reason = `${first.rule}: expected ${first.expected}, but ${first.actual} (${first.blame.side})`;
    return { outcome: 'failed', rules, reason, failures, evidence };
  }
  const unsupported = unsupportedReason(subjects);
  if (unsupported !== undefined)
    return { outcome: 'unsupported', rules, reason: unsupported, failures, evidence };
  if (established === 0)
    return { ...infraError('nothing was established: no expectation was put to the test', rules), evidence };
  return { outcome: 'passed', rules, failures, evidence };
}

function brokenTrace(trace: readonly TraceEntry[]): string | undefined {
  const error = trace.find((entry) => entry.kind === 'error');
  if (error) return `step ${error.stepIndex}: ${error.message}`;
  if (!trace.some((entry) => entry.kind === 'world')) return 'the trace has no world entry';
  if (!trace.some((entry) => entry.kind === 'end')) return 'the trace has no end entry: the run broke off';
  return undefined;
}

function unsupportedReason(subjects: readonly Subject[]): string | undefined {
  for (const { decision } of subjects) {
    if (decision && 'unsupported' in decision.rule.then) return decision.rule.then.unsupported;
  }
  return undefined;
}

function infraError(reason: string, rules: Readonly<Record<string, string>> = {}): Verdict {
  return { outcome: 'infra-error', rules, reason, failures: [], evidence: 0 };
}
