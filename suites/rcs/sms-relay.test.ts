import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../emulators/network/virtual-clock.ts';
import type { DatagramSocket, Endpoint } from '../../stack/platform.ts';
import {
  CS_PORT,
  ShortMessageRelay,
  type SmsSubmit,
  submitText,
  type Tpdu,
  writeRp,
  writeTpdu,
} from '../../stack/rcs/sms/index.ts';

const PHONE: Endpoint = { host: 'phone', port: CS_PORT };
const CENTRE: Endpoint = { host: 'smsc', port: CS_PORT };
const [HELLO] = submitText({ to: '+99', text: 'hello', reference: 0 }) as [SmsSubmit];

/** Two sockets that hear each other 10 ms later, unless `lose` says that a datagram is lost. */
function wire(clock: VirtualClock) {
  const sent: { from: string; octets: Uint8Array }[] = [];
  const control = { lose: (_index: number, _from: string) => false };
  const sockets = new Map<string, DatagramSocket & { closed: boolean }>();
  for (const local of [PHONE, CENTRE]) {
    sockets.set(local.host, {
      local,
      closed: false,
      onMessage: undefined,
      send(to, octets) {
        const index = sent.push({ from: local.host, octets }) - 1;
        if (!control.lose(index, local.host)) {
          clock.deliverAfter(10, () => sockets.get(to.host)?.onMessage?.(local, octets));
        }
      },
      close() {
        this.closed = true;
      },
    });
  }
  return { sent, control, phone: sockets.get('phone')!, centre: sockets.get('smsc')! };
}

function world() {
  const clock = new VirtualClock();
  const net = wire(clock);
  const phone = new ShortMessageRelay({ socket: net.phone, clock, serviceCentre: '+99000' });
  const centre = new ShortMessageRelay({
    socket: net.centre,
    clock,
    side: 'network',
    serviceCentre: '+99000',
  });
  const received: Tpdu[] = [];
  centre.onTpdu = (_, tpdu) => {
    received.push(tpdu);
  };
  return { clock, ...net, phoneRelay: phone, centreRelay: centre, received };
}

