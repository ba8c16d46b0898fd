/** A whole phone whose operator changes its mind: what the client does with a new configuration. */
import { describe, expect, it } from 'vitest';
import { runCase } from '../../harness/world/run-case.ts';
import { buildCase } from '../../matrix/expand/build-case.ts';
import { loadMatrix } from '../../matrix/index.ts';
import { type Case, caseSchema } from '../../matrix/schema/case.ts';
import type { TraceEntry } from '../../reports/trace.ts';

const matrix = loadMatrix();

function cellOf(
  steps: readonly object[],
  changes: { sender?: string; network?: string; acs?: object } = {},
): Case {
  const { sender = 'pixel-up30', network = 'lte', acs = {} } = changes;
  const cell = buildCase(
    matrix,
    {
      scenario: 'onboarding',
      sender,
      recipient: 'pixel-up30',
      carrierA: 'up30-e2ee',
      carrierB: 'up30-e2ee',
      network,
      policy: 'default',
    },
    'reconfiguration',
  );
  const { A } = cell.carriers;
  return caseSchema.parse({
    ...cell,
    steps,
    carriers: { ...cell.carriers, A: { ...A, acs: { ...A.acs, ...acs } } },
  });
}

const ONBOARD = [{ provision: { who: 'alice' } }, { register: { who: 'alice' } }];
const tell = (answer: string) => ({ acs: { carrier: 'A', answer, tell: true } });

/** Alice's registration after each step. */
const registrations = (trace: readonly TraceEntry[]) =>
  trace.flatMap((entry) =>
    entry.kind === 'state' && entry.side === 'device:alice' ? [entry.view.registration] : [],
  );
const events = (trace: readonly TraceEntry[], name: string) =>
  trace.filter((entry) => entry.kind === 'event' && entry.side === 'device:alice' && entry.name === name);
const requests = (trace: readonly TraceEntry[]) =>
  trace.flatMap((entry) =>
    entry.kind === 'frame' && entry.event === 'request' && entry.bytes && 'text' in entry.bytes
      ? [entry.bytes.text.split('\r\n')[0]!]
      : [],
  );

describe.each(['pixel-up30', 'galaxy-up24', 'joyn-android'])('%s', (sender) => {
  it('leaves and comes back as the operator says, and stays away after -1', async () => {
    const steps = [...ONBOARD, tell('wipe'), tell('configure'), tell('wipe-and-stop'), tell('configure')];
    const { trace } = await runCase(cellOf(steps, { sender }));
    expect(registrations(trace).slice(1, 6)).toEqual([
      'registered',
      'disabled',
      'registered',
      'disabled',
      'disabled',
    ]);
  });

  it.each([
    ['as asked for', {}],
    ['readable', { otp: { delivery: 'text' } }],
    ['to the wrong port', { otp: { delivery: 'wrong-port' } }],
    ['since the bearer tells nothing', { headerEnrichment: false }],
    ['eight digits long', { otp: { digits: 8 } }],
  ])('proves its number by a password %s', async (_, acs) => {
    const network = 'headerEnrichment' in acs ? 'lte' : 'wifi-lossy';
    const { trace } = await runCase(cellOf(ONBOARD, { sender, network, acs }));
    expect(registrations(trace).at(-1)).toBe('registered');
    expect(requests(trace).some((line) => line.includes('OTP='))).toBe(true);
  });

  it('reads the flat shape', async () => {
    const { trace } = await runCase(cellOf(ONBOARD, { sender, acs: { documentShape: 'flat' } }));
    expect(registrations(trace).at(-1)).toBe('registered');
  });
});

describe.each(['pixel-up30', 'galaxy-up24'])('%s told to ask while the network is cut', (sender) => {
  it('keeps what it has', async () => {
    const steps = [
      ...ONBOARD,
      { 'go-offline': { who: 'alice' } },
      tell('configure'),
      { advance: { by: '1h' } },
      { 'go-online': { who: 'alice' } },
      { advance: { by: '10m' } },
    ];
    const { trace } = await runCase(cellOf(steps, { sender }));
    expect(trace.filter(({ kind }) => kind === 'error')).toEqual([]);
    expect(registrations(trace).at(-1)).toBe('registered');
  });
});

describe('a new document with the same settings', () => {
  it('costs no registration', async () => {
    const { trace } = await runCase(cellOf([...ONBOARD, tell('configure')]));
    expect(events(trace, 'provisioned')).toHaveLength(2);
    expect(events(trace, 'registered')).toHaveLength(1);
    expect(registrations(trace).at(-1)).toBe('registered');
  });
});

describe('a document that runs out', () => {
  it('is asked for again with its version, and the token of the last', async () => {
    const steps = [...ONBOARD, { advance: { by: '3h' } }];
    const { trace } = await runCase(cellOf(steps, { network: 'wifi-lossy', acs: { validity: '1h' } }));
    const asked = requests(trace).filter((line) => line.includes('vers='));
    expect(asked.slice(1, 3).every((line) => line.includes('vers=5') && /token=\*+/.test(line))).toBe(true);
    expect(requests(trace).filter((line) => line.includes('OTP='))).toHaveLength(1);
    expect(registrations(trace).at(-1)).toBe('registered');
  });
});
