import { beforeAll, describe, expect, test } from 'vitest';
import { dissectWire } from '../../harness/oracle/dissect/wire.ts';
import { judge } from '../../harness/oracle/judge.ts';
import { runCase } from '../../harness/world/run-case.ts';
import { expandPlan, loadMatrix } from '../../matrix/index.ts';
import type { Case } from '../../matrix/schema/case.ts';
import type { FrameEntry, TraceEntry } from '../../reports/trace.ts';

/** The oracle must not be blind on the traces it is for: what is taken out of a real one, or put into it, shows. */
describe('on the trace of a real encrypted cell', () => {
  const matrix = loadMatrix();
  let cell: Case;
  let trace: readonly TraceEntry[];

  beforeAll(async () => {
    const { cells } = expandPlan(matrix, matrix.plans.get('smoke')!);
    cell = cells.find(
      ({ canary, scenario, roles, carriers, policy }) =>
        !canary &&
        scenario.name === 'one-to-one' &&
        policy.e2ee !== 'forbidden' &&
        carriers.A.e2ee.enabled &&
        carriers.B.e2ee.enabled &&
        Object.values(roles).every(({ device }) => device.mls),
    )!;
    trace = (await runCase(cell)).trace;
  }, 60_000);

  const verdictOf = (entries: readonly TraceEntry[]) => judge(cell, entries, matrix.expectations);
  const frames = () =>
    trace.filter((entry): entry is FrameEntry => entry.kind === 'frame' && entry.bytes !== undefined);
  const withFrame = (frame: FrameEntry, change: Partial<FrameEntry>) =>
    trace.map((entry) => (entry === frame ? { ...frame, ...change } : entry));

  test('it passes, on evidence', () => {
    expect(verdictOf(trace)).toMatchObject({ outcome: 'passed', failures: [] });
    expect(verdictOf(trace).evidence).toBeGreaterThan(20);
  });

  test('each final response that is taken out is missed', () => {
    const finals = dissectWire(frames()).sip.filter(
      ({ facts }) => facts.kind === 'response' && facts.status! >= 200,
    );
    expect(finals.length).toBeGreaterThan(10);
    for (const { entry, facts } of finals) {
      // A 2xx to INVITE is repeated until its ACK comes (RFC 3261 section 13.3.1.4).
      const copies = finals.filter(
        (one) => one.facts.branches[0] === facts.branches[0] && one.entry.from === entry.from,
      );
      const spoilt = trace.map((one) => {
        if (!copies.some((copy) => copy.entry === one)) return one;
        const { bytes: _, ...silent } = one as FrameEntry;
        return silent;
      });
      expect(verdictOf(spoilt).failures, `without entry ${entry.n}`).toContainEqual(
        expect.objectContaining({ rule: 'I7-signalling' }),
      );
    }
  });

  test('a marker put into any frame is found there', () => {
    const world = trace[0]!;
    const marker = world.kind === 'world' ? Object.values(world.markers)[0]! : '';
    expect(frames().length).toBeGreaterThan(30);
    for (const frame of frames()) {
      const bytes =
        'text' in frame.bytes! ? Buffer.from(frame.bytes!.text) : Buffer.from(frame.bytes!.base64, 'base64');
      const spoilt = Buffer.concat([
        bytes.subarray(0, bytes.length >> 1),
        Buffer.from(marker),
        bytes.subarray(bytes.length >> 1),
      ]);
      const { failures } = verdictOf(withFrame(frame, { bytes: { base64: spoilt.toString('base64') } }));
      expect(failures, `in entry ${frame.n}`).toContainEqual(
        expect.objectContaining({
          rule: 'I1-confidentiality',
          blame: expect.objectContaining({ entry: frame.n }),
        }),
      );
    }
  });
});
