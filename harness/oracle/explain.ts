import { describeMatcher, explainMismatch, type Facts } from '../../matrix/condition.ts';
import { deviceFacts, messageFacts } from '../../matrix/facts/index.ts';
import type { Case } from '../../matrix/schema/case.ts';
import { TRANSPORTS } from '../../matrix/schema/common.ts';
import type { Condition } from '../../matrix/schema/condition.ts';
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
  /** What each end offers, where the rule asks whether phone and carrier share a SIP transport. */
  readonly transports?: readonly Transports[];
  readonly passedOver: readonly { readonly rule: string; readonly because: string }[];
}

export interface Transports {
  /** `sender`, `recipient`, `device` or `peer`. */
  readonly end: string;
  readonly phone: readonly string[];
  readonly carrier: readonly string[];
}

/** One explanation a subject, in order of the steps. Throws ConditionError for a table that can't be applied. */
export function explain(testCase: Case, expectations: Expectations): Explanation[] {
  return subjectsOf(testCase, expectations).map((subject) => {
    const [rules, facts] =
      subject.kind === 'message'
        ? [expectations.messages, messageFacts(testCase, subject.send)]
        : [expectations.devices, deviceFacts(testCase, subject.role)];
    const found = subject.decision?.rule;
    const above = rules.slice(
      0,
      rules.findIndex(({ rule }) => rule === found?.rule),
    );
    const passedOver = (found ? above : rules).map(({ rule, when }) => ({
      rule,
      because: firstMismatch(when, facts),
    }));
    if (!found) return { subject: subjectName(subject), passedOver };
    const { rule, clause, when, then } = found;
    const transports = transportsAskedFor(when, facts);
    return {
      subject: subjectName(subject),
      rule,
      clause,
      then,
      ...(transports.length > 0 && { transports }),
      passedOver,
    };
  });
}

function firstMismatch(when: Condition, facts: Facts): string {
  const entries = Object.entries(when);
  const [key, matcher] = entries.find(([k, m]) => explainMismatch({ [k]: m }, facts) !== undefined)!;
  return `${key}: needs ${describeMatcher(matcher)}, is ${facts[key]}`;
}

function transportsAskedFor(when: Condition, facts: Facts): Transports[] {
  const offered = (sheet: string) =>
    TRANSPORTS.filter((transport) => facts[`${sheet}.signalling.transports.${transport}`] === true);
  return Object.keys(when).flatMap((key) => {
    const end = /^(\w+)\.transportShared$/.exec(key)?.[1];
    return end === undefined ? [] : [{ end, phone: offered(end), carrier: offered(`${end}.carrier`) }];
  });
}
