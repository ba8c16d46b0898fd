import { describe, expect, it } from 'vitest';
import { buildCase } from '../../matrix/expand/build-case.ts';
import { acsAnswer, configuredAt } from '../../matrix/facts/configuration.ts';
import { deviceFacts, loadMatrix, named } from '../../matrix/index.ts';
import { carrierSchema } from '../../matrix/schema/carrier.ts';
import { caseSchema } from '../../matrix/schema/case.ts';

const matrix = loadMatrix();
const pixel = named(matrix.devices, 'pixel-up30', 'device');
const joyn = named(matrix.devices, 'joyn-android', 'device');
const carrier = (acs: object, changes: object = {}) =>
  carrierSchema.parse({
    ...named(matrix.carriers, 'up30-e2ee', 'carrier'),
    ...changes,
    acs: { version: 5, validity: '7d', ...acs },
  });

/** Alice's case on carrier A with this ACS and these steps after she was provisioned. */
function caseWith(acs: object, ...changes: object[]) {
  const axes = {
    ...{ scenario: 'onboarding', sender: 'pixel-up30', recipient: 'pixel-up30', network: 'lte' },
    ...{ carrierA: 'up30-e2ee', carrierB: 'up30-e2ee', policy: 'default' },
  };
  const cell = buildCase(matrix, axes, 'facts');
  const steps = [
    { provision: { who: 'alice' } },
    ...changes.map((acs) => ({ acs: { carrier: 'A', ...acs } })),
  ];
  return caseSchema.parse({ ...cell, steps, carriers: { ...cell.carriers, A: carrier(acs) } });
}
const later = { retryAfter: '5m' };

describe('whether a phone has a configuration follows from files and steps', () => {
  it.each([
    ['it was asked for', {}, [], true],
    ['the ACS refuses', { answer: 'forbidden' }, [], false],
    ['the ACS is always busy', { busy: { requests: 'all', ...later } }, [], false],
    ['the ACS is busy at first', { busy: { requests: 2, ...later } }, [], true],
    ['it was taken, and nobody told', {}, [{ answer: 'wipe' }], true],
    ['it was taken', {}, [{ answer: 'wipe', tell: true }], false],
    [
      'it was taken and given back',
      {},
      [
        { answer: 'wipe', tell: true },
        { answer: 'configure', tell: true },
      ],
      true,
    ],
    [
      'it was taken for good',
      {},
      [
        { answer: 'wipe-and-stop', tell: true },
        { answer: 'configure', tell: true },
      ],
      false,
    ],
    ['the ACS got busy', {}, [{ busy: { requests: 'all', ...later }, tell: true }], true],
    [
      'it was taken while the ACS was busy',
      {},
      [
        { answer: 'wipe', busy: { requests: 'all', ...later }, tell: true },
        { busy: 'over', tell: true },
      ],
      false,
    ],
    ['another carrier took it', {}, [{ carrier: 'B', answer: 'wipe', tell: true }], true],
  ])('%s', (_, acs, changes, configured) => {
    const cell = caseWith(acs, ...changes);
    expect(configuredAt(cell, 'alice', cell.steps.length)).toBe(configured);
    expect(deviceFacts(cell, 'alice')['device.configured']).toBe(configured);
    expect(configuredAt(cell, 'alice', 0)).toBe(false);
  });
});

describe('the first policy that fits a phone decides', () => {
  const policies = [
    { vendor: 'EMUL', model: 'pixel-up30', answer: 'dormant' },
    { profile: 'joyn_blackbird', answer: 'forbidden' },
    { vendor: 'OTHR', answer: 'disabled' },
  ];
  it('by model, by profile, and not by the vendor of others', () => {
    const strict = carrier({ devicePolicies: policies });
    expect(acsAnswer(pixel, strict)).toBe('dormant');
    expect(acsAnswer(joyn, strict)).toBe('forbidden');
    expect(acsAnswer(named(matrix.devices, 'xperia-up30', 'device'), strict)).toBe('configure');
  });

  it('and a carrier without chat has nothing to configure', () => {
    const { services } = named(matrix.carriers, 'up30-e2ee', 'carrier');
    expect(acsAnswer(pixel, carrier({}, { services: { ...services, chat: false } }))).toBe('wipe');
  });
});

it('a policy that decides nothing is a mistake', () => {
  expect(() => carrier({ devicePolicies: [{ model: 'pixel-up30' }] })).toThrow(/decides answer/);
});
