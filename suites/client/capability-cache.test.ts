import { describe, expect, test } from 'vitest';
import { CapabilityCache } from '../../stack/client/capability-cache.ts';
import { NO_CAPABILITIES } from '../../stack/rcs/capabilities/index.ts';
import { VirtualClock } from '../sip/support/virtual-clock.ts';

const BOB = '+999002000001';
const CHAT = { ...NO_CAPABILITIES, chat: true };

function cache() {
  const clock = new VirtualClock();
  return { clock, peers: new CapabilityCache(clock, () => ({ rcsSeconds: 100, nonRcsSeconds: 1_000 })) };
}

describe('what is kept of a peer (RCS signalling 3.1, 3.3)', () => {
  test('an RCS user counts for capInfoExpiry, anybody else for nonRCScapInfoExpiry', async () => {
    const { clock, peers } = cache();
    peers.learnFromStatus(BOB, 200, CHAT);
    await clock.advance(99_999);
    expect(peers.fresh(BOB)).toMatchObject({ rcs: 'yes', online: true });
    await clock.advance(1);
    expect(peers.fresh(BOB)).toBeUndefined();
    peers.learnFromStatus(BOB, 404);
    await clock.advance(999_999);
    expect(peers.fresh(BOB)).toMatchObject({ rcs: 'no' });
  });

  test.each([480, 408])(
    '%i: a known RCS user is away, with what it could do; of a stranger nothing is known',
    (status) => {
      const { peers } = cache();
      expect(peers.learnFromStatus(BOB, status)).toEqual({ rcs: 'unknown', online: false });
      expect(peers.fresh(BOB)).toBeUndefined();
      peers.learnFromStatus(BOB, 200, CHAT);
      expect(peers.learnFromStatus(BOB, status)).toMatchObject({
        rcs: 'yes',
        online: false,
        capabilities: CHAT,
      });
    },
  );

  test('603, 406 and 503 change nothing', () => {
    const { peers } = cache();
    peers.learnFromStatus(BOB, 200, CHAT);
    for (const status of [603, 406, 503])
      expect(peers.learnFromStatus(BOB, status)).toMatchObject({ rcs: 'yes', online: true });
  });

  test('a cut-off set of a stranger is better than none, and never replaces a known one (hazard R16)', () => {
    const { peers } = cache();
    const cut = { ...CHAT, truncated: true };
    expect(peers.learnFromStatus(BOB, 200, cut)).toMatchObject({ rcs: 'yes', capabilities: cut });
    peers.learnFromStatus(BOB, 200, { ...CHAT, fileTransferHttp: true });
    expect(peers.learnFromStatus(BOB, 200, cut).capabilities?.fileTransferHttp).toBe(true);
  });

  test('after a 5xx the servers rest: as long as they ask, or 5 s doubling to 5 min; any other answer ends it', async () => {
    const { clock, peers } = cache();
    const pauses: number[] = [];
    for (let attempt = 0; attempt < 8; attempt += 1) {
      peers.learnFromStatus(BOB, 503);
      const began = clock.now();
      while (peers.isResting(BOB)) await clock.advance(1_000);
      pauses.push((clock.now() - began) / 1_000);
    }
    expect(pauses).toEqual([5, 10, 20, 40, 80, 160, 300, 300]);
    peers.learnFromStatus(BOB, 503, undefined, { retryAfterSeconds: 7 });
    await clock.advance(6_999);
    expect(peers.isResting(BOB)).toBe(true);
    peers.learnFromStatus(BOB, 480);
    expect(peers.isResting(BOB)).toBe(false);
  });
});
