import type { Case } from '../../matrix/schema/case.ts';
import type { Expectations } from '../../matrix/schema/plan.ts';
import { type DeviceRule, type MessageRule, subjectName, subjectsOf } from './subjects.ts';

/** Which rule judges a subject of a case and why the ones above it don't. */
export interface Explanation {
  /** `message:NAME` or `device:ROLE`. */
  readonly subject: string;
  /** Undefined when no rule matches, which is an error of the matrix. */
  readonly rule?: string;
  readonly clause?: string;
  readonly then?: MessageRule['then'] | DeviceRule['then'];
  readonly passedOver: readonly { readonly rule: string; readonly because: string }[];
}

/** One explanation a subject, in order of the steps. Throws ConditionError for a table that can't be applied. */
export function explain(testCase: Case, expectations: Expectations): Explanation[] {
  return subjectsOf(testCase, expectations).map((subject) => {
    const found = subject.decision;
    if (!found) return { subject: subjectName(subject), passedOver: [] };
    const { rule, clause, then } = found.rule;
    return { subject: subjectName(subject), rule, clause, then, passedOver: found.passedOver };
  });
}
