import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadMatrix, MatrixError, named } from '../../matrix/index.ts';
import { complaints, copyMatrix } from './support/altered-matrix.ts';

describe('the matrix of the repository', () => {
  const matrix = loadMatrix();

  test('holds at least what the first issue asks for', () => {
    expect(matrix.devices.size).toBeGreaterThanOrEqual(8);
    expect(matrix.carriers.size).toBeGreaterThanOrEqual(4);
    expect(matrix.networks.size).toBeGreaterThanOrEqual(3);
    expect(matrix.policies.size).toBeGreaterThanOrEqual(2);
    expect([...matrix.scenarios.keys()]).toEqual(
      expect.arrayContaining(['onboarding', 'one-to-one', 'comes-back']),
    );
    expect([...matrix.plans.keys()]).toEqual(
      expect.arrayContaining(['smoke', 'default', 'pull-request', 'nightly']),
    );
    expect(matrix.canaries.size).toBeGreaterThanOrEqual(2);
  });

  test.each(['3.0', '2.4', 'joyn', 'none'])('has an Android and an iOS phone of profile %s', (profile) => {
    const families = [...matrix.devices.values()]
      .filter((one) => one.universalProfile === profile)
      .map((one) => one.os.family);
    expect(families).toEqual(expect.arrayContaining(['android', 'ios']));
  });

  test('lists everything in the order of the names', () => {
    for (const map of [matrix.devices, matrix.carriers, matrix.plans]) {
      expect([...map.keys()]).toEqual([...map.keys()].sort());
    }
  });

  test('has every canary in every plan', () => {
    for (const plan of matrix.plans.values()) expect(plan.canaries, plan.name).toBe('all');
  });
});

describe('what is wrong is said in one line, with file, line, column, field and what would be right', () => {
  test.each([
    [
      'a misspelt field',
      'devices/joyn-ios.yaml',
      'transports:',
      'transpots:',
      'matrix/devices/joyn-ios.yaml:8:15 signalling.transpots: unknown field; did you mean "transports"?',
    ],
    [
      'a misspelt value',
      'policies/regulated.json',
      '"required"',
      '"requird"',
      'matrix/policies/regulated.json:3:11 e2ee: "requird" is not one of required, preferred, forbidden; did you mean "required"?',
    ],
    [
      'a missing field',
      'carriers/up24.yaml',
      'media: all\n',
      '',
      'matrix/carriers/up24.yaml:3:1 media: missing; one of all, tls-only, http-only is required',
    ],
    [
      'a number that should be text',
      'devices/galaxy-up24.yaml',
      '"2.4"',
      '2.4',
      'matrix/devices/galaxy-up24.yaml:6:19 universalProfile: 2.4 is a number here; in quotes it is text; did you mean "2.4"?',
    ],
    [
      'a duration without a unit',
      'networks/lte.yaml',
      '25ms',
      '25',
      'matrix/networks/lte.yaml:4:20 access.latency: 25 is not accepted: expected a duration such as 250ms, 5s, 2m, 1h or 7d',
    ],
    [
      'an unknown verb',
      'scenarios/one-to-one.yaml',
      '- read:',
      '- raed:',
      'matrix/scenarios/one-to-one.yaml:14:5 steps[8].raed: unknown field; did you mean "read"?',
    ],
    [
      'a misspelt field of a verb',
      'scenarios/one-to-one.yaml',
      'from: alice',
      'form: alice',
      'matrix/scenarios/one-to-one.yaml:12:29 steps[6].send.form: unknown field; did you mean "from"?',
    ],
    [
      'fields of two verbs',
      'scenarios/onboarding.yaml',
      '{ device: bob }',
      '{ device: bob, when: final }',
      'matrix/scenarios/onboarding.yaml:13:28 steps[7].expect.when: does not go together with device',
    ],
    [
      'an unknown strategy',
      'plans/nightly.yaml',
      'kind: sample',
      'kind: sampel',
      'matrix/plans/nightly.yaml:19:19 strategy.kind: "sampel" is not one of full, t-wise, sample; did you mean "sample"?',
    ],
    [
      'a role that nobody plays',
      'scenarios/comes-back.yaml',
      'go-offline: { who: bob }',
      'go-offline: { who: bo }',
      'matrix/scenarios/comes-back.yaml:12:24 steps[6].go-offline.who: nobody plays the role "bo"; roles are alice, bob; did you mean "bob"?',
    ],
    [
      'a message that was not sent',
      'scenarios/one-to-one.yaml',
      '{ message: dinner, when',
      '{ message: diner, when',
      'matrix/scenarios/one-to-one.yaml:18:24 steps[12].expect.message: no message called "diner" was sent before this step; did you mean "dinner"?',
    ],
    [
      'a device that is not there',
      'plans/smoke.yaml',
      '{ devices: all }',
      '{ devices: [pixel-up3] }',
      'matrix/plans/smoke.yaml:6:23 dimensions.sender.devices[0]: no device is called "pixel-up3"; did you mean "pixel-up30"?',
    ],
    [
      'a fact that is not there',
      'plans/smoke.yaml',
      'if: { sender.rcs:',
      'if: { sender.rsc:',
      'matrix/plans/smoke.yaml:13:11 constraints[0].if.sender.rsc: no fact is called sender.rsc; did you mean "sender.rcs"?',
    ],
    [
      'a value of the wrong type for its fact',
      'expectations.yaml',
      'sender.transportShared: false',
      'sender.transportShared: "no"',
      /^matrix\/expectations\.yaml:\d+:\d+ messages\[0\]\.when\.sender\.transportShared: sender\.transportShared is a boolean \(here \w+\) and can't be compared with the string no$/,
    ],
    [
      'a misspelt result of a rule',
      'expectations.yaml',
      'then: { channel: rcs',
      'then: { chanel: rcs',
      /^matrix\/expectations\.yaml:\d+:13 messages\[\d+\]\.then\.chanel: unknown field; did you mean "channel"\?$/,
    ],
    [
      'a canary on a carrier that is not there',
      'canaries/phone-downgrades-silently.yaml',
      'carrierB: up30-e2ee',
      'carrierB: up30-e2e',
      'matrix/canaries/phone-downgrades-silently.yaml:9:13 axes.carrierB: no carrierB is called "up30-e2e"; did you mean "up30-e2ee"?',
    ],
    [
      'a canary with a quirk of another kind of side',
      'canaries/carrier-leaks-plaintext.yaml',
      'quirk: substitute-key-packages',
      'quirk: silent-downgrade',
      /quirk: no quirk of such a side is called "silent-downgrade"; known are forge-receipts, substitute-key-packages$/,
    ],
    [
      'a name that is not the file name',
      'networks/lte.yaml',
      'name: lte',
      'name: umts',
      'matrix/networks/lte.yaml:3:7 name: "umts" stands in a file called lte.yaml; name and file name must be equal',
    ],
    [
      'MLS on a UP 2.4 phone',
      'devices/pixel-up30.yaml',
      'universalProfile: "3.0"',
      'universalProfile: "2.4"',
      'matrix/devices/pixel-up30.yaml:8:6 mls: {"engine":"parley","provider":"native","cipherSuites":[2]... is not accepted: mls needs universalProfile "3.0"',
    ],
  ])('%s', (_what, file, from, to, line) => {
    const lines = complaints(file, from, to);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toEqual(typeof line === 'string' ? line : expect.stringMatching(line));
  });
});

