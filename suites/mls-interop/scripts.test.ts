import { describe, expect, test } from 'vitest';
import { parseScripts } from '../../harness/mls-interop/script/load.ts';
import { verbOf } from '../../harness/mls-interop/script/script.ts';
import { MatrixError } from '../../matrix/index.ts';
import { ownScripts } from './support/clients.ts';

const script = (steps: string, more = '') =>
  `title: t\nscripts:\n  - name: one\n    title: t\n${more}    steps:\n${steps
    .trim()
    .split('\n')
    .map((line) => `      ${line.trim()}\n`)
    .join('')}`;

function mistakes(text: string): string {
  try {
    parseScripts(text, 'x.yaml');
  } catch (error) {
    if (error instanceof MatrixError) return error.message;
    throw error;
  }
  return 'none';
}

test('our own scripts reach every verb of the language', () => {
  const verbs = new Set(ownScripts().flatMap(({ steps }) => steps.map(({ step }) => verbOf(step))));
  expect([...verbs].sort()).toEqual(
    [
      'branch',
      'commit',
      'create-group',
      'deliver',
      'everyone-speaks',
      'external-join',
      'external-signer',
      'key-package',
      'propose',
      'propose-from-outside',
      'propose-self',
      'psk',
      'reinit',
      'send',
    ].sort(),
  );
});

describe('a mistake is told with file, line and field', () => {
  test.each([
    [
      '- create-grup: { who: alice }',
      /^x\.yaml:6:\d+ scripts\[0\]\.steps\[0\]\.create-grup: unknown field; did you mean "create-group"\?/,
    ],
    [
      '- create-group: { who: alice }\n- commit: { from: alice, values: [{ ad: bob }] }',
      /^x\.yaml:7:\d+ scripts\[0\]\.steps\[1\]\.commit\.values\[0\]\.ad: unknown field/,
    ],
    [
      '- commit: { from: alice }',
      /^x\.yaml:6:\d+ scripts\[0\]\.steps\[0\]\.commit.*: there is no group "main" yet/,
    ],
    [
      '- create-group: { who: alice }\n- commit: { from: bob }',
      /^x\.yaml:7:\d+ scripts\[0\]\.steps\[1\]\.commit\.from: bob is no member of main here/,
    ],
    [
      '- create-group: { who: alice }\n- commit: { from: alice, values: [{ add: bob }, { add: bob }] }',
      /values\[1\]\.add: bob is a member already, or about to be/,
    ],
    [
      '- create-group: { who: alice }\n- commit: { from: alice, values: [{ psk: x }] }',
      /values\[0\]\.psk: no psk step names "x"/,
    ],
    [
      '- create-group: { who: alice }\n- propose: { from: alice, what: { add: bob } }\n- send: { from: alice, text: x }',
      /proposals are outstanding/,
    ],
    [
      '- create-group: { who: alice }\n- propose: { from: alice, what: { update: own-leaf } }\n- commit: { from: alice }',
      /alice cannot commit its own Update/,
    ],
    ['- create-group: { who: alice }\n- deliver: { message: m, to: [alice] }', /no message is held as "m"/],
    [
      '- create-group: { who: alice }\n- commit: { from: alice, values: [{ resumption: 1 }] }',
      /values\[0\]\.resumption: the group is in epoch 0/,
    ],
  ])('%s', (steps, message) => {
    expect(mistakes(script(steps))).toMatch(message);
  });

  test('two scripts of one name', () => {
    const one = '  - { name: a, title: t, steps: [{ create-group: { who: alice } }] }\n';
    expect(mistakes(`title: t\nscripts:\n${one}${one}`)).toBe(
      'x.yaml:4:13 scripts[1].name: "a" is the name of an earlier script',
    );
  });
});

describe('random steps', () => {
  const random = (seed: string) =>
    parseScripts(script(`- random: { actors: [a, b, c, d, e], steps: 300, seed: ${seed} }`), 'x.yaml')[0]!;

  test('are the same for one seed, and others for another', () => {
    expect(random('x')).toEqual(random('x'));
    expect(random('x').steps).not.toEqual(random('y').steps);
  });

  test.each(['p', 'q', 'r', 's', 't'])('can always be carried out: seed %s', (seed) => {
    const { steps } = random(seed);
    expect(steps).toHaveLength(300);
    expect(new Set(steps.map(({ step }) => verbOf(step))).size).toBeGreaterThanOrEqual(6);
  });
});
