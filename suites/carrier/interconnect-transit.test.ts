/** Carriers that meet in a third place: a hub (docs/rcs-signalling.md 10.3), and boxes in the way. */
import { describe, expect, test } from 'vitest';
import { runCase } from '../../harness/world/run-case.ts';
import type { TraceEntry } from '../../reports/trace.ts';
import { caseWith } from '../matrix/support/build.ts';

type Frame = Extract<TraceEntry, { kind: 'frame' }>;

async function framesOf(
  axes: Record<string, string>,
): Promise<{ frames: Frame[]; trace: readonly TraceEntry[] }> {
  const { trace } = await runCase(caseWith(axes));
  return { trace, frames: trace.filter((entry) => entry.kind === 'frame') };
}
const textOf = ({ bytes }: Frame) => (bytes && 'text' in bytes ? bytes.text : '');

describe('a hub', () => {
  test('stands between the borders: neither sends SIP to the other', async () => {
    const { frames } = await framesOf({ carrierA: 'hub-hosted' });
    const borders = frames.filter(({ from, to }) => from.startsWith('ibcf.') && to.startsWith('ibcf.'));
    expect(borders).toEqual([]);
    const hub = frames.filter(
      ({ from, to, event }) => [from, to].includes('sbc.ims.hub.example') && event === 'data',
    );
    expect(new Set(hub.map(({ protocol }) => protocol))).toEqual(new Set(['tls']));
  });

  test('has a side of its own, and asserts everyone under its own domain', async () => {
    const { frames, trace } = await framesOf({ carrierB: 'hub-hosted' });
    expect(trace[0]).toMatchObject({
      hosts: expect.arrayContaining([{ host: 'sbc.ims.hub.example', side: 'hub' }]),
    });
    const asserted = frames
      .filter(({ from }) => from === 'sbc.ims.hub.example')
      .flatMap((frame) => /^P-Asserted-Identity: (.*)\r$/m.exec(textOf(frame))?.[1] ?? []);
    expect(asserted.length).toBeGreaterThan(0);
    expect(asserted.every((value) => /^<sip:\+\d+@ims\.hub\.example>, <tel:\+\d+>$/.test(value))).toBe(true);
  });
});

describe('a transit proxy with boxes in it', () => {
  test('is there where the network has boxes and no carrier a hub, and belongs to the link', async () => {
    const { trace } = await framesOf({ network: 'ipx-rewrites', scenario: 'onboarding' });
    expect(trace[0]).toMatchObject({
      hosts: expect.arrayContaining([{ host: 'proxy.ipx.example', side: 'link:interconnect' }]),
    });
  });

  test('loses silently what it answers 202, and the sender is told nothing else (R41)', async () => {
    const { frames } = await framesOf({ network: 'ipx-loses-mls' });
    const sealed = frames.filter(
      (frame) => /^MESSAGE /.test(textOf(frame)) && textOf(frame).includes('message/mls'),
    );
    expect(sealed.length).toBeGreaterThan(0);
    expect(sealed.some(({ from }) => from === 'proxy.ipx.example')).toBe(false);
    const answers = frames.filter(
      (frame) => frame.from === 'proxy.ipx.example' && /^SIP\/2\.0 202 /.test(textOf(frame)),
    );
    expect(answers.length).toBeGreaterThan(0);
  });
});

describe('a pinned P-CSCF (docs/rcs-signalling.md 2.5)', () => {
  test('the digest of its key is in the document, and phones register with whoever has that key', async () => {
    const { frames, trace } = await framesOf({ carrierA: 'tls-only-pinned', scenario: 'onboarding' });
    const pins = frames.filter((frame) =>
      /name="parley-pcscf-pin" value="[A-Za-z0-9+/]{43}="/.test(textOf(frame)),
    );
    expect(pins.length).toBeGreaterThan(0);
    expect(trace.findLast((e) => e.kind === 'state' && e.side === 'device:alice')).toMatchObject({
      view: { registration: 'registered' },
    });
  });

  test('and with nobody else, whose certificate is as good as it may be', async () => {
    const { trace } = await framesOf({ carrierA: 'tls-only-rotated', scenario: 'onboarding' });
    expect(trace.findLast((e) => e.kind === 'state' && e.side === 'device:alice')).toMatchObject({
      view: {
        registration: 'unregistered',
        registrationReason: expect.stringMatching(/not the pinned one$/),
      },
    });
  });
});
