import { explainMismatch, type Facts } from './condition.ts';
import type { Condition } from './schema/condition.ts';

/** The rule that judges, and why each one above it does not. */
export interface Decision<R> {
  readonly rule: R;
  readonly passedOver: readonly { readonly rule: string; readonly because: string }[];
}

/** First match wins. Undefined when no rule holds, which is an error of the matrix. Throws ConditionError. */
export function decide<R extends { readonly rule: string; readonly when: Condition }>(
  rules: readonly R[],
  facts: Facts,
): Decision<R> | undefined {
  const passedOver: { rule: string; because: string }[] = [];
  for (const rule of rules) {
    const because = explainMismatch(rule.when, facts);
    if (because === undefined) return { rule, passedOver };
    passedOver.push({ rule: rule.rule, because });
  }
  return undefined;
}