describe('what is no YAML or JSON', () => {
  test.each([
    [
      'truncated in a mapping',
      'name: lte\naccess: { latency: 25ms, jitter',
      'matrix/networks/lte.yaml:2:32: not valid YAML: ',
    ],
    ['truncated in a field name', 'name: lte\nacc', 'matrix/networks/lte.yaml:2:1: not valid YAML: '],
    [
      'a field twice',
      'name: lte\nname: lte\n',
      'matrix/networks/lte.yaml:2:1: not valid YAML: Map keys must be unique',
    ],
    ['a tag', 'name: !!js/function lte\n', 'matrix/networks/lte.yaml:1:7: not valid YAML: Unresolved tag'],
    ['two documents', 'name: lte\n---\nname: lte\n', 'matrix/networks/lte.yaml:2:1: not valid YAML: '],
    ['nothing', '', 'matrix/networks/lte.yaml:1:1: empty'],
    ['a scalar', 'lte', 'matrix/networks/lte.yaml:1:1: "lte" is not accepted: expected a mapping'],
  ])('%s', (_what, text, start) => {
    const [line] = complaints('networks/lte.yaml', undefined, text);
    expect(line?.slice(0, start.length)).toBe(start);
  });

  test('JSON with a comma too many', () => {
    expect(complaints('policies/default.json', 'true\n', 'true,\n')).toEqual([
      'matrix/policies/default.json:6:1: not valid JSON: Expected double-quoted property name',
    ]);
  });
});

describe('what one file can cost is bounded', () => {
  const bomb = `a: &a [${'x,'.repeat(9)}x]\nb: &b [${'*a,'.repeat(9)}*a]\nc: &c [${'*b,'.repeat(9)}*b]\nd: [${'*c,'.repeat(9)}*c]\n`;
  test.each([
    ['aliases of aliases', bomb, /Excessive alias count/],
    ['a quarter of a megabyte and more', `# ${'x'.repeat(256 * 1024)}\n`, /at most 262144 are read/],
    ['brackets in brackets', '['.repeat(50_000), /nested more than 40 levels deep/],
    ['lists in lists', '- '.repeat(50_000), /nested more than 40 levels deep/],
    [
      'mappings in mappings',
      Array.from({ length: 600 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
      /nested more than 40 levels deep/,
    ],
  ])('%s', (_what, text, message) => {
    expect(complaints('devices/pixel-up30.yaml', undefined, text)).toEqual([expect.stringMatching(message)]);
  });
});

describe('all problems of all files are told at once', () => {
  test('two files, one error', () => {
    const copy = copyMatrix();
    writeFileSync(join(copy, 'networks/lte.yaml'), 'nam: lte');
    writeFileSync(join(copy, 'devices/note.txt'), 'hello');
    rmSync(join(copy, 'expectations.yaml'));
    mkdirSync(join(copy, 'devices/empty.yaml'));
    const load = () => loadMatrix(copy);
    expect(load).toThrow(MatrixError);
    expect(load).toThrow('matrix/devices/note.txt: only .yaml files belong here');
    expect(load).toThrow('matrix/devices/empty.yaml: a folder, not a file');
    expect(load).toThrow('matrix/networks/lte.yaml:1:1 nam: unknown field; did you mean "name"?');
    expect(load).toThrow('matrix/expectations.yaml: no such file');
  });

  test('a folder without a matrix', () => {
    expect(() => loadMatrix('/nowhere/matrix')).toThrow('matrix/devices: no such folder');
  });
});

test('asking for a plan that is not there names the nearest', () => {
  expect(() => named(loadMatrix().plans, 'nightli', 'plan')).toThrow(
    'no plan is called "nightli"; did you mean "nightly"?',
  );
});
