import { afterEach, describe, expect, test } from 'vitest';
import { carrierHosts, INTERCONNECT_PORT } from '../../emulators/carrier/config.ts';
import { SipEndpoint } from '../../stack/rcs/sip/endpoint.ts';
import { header } from '../../stack/rcs/sip/headers.ts';
import { contactTagNames } from './bare-phone.ts';
import { ALICE, type Bench, BOB, OPERATOR_B, openBench } from './bench.ts';

let bench: Bench;
afterEach(() => bench.close());

const MLS_TAGS = ['+g.gsma.rcs.mls.mls-version', '+g.gsma.rcs.mls.mls-kds'];

async function bothRegistered() {
  const alice = bench.phone(ALICE);
  const bob = bench.phone(BOB);
  for (const phone of [alice, bob]) expect((await bench.run(phone.register())).status).toBe(200);
  return { alice, bob };
}

describe('between carriers', () => {
  test.each([
    ['tls', 'tls'],
    ['tcp', 'tcp'],
    ['tcp', 'tls'],
  ] as const)(
    'messages and reports cross from %s to %s, each side dialling what the other takes',
    async (a, b) => {
      bench = openBench({
        a: { interconnect: { transport: a, middleboxes: [] } },
        b: { interconnect: { transport: b, middleboxes: [] } },
      });
      const { alice, bob } = await bothRegistered();
      expect((await bench.run(alice.text(BOB.msisdn, 'Mx-1', 'there'))).status).toBe(202);
      expect((await bench.run(bob.text(ALICE.msisdn, 'Mx-2', 'and back'))).status).toBe(202);
      await bench.clock.advance(10_000);
      expect([bob.texts, alice.texts]).toEqual([['there'], ['and back']]);
      const crossing = bench.frames.filter((f) => f.to.port === INTERCONNECT_PORT).map((f) => f.protocol);
      expect([...new Set(crossing)].sort()).toEqual([...new Set([a, b])].sort());
    },
  );

  test('tags to be stripped vanish from Contact and Accept-Contact, both ways, and nothing else does', async () => {
    bench = openBench({
      a: {
        interconnect: { transport: 'tls', middleboxes: [{ kind: 'strip-feature-tags', tags: MLS_TAGS }] },
      },
    });
    const { alice, bob } = await bothRegistered();
    const wanted = { name: 'Accept-Contact', value: '*;+g.gsma.rcs.mls.mls-kds="2";explicit' };
    const answer = await bench.run(alice.options(BOB.msisdn, [wanted, { name: 'X-Private', value: 'kept' }]));
    expect(contactTagNames(answer)).toEqual(['+g.3gpp.icsi-ref']);
    const [asked] = bob.received;
    expect(header(asked!, 'Contact')).not.toContain('mls');
    expect(header(asked!, 'Contact')).toContain('icsi-ref');
    expect(header(asked!, 'Accept-Contact')).toBe('*;explicit');
    expect(header(asked!, 'X-Private')).toBe('kept');
    const back = await bench.run(bob.options(ALICE.msisdn));
    expect(contactTagNames(back)).toEqual(['+g.3gpp.icsi-ref']);
    expect(header(alice.received[0]!, 'Contact')).not.toContain('mls');
  });

  test('while the peer is cut off, messages are accepted, kept, and delivered in order once and for all', async () => {
    bench = openBench();
    const { alice, bob } = await bothRegistered();
    bench.interconnect.cut();
    for (let i = 0; i < 5; i += 1) {
      expect((await bench.run(alice.text(BOB.msisdn, `Mx-${i}`, `n${i}`))).status).toBe(202);
    }
    await bench.clock.advance(10 * 60_000);
    expect(bob.texts).toEqual([]);
    expect(bench.stored.some(({ key }) => key === `border/${BOB.msisdn}/Mx-0`)).toBe(true);
    bench.interconnect.heal();
    expect(await bench.until(() => bob.received.length === 5, 60_000)).toBe(true);
    await bench.clock.advance(10 * 60_000);
    expect(bob.texts).toEqual(['n0', 'n1', 'n2', 'n3', 'n4']);
  });

  test("the peer's refusal is the sender's answer", async () => {
    bench = openBench({
      a: { interworking: { sms: false } },
      b: {
        interworking: { sms: false },
        services: { chat: true, storeAndForwardMs: 3_600_000, pagerMaxSize: 600 },
      },
    });
    const { alice } = await bothRegistered();
    expect((await bench.run(alice.text(BOB.msisdn, 'Mx-1', 'x'.repeat(600)))).status).toBe(413);
    expect((await bench.run(alice.text('+999002999999', 'Mx-2', 'who?'))).status).toBe(404);
  });

  test('whoever is no peer is refused, and a peer may speak for its own numbers only', async () => {
    bench = openBench();
    const { bob } = await bothRegistered();
    const knock = async (host: string, asserted: string) => {
      const { clock } = bench;
      const endpoint = new SipEndpoint({ clock, random: bench.random.fork(host), network: bench.net(host) });
      const answer = await bench.run(
        endpoint.request(
          {
            kind: 'request',
            method: 'MESSAGE',
            uri: `tel:${BOB.msisdn}`,
            headers: [
              { name: 'From', value: '<sip:x@y.example>;tag=1' },
              { name: 'To', value: `<tel:${BOB.msisdn}>` },
              { name: 'Call-ID', value: `${host}${asserted}` },
              { name: 'CSeq', value: '1 MESSAGE' },
              { name: 'P-Asserted-Identity', value: asserted },
            ],
            body: new Uint8Array(0),
          },
          { transport: 'tls', host: carrierHosts(OPERATOR_B).ibcf, port: INTERCONNECT_PORT },
        ),
      );
      endpoint.close();
      return answer.status;
    };
    expect(await knock(ALICE.host, `<tel:${ALICE.msisdn}>`)).toBe(403);
    expect(await knock('ibcf.ims.mnc001.mcc999.3gppnetwork.org', `<tel:${BOB.msisdn}>`)).toBe(403);
    expect(await knock('ibcf.ims.mnc001.mcc999.3gppnetwork.org', `<tel:${ALICE.msisdn}>`)).toBe(202);
    expect(bob.received).toHaveLength(1);
  });
});
