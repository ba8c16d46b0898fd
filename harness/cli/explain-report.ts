import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Expectations } from '../../matrix/schema/plan.ts';
import { parseSource } from '../../matrix/yaml-source.ts';
import type { Explanation } from '../oracle/explain.ts';
import { expectationText } from '../run/expectation-text.ts';
import { shownPath } from '../run/shown-path.ts';
import { type Paint, table } from './terminal.ts';

const EXPECTATIONS = new URL('../../matrix/expectations.yaml', import.meta.url);

/** Subjects that the same rule judges for the same reasons are told once, and so is each rule passed over. */
export function explainReport(
  explanations: readonly Explanation[],
  whereOf: (explanation: Explanation) => string | undefined,
  paint: Paint,
): string {
  const alike = Map.groupBy(explanations, ({ subject, ...rest }) =>
    JSON.stringify([subject.split(':')[0], rest]),
  );
  const told = new Set<string>();
  return [...alike.values()]
    .map((group) => {
      const [kind] = group[0]!.subject.split(':');
      const fresh = group[0]!.passedOver.filter(({ rule, because }) => {
        const key = `${kind} ${rule} ${because}`;
        return told.size < told.add(key).size;
      });
      return judgedText(group, whereOf(group[0]!), paint) + passedOverText(group[0]!, fresh);
    })
    .join('');
}

function judgedText(group: readonly Explanation[], where: string | undefined, paint: Paint): string {
  const { subject, rule, clause, then, transports = [] } = group[0]!;
  const names = group.map((one) => `"${one.subject.split(':')[1]}"`).join(', ');
  const judged =
    rule === undefined ? paint('red', 'no rule matches: an error of the matrix') : paint('green', rule);
  const facts = [
    ['expects', then === undefined ? undefined : expectationText(then)],
    ['clause', clause],
    ['stands at', where],
    ...transports.map(({ end, phone, carrier }) => [
      'transports',
      `${end}: the phone has ${phone.join(' ') || 'none'}, its carrier ${carrier.join(' ')}`,
    ]),
  ].filter((row): row is [string, string] => row[1] !== undefined);
  return `\n${paint('bold', `${subject.split(':')[0]} ${names}`)}: ${judged}\n${table(facts.map((row) => ['', ...row]))}`;
}

function passedOverText({ passedOver }: Explanation, fresh: Explanation['passedOver']): string {
  if (passedOver.length === 0) return '';
  const above = passedOver.length - fresh.length;
  const title = above === 0 ? 'passed over' : `passed over, besides ${above} as told above`;
  return `  ${title}\n${table(fresh.map((miss) => ['   ', miss.rule, miss.because]))}`;
}

/** Where each rule stands, `FILE:LINE` by `message RULE` or `device RULE`; `folder` is the matrix, ours unless given. */
export function ruleLines(folder: string | undefined): Map<string, string> {
  const path = folder === undefined ? fileURLToPath(EXPECTATIONS) : join(folder, 'expectations.yaml');
  const source = parseSource(readFileSync(path, 'utf8'), shownPath(path));
  const { messages, devices } = source.data as Expectations;
  const linesOf = (kind: string, list: string, rules: readonly { readonly rule: string }[]) =>
    rules.map(({ rule }, index): [string, string] => {
      const { file, line } = source.problemAt([list, index, 'rule'], { message: '', key: true });
      return [`${kind} ${rule}`, `${file}:${line}`];
    });
  return new Map([...linesOf('message', 'messages', messages), ...linesOf('device', 'devices', devices)]);
}
