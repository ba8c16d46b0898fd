import { describe, expect, it } from 'vitest';
import { Link } from '../../emulators/network/link.ts';
import { SeededRandom } from '../../emulators/network/seeded-random.ts';
import { SimulatedNetwork } from '../../emulators/network/simulated-network.ts';
import { VirtualClock } from '../../emulators/network/virtual-clock.ts';
import {
  CS_PORT,
  deliverSubmitted,
  ShortMessageRelay,
  SmsBearer,
  type SmsSubmit,
} from '../../stack/rcs/sms/index.ts';

const ALICE = '+999900100001';
const BOB = '+999900200002';

/** A phone, and a service centre that keeps what it gets. */
function cell(loss = 0) {
  const clock = new VirtualClock();
  const random = new SeededRandom(`sms ${loss}`);
  const link = (name: string) => new Link(name, { latencyMs: 50, jitterMs: 0, loss }, random.fork(name));
  const network = new SimulatedNetwork({ clock, tap: () => {}, interconnect: link('interconnect') });
  const host = (name: string) => network.addHost(name, { access: [link(name)], zone: 'A' });
  const bearer = new SmsBearer({ clock, network: host('phone') }, { smscHost: 'smsc' });
  const relay = new ShortMessageRelay({ socket: host('smsc').datagram(CS_PORT), clock, side: 'network' });
  const submitted: SmsSubmit[] = [];
  relay.onTpdu = (_, tpdu) => {
    if (tpdu.type === 'submit') submitted.push(tpdu);
  };
  const toPhone = { host: 'phone', port: CS_PORT };
  const report = (submit: SmsSubmit, status: number) =>
    relay.send(toPhone, {
      type: 'status-report',
      messageReference: submit.messageReference,
      recipient: submit.destination,
      timestamp: clock.now(),
      dischargeTime: clock.now(),
      status,
    });
  return { clock, bearer, relay, submitted, toPhone, report };
}

async function outcomeOf(clock: VirtualClock, promise: Promise<string>): Promise<string | undefined> {
  let outcome: string | undefined;
  void promise.then((value) => {
    outcome = value;
  });
  await clock.runUntil(() => outcome !== undefined, 600_000);
  return outcome;
}

describe('a text over SMS', () => {
  it('longer than 160 characters goes in parts, and comes back whole', async () => {
    const { clock, bearer, relay, submitted, toPhone } = cell();
    const text = `${'long '.repeat(60)}end`;
    expect(await outcomeOf(clock, bearer.send(BOB, text, 'm1'))).toBe('acked');
    expect(submitted).toHaveLength(2);
    const arrived: string[] = [];
    bearer.onText = (from, whole) => arrived.push(`${from} ${whole}`);
    for (const submit of submitted.toReversed())
      void relay.send(toPhone, deliverSubmitted(submit, ALICE, clock.now()));
    await clock.advance(1_000);
    expect(arrived).toEqual([`${ALICE} ${text}`]);
  });

  it('is delivered once every part is reported so, and not before', async () => {
    const { clock, bearer, submitted, report } = cell();
    const delivered: string[] = [];
    bearer.onDelivered = (to, id) => delivered.push(`${to} ${id}`);
    await outcomeOf(clock, bearer.send(BOB, 'x'.repeat(200), 'm1'));
    void report(submitted[0]!, 0x00);
    await clock.advance(1_000);
    expect(delivered).toEqual([]);
    void report(submitted[1]!, 0x00);
    await clock.advance(1_000);
    expect(delivered).toEqual([`${BOB} m1`]);
  });

  it('is not delivered by a report that the centre still tries (TS 23.040 9.2.3.15: 0x20)', async () => {
    const { clock, bearer, submitted, report } = cell();
    bearer.onDelivered = () => expect.unreachable('still trying');
    await outcomeOf(clock, bearer.send(BOB, 'short', 'm1'));
    void report(submitted[0]!, 0x20);
    await clock.advance(1_000);
  });

  it('arrives once although a third of the datagrams are lost', async () => {
    const { clock, bearer, submitted } = cell(0.2);
    for (let i = 0; i < 10; i += 1)
      expect(await outcomeOf(clock, bearer.send(BOB, `text ${i}`, `m${i}`))).toBe('acked');
    expect(submitted.map((submit) => submit.userData.alphabet !== 'data' && submit.userData.text)).toEqual(
      Array.from({ length: 10 }, (_, i) => `text ${i}`),
    );
  });

  it('waits for coverage, keeps its order, and is submitted under one TP-MR however often it is sent', async () => {
    const { clock, bearer, submitted } = cell();
    bearer.coverageLost();
    const outcomes = Promise.all([bearer.send(BOB, 'first', 'm1'), bearer.send(BOB, 'second', 'm2')]);
    await clock.advance(3_600_000);
    expect(submitted).toEqual([]);
    bearer.coverageBack();
    await clock.advance(10_000);
    expect(await outcomes).toEqual(['acked', 'acked']);
    expect(
      submitted.map(({ messageReference, rejectDuplicates }) => [messageReference, rejectDuplicates]),
    ).toEqual([
      [0, true],
      [1, true],
    ]);
  });

  it('times out without a service centre, and leaves no timer behind', async () => {
    const { clock, bearer, relay } = cell();
    relay.close();
    expect(await outcomeOf(clock, bearer.send(BOB, 'anybody?', 'm1'))).toBe('timeout');
    bearer.close();
    expect(clock.pendingTimers).toBe(0);
  });
});
