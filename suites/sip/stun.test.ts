import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isStun, parseStun, writeStun } from '../../stack/rcs/sip/stun.ts';
import { BOB_UDP, request, twoHosts } from './support/two-hosts.ts';

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'));

/** RFC 5769 section 2.2 and 2.3, header and XOR-MAPPED-ADDRESS. */
const TRANSACTION = hex('b7e7a701bc34d686fa87dfae');

describe('STUN (RFC 8489)', () => {
  it('hides an IPv4 address as RFC 5769 section 2.2 shows', () => {
    const mapped = { host: '192.0.2.1', port: 32853 };
    const bytes = writeStun({ type: 'success', transaction: TRANSACTION, mapped });
    expect(Buffer.from(bytes).toString('hex')).toBe(
      '0101000c2112a442b7e7a701bc34d686fa87dfae002000080001a147e112a643',
    );
    expect(parseStun(bytes)).toEqual({ type: 'success', transaction: TRANSACTION, mapped });
  });

  it('hides an IPv6 address as RFC 5769 section 2.3 shows', () => {
    const mapped = { host: '2001:db8:1234:5678:11:2233:4455:6677', port: 32853 };
    const bytes = writeStun({ type: 'success', transaction: TRANSACTION, mapped });
    expect(Buffer.from(bytes.subarray(20)).toString('hex')).toBe(
      '002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9',
    );
    expect(parseStun(bytes)?.mapped).toEqual(mapped);
  });

  it.each([
    ['::1', '0:0:0:0:0:0:0:1'],
    ['2001:db8::', '2001:db8:0:0:0:0:0:0'],
  ])('knows %s written short', (host, long) => {
    const bytes = writeStun({ type: 'success', transaction: TRANSACTION, mapped: { host, port: 1 } });
    expect(parseStun(bytes)?.mapped?.host).toBe(long);
  });

  it.each(['pixel.ue.example', '300.1.1.1', '1::2::3', ':::', '1:2'])('tells no address for %s', (host) => {
    const bytes = writeStun({ type: 'success', transaction: TRANSACTION, mapped: { host, port: 1 } });
    expect(parseStun(bytes)?.mapped).toBeUndefined();
  });

  it('is not taken for SIP, nor SIP for it', () => {
    expect(isStun(writeStun({ type: 'request', transaction: TRANSACTION }))).toBe(true);
    expect(isStun(new TextEncoder().encode('OPTIONS sip:bob@bob.example SIP/2.0\r\n\r\n'))).toBe(false);
  });

  it('whatever comes after the header is read or refused', () => {
    const head = writeStun({ type: 'success', transaction: TRANSACTION });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (rest) => {
        const bytes = Uint8Array.from([...head, ...rest]);
        new DataView(bytes.buffer).setUint16(2, rest.length);
        expect([undefined, 'success']).toContain(parseStun(bytes)?.type);
      }),
    );
  });
});

describe('keep-alive of a flow over UDP (RFC 5626 4.4.2)', () => {
  it('a Binding request is answered where SIP is spoken', async () => {
    const { clock, alice } = twoHosts();
    const answer = alice.request(request('REGISTER'), BOB_UDP);
    await clock.advance(100);
    const alive = alice.ping((await answer).flow!);
    await clock.advance(100);
    expect(await alive).toBe(true);
    await clock.advance(40_000);
    expect(clock.timersRunning).toBe(0);
  });

  it('is repeated seven times, and the flow is dead after 39.5 s of silence', async () => {
    const { clock, wire, alice } = twoHosts();
    const answer = alice.request(request('REGISTER'), BOB_UDP);
    await clock.advance(100);
    wire.loses = () => true;
    const begin = clock.now();
    const sent = wire.datagrams.length;
    const alive = alice.ping((await answer).flow!);
    await clock.advance(39_500);
    expect(await alive).toBe(false);
    expect(wire.datagrams.slice(sent).map((d) => d.at - begin)).toEqual([
      0, 500, 1_500, 3_500, 7_500, 15_500, 31_500,
    ]);
  });
});

describe('`keep` in Via (RFC 6223)', () => {
  it('a server that wants keep-alives tells how often, to a client that asks', async () => {
    const { clock, alice } = twoHosts({ bob: { keepAliveSeconds: 120 } });
    const asking = alice.request(request('REGISTER'), BOB_UDP, { keep: true });
    const silent = alice.request(request('REGISTER'), BOB_UDP);
    await clock.advance(100);
    expect((await asking).keepAliveSeconds).toBe(120);
    expect((await silent).keepAliveSeconds).toBeUndefined();
  });
});
