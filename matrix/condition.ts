import { closest } from 'fastest-levenshtein';
import type { Condition, Matcher, Scalar } from './schema/condition.ts';

export type Facts = Readonly<Record<string, unknown>>;

/** A condition that can never mean what its writer meant: an unknown fact, or values of another type than the fact's. */
export class ConditionError extends Error {
  override readonly name = 'ConditionError';
  readonly key: string;
  readonly suggestion?: string;
  constructor(key: string, message: string, suggestion?: string) {
    super(message);
    this.key = key;
    if (suggestion !== undefined) this.suggestion = suggestion;
  }
}

/** Whether every entry of `condition` holds in `facts`; an empty one does. Throws ConditionError. */
export function matches(condition: Condition, facts: Facts): boolean {
  return firstMismatch(condition, facts) === undefined;
}

/** Names the first entry that fails, what it wanted and what it found; undefined when all hold. Throws ConditionError. */
export function explainMismatch(condition: Condition, facts: Facts): string | undefined {
  const key = firstMismatch(condition, facts);
  if (key === undefined) return undefined;
  return `${key} is ${show(facts[key])}, not ${describeMatcher(condition[key]!)}`;
}

/** Throws ConditionError unless every key is a fact and every wanted value has that fact's type. */
export function checkCondition(condition: Condition, facts: Facts): void {
  for (const [key, matcher] of Object.entries(condition)) checkEntry(key, matcher, facts);
}

function firstMismatch(condition: Condition, facts: Facts): string | undefined {
  for (const [key, matcher] of Object.entries(condition)) {
    checkEntry(key, matcher, facts);
    if (!holds(matcher, facts[key])) return key;
  }
  return undefined;
}

function holds(matcher: Matcher, fact: unknown): boolean {
  if (typeof matcher !== 'object') return matcher === fact;
  if (isList(matcher)) return matcher.some((wanted) => wanted === fact);
  if ('not' in matcher) return !holds(matcher.not, fact);
  const value = fact as number;
  return value >= (matcher.min ?? -Infinity) && value <= (matcher.max ?? Infinity);
}

function checkEntry(key: string, matcher: Matcher, facts: Facts): void {
  if (!Object.hasOwn(facts, key)) {
    const suggestion = closest(key, Object.keys(facts));
    throw new ConditionError(key, `no fact is called ${key}`, suggestion === '' ? undefined : suggestion);
  }
  const fact = facts[key];
  for (const wanted of wantedValues(matcher)) {
    if (typeof wanted === typeof fact) continue;
    throw new ConditionError(
      key,
      `${key} is a ${typeof fact} (here ${show(fact)}) and can't be compared with the ${typeof wanted} ${show(wanted)}`,
    );
  }
}

function wantedValues(matcher: Matcher): readonly Scalar[] {
  if (typeof matcher !== 'object') return [matcher];
  if (isList(matcher)) return matcher;
  if ('not' in matcher) return wantedValues(matcher.not);
  return [matcher.min, matcher.max].filter((end) => end !== undefined);
}

/** `a`, `a or b`, `anything but a`, `at least 3`: how a person reads a matcher. */
export function describeMatcher(matcher: Matcher): string {
  if (typeof matcher !== 'object') return show(matcher);
  if (isList(matcher)) return matcher.map(show).join(' or ');
  if ('not' in matcher) return `anything but ${describeMatcher(matcher.not)}`;
  if (matcher.min === undefined) return `at most ${matcher.max}`;
  if (matcher.max === undefined) return `at least ${matcher.min}`;
  return `between ${matcher.min} and ${matcher.max}`;
}

function isList(matcher: Matcher): matcher is readonly Scalar[] {
  return Array.isArray(matcher);
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
}
