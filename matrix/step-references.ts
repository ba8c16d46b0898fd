import type { Problem } from './error.ts';
import type { Step } from './schema/step.ts';
import { suggest } from './suggest.ts';
import type { Source } from './yaml-source.ts';

const ROLE_FIELDS = ['who', 'whom', 'from', 'to', 'device'] as const;

/** Roles that nobody plays, messages that were not sent before, sent twice, or read by someone else than their recipient. */
export function stepProblems(steps: readonly Step[], roles: readonly string[], source: Source): Problem[] {
  const problems: Problem[] = [];
  const sentTo = new Map<string, string>();
  steps.forEach((step, index) => {
    const [verb, fields] = Object.entries(step)[0] as [string, Readonly<Record<string, unknown>>];
    const say = (field: string, message: string, candidates: Iterable<string> = []) => {
      const suggestion = suggest(String(fields[field]), candidates);
      problems.push(
        source.problemAt(['steps', index, verb, field], {
          message,
          ...(suggestion === undefined ? {} : { suggestion }),
        }),
      );
    };
    for (const field of ROLE_FIELDS) {
      const role = fields[field];
      if (typeof role === 'string' && !roles.includes(role))
        say(field, `nobody plays the role "${role}"; roles are ${roles.join(', ')}`, roles);
    }
    const message = fields['message'];
    if (typeof message !== 'string') return;
    if ('send' in step) {
      if (sentTo.has(message))
        say('message', `a message called "${message}" was sent before; each needs its own name`);
      sentTo.set(message, step.send.to);
      if (step.send.from === step.send.to) say('to', `${step.send.from} can't write to itself`);
    } else if (!sentTo.has(message)) {
      say('message', `no message called "${message}" was sent before this step`, sentTo.keys());
    } else if ('read' in step && sentTo.get(message) !== step.read.who && roles.includes(step.read.who)) {
      say('who', `"${message}" goes to ${sentTo.get(message)}, who alone can read it`);
    }
  });
  return problems;
}