describe('the short message relay (3GPP TS 24.011 6)', () => {
  it('is acknowledged once the service centre took the unit', async () => {
    const { clock, phoneRelay, received, sent } = world();
    const outcome = phoneRelay.send(CENTRE, HELLO);
    await clock.advance(100);
    expect(await outcome).toBe('acked');
    expect(received).toEqual([HELLO]);
    expect(sent.map(({ from }) => from)).toEqual(['phone', 'smsc']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('tells a refusal by cause', async () => {
    const { clock, phoneRelay, centreRelay, sent } = world();
    centreRelay.onTpdu = () => 30;
    const outcome = phoneRelay.send(CENTRE, HELLO);
    await clock.advance(100);
    expect(await outcome).toBe('error');
    expect(Array.from(sent[1]!.octets), 'RP-ERROR, reference 0, cause 30').toEqual([5, 0, 1, 30]);
  });

  it('sends again every 5 s; a lost answer is repeated but the unit handed up once', async () => {
    const { clock, phoneRelay, control, received, sent } = world();
    control.lose = (index, from) => (from === 'phone' ? index === 0 : index < 5);
    const outcome = phoneRelay.send(CENTRE, HELLO);
    await clock.advance(16_000);
    expect(await outcome).toBe('acked');
    expect(received).toHaveLength(1);
    expect(sent.map(({ from }) => from)).toEqual([
      'phone',
      'phone',
      'smsc',
      'phone',
      'smsc',
      'phone',
      'smsc',
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('gives up 5 s after the sixth retransmission', async () => {
    const { clock, phoneRelay, control, sent } = world();
    control.lose = () => true;
    let outcome: string | undefined;
    void phoneRelay.send(CENTRE, HELLO).then((o) => {
      outcome = o;
    });
    await clock.advance(34_999);
    expect(outcome).toBeUndefined();
    expect(sent).toHaveLength(7);
    await clock.advance(1);
    expect(outcome).toBe('timeout');
    expect(sent).toHaveLength(7);
    expect(clock.pendingTimers).toBe(0);
  });

  it('takes another unit under a reference that comes round again', async () => {
    const { clock, phoneRelay, received } = world();
    for (let i = 0; i < 300; i++) {
      const [submit] = submitText({ to: '+99', text: `n${i}`, reference: i & 0xff });
      void phoneRelay.send(CENTRE, submit!);
      await clock.advance(50);
    }
    expect(received).toHaveLength(300);
  });

  it('keeps 256 units under way, not one more', async () => {
    const { phoneRelay, control, clock } = world();
    control.lose = () => true;
    const outcomes = Array.from({ length: 256 }, () => phoneRelay.send(CENTRE, HELLO));
    await expect(phoneRelay.send(CENTRE, HELLO)).rejects.toThrow(/fewer than 256/);
    phoneRelay.close();
    expect(new Set(await Promise.all(outcomes))).toEqual(new Set(['timeout']));
    expect(clock.pendingTimers).toBe(0);
  });

  it('delivers to a phone with the service centre as originator', async () => {
    const { clock, phoneRelay, centreRelay, sent } = world();
    const got: [Endpoint, Tpdu][] = [];
    phoneRelay.onTpdu = (from, tpdu) => void got.push([from, tpdu]);
    const outcome = centreRelay.send(PHONE, HELLO);
    await clock.advance(100);
    expect(await outcome).toBe('acked');
    expect(got).toEqual([[CENTRE, HELLO]]);
    expect(sent[0]!.octets[0], 'RP-DATA of the network').toBe(1);
  });

  it('tells the service centre once that memory is available (RP-SMMA)', async () => {
    const { clock, phoneRelay, centreRelay, control } = world();
    const ready: Endpoint[] = [];
    centreRelay.onMemoryAvailable = (from) => void ready.push(from);
    control.lose = (index) => index === 1;
    const outcome = phoneRelay.memoryAvailable(CENTRE);
    await clock.advance(6000);
    expect(await outcome).toBe('acked');
    expect(ready).toEqual([PHONE]);
  });

  it('answers what it can not read, and nothing that is not for it', async () => {
    const { clock, phone, sent } = world();
    phone.send(CENTRE, Uint8Array.of(0, 9, 200));
    await clock.advance(50);
    expect(Array.from(sent[1]!.octets), 'RP-ERROR, reference 9, invalid mandatory information').toEqual([
      5, 9, 1, 96,
    ]);
    phone.send(CENTRE, writeRp({ type: 'data', from: 'mobile', reference: 1, userData: Uint8Array.of(3) }));
    await clock.advance(50);
    expect(Array.from(sent[3]!.octets), 'RP-ERROR, reference 1, semantically incorrect').toEqual([
      5, 1, 1, 95,
    ]);
    const before = sent.length;
    phone.send(CENTRE, new Uint8Array(0));
    phone.send(CENTRE, writeRp({ type: 'ack', from: 'mobile', reference: 77 }));
    phone.send(CENTRE, writeRp({ type: 'data', from: 'network', reference: 1, userData: writeTpdu(HELLO) }));
    await clock.advance(50);
    expect(sent).toHaveLength(before + 3);
  });

  it('is refused for a time while nobody takes units', async () => {
    const { clock, phoneRelay, centreRelay, sent } = world();
    centreRelay.onTpdu = undefined;
    const outcome = phoneRelay.send(CENTRE, HELLO);
    await clock.advance(50);
    expect(await outcome).toBe('error');
    expect(sent[1]!.octets[3], 'temporary failure').toBe(41);
  });

  it('after close() sends nothing, and closes its socket', async () => {
    const { phoneRelay, phone, sent } = world();
    phoneRelay.close();
    phoneRelay.close();
    expect(await phoneRelay.send(CENTRE, HELLO)).toBe('timeout');
    expect(sent).toEqual([]);
    expect(phone).toMatchObject({ closed: true, onMessage: undefined });
  });
});
