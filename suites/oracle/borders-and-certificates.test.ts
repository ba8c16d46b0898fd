/** Who is blamed when something between the carriers, or a certificate, keeps a requirement from being met. */
import { describe, expect, test } from 'vitest';
import { judge } from '../../harness/oracle/judge.ts';
import { runCase } from '../../harness/world/run-case.ts';
import { carrierSchema } from '../../matrix/schema/carrier.ts';
import type { Case } from '../../matrix/schema/case.ts';
import type { Middlebox } from '../../matrix/schema/middlebox.ts';
import { caseWith, matrix } from '../matrix/support/build.ts';

const { expectations } = matrix;

type Place = 'link:interconnect' | 'hub' | 'carrier:A' | 'carrier:B';

/** The case with the boxes at that place. */
function withBoxes(cell: Case, place: Place, middleboxes: Middlebox[]): Case {
  if (place === 'carrier:A' || place === 'carrier:B') {
    const label = place === 'carrier:A' ? 'A' : 'B';
    const carrier = cell.carriers[label];
    const changed = { ...carrier, interconnect: { ...carrier.interconnect, middleboxes } };
    return { ...cell, carriers: { ...cell.carriers, [label]: changed } };
  }
  const { A } = cell.carriers;
  const via = place === 'hub' ? 'hub' : 'direct';
  return {
    ...cell,
    carriers: { ...cell.carriers, A: { ...A, interconnect: { ...A.interconnect, via } } },
    network: { ...cell.network, interconnect: { ...cell.network.interconnect, middleboxes } },
  };
}

/** Sides blamed when the case runs with the boxes and is judged as if it had none. */
async function blamed(place: Place, middleboxes: Middlebox[], axes = {}): Promise<string[]> {
  const cell = caseWith(axes);
  const { trace } = await runCase(withBoxes(cell, place, middleboxes));
  const verdict = judge(withBoxes(cell, place, []), trace, expectations);
  expect(verdict.outcome).toBe('failed');
  return [...new Set(verdict.failures.map(({ blame }) => blame.side))];
}

const PLAIN = { sender: 'galaxy-up24' };
const ALL: Place[] = ['link:interconnect', 'hub', 'carrier:A', 'carrier:B'];

describe('what stands between the carriers is blamed for what it does to messages', () => {
  test.each(ALL)('another Message-ID (R37), at %s', async (place) => {
    const boxes: Middlebox[] = [{ kind: 'reframe-cpim', changes: ['message-id'] }];
    expect(await blamed(place, boxes, PLAIN)).toEqual([place]);
    expect(await blamed(place, boxes)).toEqual([place]);
  });

  test.each(ALL)('the headers of encrypted messages dropped (R40, C31), at %s', async (place) => {
    expect(await blamed(place, [{ kind: 'reframe-cpim', changes: ['imdn-only'] }])).toEqual([place]);
  });

  test.each(ALL)('MLS content refused with 415 (R41), at %s', async (place) => {
    const boxes: Middlebox[] = [{ kind: 'drop-content-types', types: ['message/mls*'], answer: 415 }];
    expect(await blamed(place, boxes)).toEqual([place]);
  });

  test.each(ALL)('MLS content lost in silence (R41), at %s', async (place) => {
    const boxes: Middlebox[] = [{ kind: 'drop-content-types', types: ['message/mls*'], answer: 'silent' }];
    expect(await blamed(place, boxes)).toEqual([place]);
  });

  test.each(['link:interconnect', 'hub'] as const)(
    'asserted identities taken away (R31), at %s',
    async (place) => {
      const boxes: Middlebox[] = [{ kind: 'rewrite-headers', headers: [{ name: 'P-Asserted-Identity' }] }];
      expect(await blamed(place, boxes)).toEqual([place]);
    },
  );

  test.each(ALL)('the tags of messaging stripped, at %s', async (place) => {
    const boxes: Middlebox[] = [{ kind: 'strip-feature-tags', tags: ['oma.cpm.*'] }];
    expect(await blamed(place, boxes, { scenario: 'onboarding' })).toContain(place);
  });
});

describe('a certificate that phones do not accept', () => {
  const expired = () => caseWith({ scenario: 'onboarding', carrierA: 'tls-only-expired' });

  test('is the carrier that shows it to blame for, where a registration is required', async () => {
    const cell = expired();
    const { trace } = await runCase(cell);
    const devices = expectations.devices.filter(({ rule }) => rule !== 'p-cscf-not-trusted');
    const { failures } = judge(cell, trace, { ...expectations, devices });
    expect(failures[0]).toMatchObject({ expected: 'registration registered', blame: { side: 'carrier:A' } });
    expect(trace[failures[0]!.blame.entry]).toMatchObject({ kind: 'frame', event: 'alert' });
  });

  test('is the phone to blame for, where the certificate holds', async () => {
    const cell = expired();
    const { trace } = await runCase(cell);
    const A = { ...cell.carriers.A, tls: carrierSchema.parse({ ...cell.carriers.A, tls: undefined }).tls };
    const { failures } = judge({ ...cell, carriers: { ...cell.carriers, A } }, trace, expectations);
    expect(failures[0]).toMatchObject({
      expected: 'registration registered',
      blame: { side: 'device:alice' },
    });
  });

  test('shows as the reason at the phone, and not one octet of SIP leaves it', async () => {
    const { trace } = await runCase(expired());
    const views = trace.flatMap((e) => (e.kind === 'state' && e.side === 'device:alice' ? [e.view] : []));
    expect(views.at(-1)).toMatchObject({
      registration: 'unregistered',
      registrationReason: expect.stringMatching(/^certificate: .* expired$/),
    });
    const sip = trace.filter((e) => e.kind === 'frame' && e.from.startsWith('alice') && e.event === 'data');
    expect(sip).toEqual([]);
  });
});
