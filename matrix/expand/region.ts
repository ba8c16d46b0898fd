import { matches } from '../condition.ts';
import { combinationFacts } from '../facts/case-facts.ts';
import type { Matrix } from '../load.ts';
import type { Condition } from '../schema/condition.ts';
import { type Axes, type Axis, resolve } from './dimensions.ts';

/** Whether a combination lies in the region that a condition describes. Throws ConditionError. */
export type Region = (axes: Axes) => boolean;

/** Answers are kept by the values of the axes that the condition can depend on: a product asks thousands of times. */
export function region(matrix: Matrix, condition: Condition): Region {
  const axes = [...new Set(Object.keys(condition).flatMap(axesOf))];
  const known = new Map<string, boolean>();
  return (combination) => {
    const key = axes.map((axis) => combination[axis]).join(',');
    let answer = known.get(key);
    if (answer === undefined) {
      answer = matches(condition, combinationFacts(resolve(matrix, combination)));
      known.set(key, answer);
    }
    return answer;
  };
}

/** Axes that a fact can depend on; what a phone can do depends on its carrier and the policy too. */
function axesOf(fact: string): readonly Axis[] {
  const prefix = fact.split('.')[0]!;
  switch (prefix) {
    case 'sender':
      return ['sender', 'senderEngine', 'cipherSuite', 'carrierA', 'policy'];
    case 'recipient':
      return ['recipient', 'recipientEngine', 'cipherSuite', 'carrierB', 'policy'];
    case 'both':
    case 'carriers':
      return [...axesOf('sender'), ...axesOf('recipient')];
    default:
      return [prefix as Axis];
  }
}
