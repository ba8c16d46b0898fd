import { expect, test } from 'vitest';
import { explainReport, ruleLines } from '../../harness/cli/explain-report.ts';
import { plainPaint } from '../../harness/cli/terminal.ts';
import { explain } from '../../harness/oracle/explain.ts';
import { expandPlan, loadMatrix } from '../../matrix/index.ts';

const matrix = loadMatrix();
const { cells } = expandPlan(matrix, matrix.plans.get('default')!);
const lines = ruleLines(undefined);
const reportOf = (axes: Readonly<Record<string, string>>) => {
  const cell = cells.find((one) => Object.entries(axes).every(([axis, value]) => one.axes[axis] === value))!;
  return explainReport(
    explain(cell, matrix.expectations),
    ({ subject, rule }) => lines.get(`${subject.split(':')[0]} ${rule}`),
    plainPaint,
  );
};

test('says what the rule expects, where it stands, and why each rule above it does not judge', () => {
  const text = reportOf({
    scenario: 'one-to-one',
    sender: 'pixel-up30',
    carrierA: 'up30-e2ee',
    canary: 'carrier-leaks-plaintext',
  });
  expect(text).toMatch(/\nmessage "hello"(, "reply")?: mls-displayed\n/);
  expect(text).toContain(
    'channel rcs, badge secure, state displayed, received yes, carrier sees ciphertext, notify nobody',
  );
  expect(text).toMatch(/stands at {2}matrix\/expectations\.yaml:\d+\n/);
  expect(text).toMatch(/mls-stored +message\.when: needs stored, is final\n/);
});

test('tells a rule that several messages pass over for one reason once', () => {
  const text = reportOf({
    scenario: 'one-to-one',
    sender: 'pixel-up30',
    carrierA: 'up30-e2ee',
    canary: 'carrier-leaks-plaintext',
  });
  expect(text.match(/mls-stored/g)).toHaveLength(1);
  expect(text).toMatch(/passed over, besides \d+ as told above/);
});

test('shows the transports of both sides where they decide', () => {
  const unshared = cells.find((cell) =>
    explain(cell, matrix.expectations).some(({ rule }) => rule === 'sender-shares-no-transport'),
  )!;
  expect(reportOf(unshared.axes)).toMatch(/transports +sender: the phone has [a-z ]+, its carrier [a-z ]+\n/);
});

test('names the line of every rule', () => {
  const { messages, devices } = matrix.expectations;
  expect(lines.size).toBe(messages.length + devices.length);
});
