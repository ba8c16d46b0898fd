import { afterEach, describe, expect, test } from 'vitest';
import { RequestRates } from '../../emulators/carrier/edge/request-rates.ts';
import { VirtualClock } from '../../emulators/network/virtual-clock.ts';
import type { SipFlow } from '../../stack/rcs/sip/endpoint.ts';
import { header } from '../../stack/rcs/sip/headers.ts';
import { ALICE, AMY, type Bench, openBench, type Settings } from '../carrier/bench.ts';

let bench: Bench;
afterEach(() => bench?.close());

async function limited(limits: NonNullable<Settings['limits']>) {
  bench = openBench({ a: { limits } });
  const phones = [bench.phone(ALICE, { transport: 'tcp' }), bench.phone(AMY, { transport: 'tcp' })] as const;
  for (const phone of phones) expect((await bench.run(phone.register())).status).toBe(200);
  return phones;
}

describe('a carrier takes no more than its limits say', () => {
  test('requests of one phone beyond its rate are answered 503 with Retry-After, and taken again later', async () => {
    const [alice] = await limited({ flowRate: 4 });
    await bench.clock.advance(1_000);
    const many = Array.from({ length: 10 }, (_, i) => alice.text(AMY.msisdn, `Mx-${i}`, 'x'));
    const answers = await bench.run(Promise.all(many));
    const refused = answers.filter(({ status }) => status === 503);
    expect([answers.filter(({ status }) => status === 202).length, refused.length]).toEqual([4, 6]);
    expect(refused.every((answer) => header(answer, 'Retry-After') === '1')).toBe(true);
    await bench.clock.advance(1_000);
    expect((await bench.run(alice.text(AMY.msisdn, 'Mx-later', 'x'))).status).toBe(202);
  });

  test('messages that it would have to keep beyond its room are answered 503, and nothing kept is lost', async () => {
    const [alice, amy] = await limited({ storedMessages: 3 });
    amy.vanish();
    await bench.clock.advance(1_000);
    const statuses: number[] = [];
    for (let i = 0; i < 5; i += 1)
      statuses.push((await bench.run(alice.text(AMY.msisdn, `Mx-${i}`, `${i}`))).status);
    expect(statuses).toEqual([202, 202, 202, 503, 503]);
    amy.comeBack();
    await bench.run(amy.register());
    await bench.clock.advance(60_000);
    expect(amy.texts).toEqual(['0', '1', '2']);
    expect((await bench.run(alice.text(AMY.msisdn, 'Mx-4', 'again'))).status).toBe(202);
  });

  test('at twice what it can deliver it refuses the rest with 503, delivers what it took once, and recovers', async () => {
    const [alice, amy] = await limited({ messagesUnderWay: 5 });
    await bench.clock.advance(1_000);
    const many = Array.from({ length: 10 }, (_, i) => alice.text(AMY.msisdn, `Mx-${i}`, `${i}`));
    const answers = await bench.run(Promise.all(many));
    const taken = answers.flatMap(({ status }, i) => (status === 202 ? [`${i}`] : []));
    const refused = answers.filter(({ status }) => status === 503);
    expect([taken.length, refused.length]).toEqual([5, 5]);
    expect(refused.every((answer) => Number(header(answer, 'Retry-After')) > 0)).toBe(true);
    await bench.clock.advance(60_000);
    expect(amy.texts).toEqual(taken);
    const again = answers.findIndex(({ status }) => status === 503);
    expect((await bench.run(alice.text(AMY.msisdn, `Mx-${again}`, 'again'))).status).toBe(202);
    await bench.clock.advance(60_000);
    expect(amy.texts).toEqual([...taken, 'again']);
  });

  test("what waits for an absent phone is not under way, and stands in nobody's way", async () => {
    const [alice, amy] = await limited({ messagesUnderWay: 2 });
    amy.vanish();
    await bench.clock.advance(10_000);
    for (let i = 0; i < 4; i += 1) {
      expect((await bench.run(alice.text(AMY.msisdn, `Mx-${i}`, `${i}`))).status).toBe(202);
      await bench.clock.advance(10_000);
    }
    amy.comeBack();
    await bench.run(amy.register());
    await bench.clock.advance(60_000);
    expect(amy.texts).toEqual(['0', '1', '2', '3']);
  });

  test('a body beyond the limit is refused with 413, one within it is taken', async () => {
    const [alice] = await limited({ bodySize: 2_000 });
    expect((await bench.run(alice.text(AMY.msisdn, 'Mx-small', 'x'.repeat(1_000)))).status).toBe(202);
    expect((await bench.run(alice.text(AMY.msisdn, 'Mx-big', 'x'.repeat(3_000)))).status).toBe(413);
  });

  test('connections beyond the limit are closed at once', async () => {
    await limited({ connections: 2 });
    const third = bench.phone(ALICE, { transport: 'tcp', instance: 'urn:uuid:3' });
    expect(await bench.run(third.register())).toMatchObject({ status: 503, local: true });
  });

  test('all phones together get one rate, which one second refills', () => {
    const clock = new VirtualClock();
    const rates = new RequestRates(clock, () => ({ all: 5, flow: 4 }));
    const [one, other] = [{}, {}] as SipFlow[];
    const admitted = (flow: SipFlow, count: number) =>
      Array.from({ length: count }, () => rates.admit(flow)).filter(Boolean).length;
    expect([admitted(one!, 10), admitted(other!, 10)]).toEqual([4, 1]);
    return clock.advance(1_000).then(() => expect(admitted(other!, 10)).toBe(4));
  });
});
