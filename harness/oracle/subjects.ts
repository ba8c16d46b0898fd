import { type Decision, decide } from '../../matrix/decide.ts';
import { deviceFacts, messageFacts, peerOf, type Send, type When } from '../../matrix/facts/index.ts';
import type { Case } from '../../matrix/schema/case.ts';
import type { Expectations } from '../../matrix/schema/plan.ts';

export type MessageRule = Expectations['messages'][number];
export type DeviceRule = Expectations['devices'][number];

/** A message of the case and the rule that judges how it ends. */
export interface MessageSubject {
  readonly kind: 'message';
  readonly name: string;
  readonly send: Send;
  /** Step that sends it. */
  readonly sentAt: number;
  /** Undefined when no rule of the table matches. */
  readonly decision?: Decision<MessageRule>;
  /** The moments at which it is judged: each `expect` step that names it, and the end. */
  readonly moments: readonly MessageMoment[];
}

export interface MessageMoment {
  readonly when: When;
  /** Undefined: when the case is over. */
  readonly stepIndex?: number;
  /** The rule of this moment; it differs from the final one where the table asks `message.when`. */
  readonly decision?: Decision<MessageRule>;
}

/** A phone that an `expect: { device }` step looks at. */
export interface DeviceSubject {
  readonly kind: 'device';
  readonly role: string;
  readonly peer: string;
  readonly stepIndex: number;
  readonly decision?: Decision<DeviceRule>;
}

export type Subject = MessageSubject | DeviceSubject;

/** Who and what the decision table has to judge in a case, in order of the steps. Throws ConditionError, RangeError. */
export function subjectsOf(testCase: Case, expectations: Expectations): Subject[] {
  const subjects: Subject[] = [];
  testCase.steps.forEach((step, index) => {
    if ('send' in step) subjects.push(messageSubject(testCase, expectations, step.send, index));
    if ('expect' in step && 'device' in step.expect) {
      const role = step.expect.device;
      const decision = decide(expectations.devices, deviceFacts(testCase, role, index));
      const peer = peerOf(testCase, role);
      subjects.push({ kind: 'device', role, peer, stepIndex: index, ...(decision && { decision }) });
    }
  });
  return subjects;
}

function messageSubject(
  testCase: Case,
  expectations: Expectations,
  send: Send,
  sentAt: number,
): MessageSubject {
  const ruleAt = (when: When) => decide(expectations.messages, messageFacts(testCase, send, when));
  const decision = ruleAt('final');
  const moments = testCase.steps.flatMap((step, stepIndex): MessageMoment[] => {
    if (!('expect' in step) || !('message' in step.expect) || step.expect.message !== send.message) return [];
    const found = ruleAt(step.expect.when);
    return [{ when: step.expect.when, stepIndex, ...(found && { decision: found }) }];
  });
  if (!moments.some((moment) => moment.when === 'final'))
    moments.push({ when: 'final', ...(decision && { decision }) });
  return { kind: 'message', name: send.message, send, sentAt, moments, ...(decision && { decision }) };
}

export function subjectName(subject: Subject): string {
  return subject.kind === 'message' ? `message:${subject.name}` : `device:${subject.role}`;
}
