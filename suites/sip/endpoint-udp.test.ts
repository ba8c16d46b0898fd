import { describe, expect, it } from 'vitest';
import { NetworkError } from '../../stack/platform.ts';
import { header, headerValues, setHeader } from '../../stack/rcs/sip/headers.ts';
import { BOB_UDP, request, twoHosts } from './support/two-hosts.ts';

describe('a request over UDP', () => {
  it('carries a Via with magic cookie and rport, and Max-Forwards; the response comes without that Via', async () => {
    const { clock, alice, received } = twoHosts();
    const answer = alice.request(request('MESSAGE'), BOB_UDP);
    await clock.advance(100);
    const [incoming] = received;
    expect(header(incoming!.request, 'Via')).toMatch(
      /^SIP\/2\.0\/UDP alice\.example:5060;branch=z9hG4bK[0-9a-f]{24};rport=5060;received=alice\.example$/,
    );
    expect(header(incoming!.request, 'Max-Forwards')).toBe('70');
    const response = await answer;
    expect(response).toMatchObject({ status: 200, reason: 'OK' });
    expect(response.local).toBeUndefined();
    expect(headerValues(response, 'Via')).toEqual([]);
    expect(header(response, 'To')).toBe(`<sip:bob@bob.example>;tag=${incoming!.localTag}`);
    expect(response.flow).toMatchObject({ transport: 'udp', remote: { host: 'bob.example', port: 5060 } });
  });

  it('is repeated until answered, and handed up once however often it comes (17.2.2)', async () => {
    const { clock, wire, alice, received } = twoHosts();
    wire.loses = (_index, text) => text.startsWith('SIP/2.0') && clock.now() < 3000;
    const answer = alice.request(request('MESSAGE'), BOB_UDP);
    await clock.advance(40_000);
    expect((await answer).status).toBe(200);
    expect(received).toHaveLength(1);
    expect(wire.datagrams.filter((d) => d.text.startsWith('MESSAGE')).map((d) => d.at)).toEqual([
      0, 500, 1500, 3500,
    ]);
    const answers = wire.datagrams.filter((d) => d.text.startsWith('SIP/2.0')).map((d) => d.text);
    expect(new Set(answers).size).toBe(1);
    expect(answers).toHaveLength(4);
  });

  it('that is never answered ends as a local 408 after 64*T1 (8.1.3.1)', async () => {
    const { clock, wire, alice } = twoHosts();
    wire.loses = () => true;
    const answer = alice.request(request('MESSAGE'), BOB_UDP);
    await clock.advance(32_000);
    expect(await answer).toMatchObject({ status: 408, local: true });
    expect(wire.datagrams).toHaveLength(11);
    expect(clock.timersRunning).toBe(0);
  });

  it('is answered by whatever loss lets one datagram of each kind through', async () => {
    for (let pattern = 0; pattern < 64; pattern += 1) {
      const { clock, wire, alice, received } = twoHosts();
      wire.loses = (index) => index < 6 && ((pattern >> index) & 1) === 1;
      const answer = alice.request(request('MESSAGE'), BOB_UDP);
      await clock.advance(70_000);
      expect((await answer).status, `loss pattern ${pattern.toString(2)}`).toBe(200);
      expect(received, `loss pattern ${pattern.toString(2)}`).toHaveLength(1);
      expect(clock.timersRunning).toBe(0);
    }
  });

  it('timers follow T1, T2 and T4 of the options', async () => {
    const { clock, wire, alice } = twoHosts({ alice: { timers: { t1: 100, t2: 200 } } });
    wire.loses = () => true;
    alice.request(request('MESSAGE'), BOB_UDP);
    await clock.advance(1000);
    expect(wire.datagrams.map((d) => d.at)).toEqual([0, 100, 300, 500, 700, 900]);
  });

  it('over 1300 octets goes by TCP, and by UDP when that is refused (18.1.1, hazard R24)', async () => {
    const large = request('MESSAGE', { body: new Uint8Array(1300) });
    const { clock, wire, alice, received } = twoHosts();
    const answer = alice.request(large, BOB_UDP);
    await clock.advance(100);
    expect((await answer).flow?.transport).toBe('tcp');
    expect(header(received[0]!.request, 'Via')).toContain('SIP/2.0/TCP');
    const noTcp = alice.request(large, { ...BOB_UDP, host: 'carol.example' });
    await clock.advance(32_100);
    expect(await noTcp).toMatchObject({ status: 408, local: true });
    expect(wire.datagrams.filter((d) => d.to === 'carol.example:5060').length).toBeGreaterThan(1);
  });

  it.each([
    [1300, 'udp'],
    [1301, 'tcp'],
  ])('of %i octets goes by %s', async (size, transport) => {
    const { clock, wire, alice } = twoHosts();
    alice.request(request('MESSAGE'), BOB_UDP);
    await clock.advance(100);
    // Content-Length grows from one digit to four.
    const overhead = wire.datagrams[0]!.text.length + 3;
    const answer = alice.request(request('MESSAGE', { body: new Uint8Array(size - overhead) }), BOB_UDP);
    await clock.advance(100);
    expect((await answer).flow?.transport).toBe(transport);
  });

  it('over 1300 octets stays on UDP when told so', async () => {
    const { clock, alice } = twoHosts({ alice: { tcpFallback: false } });
    const answer = alice.request(request('MESSAGE', { body: new Uint8Array(2000) }), BOB_UDP);
    await clock.advance(100);
    expect((await answer).flow?.transport).toBe('udp');
  });
});

describe('a response over UDP', () => {
  it('goes to the address and port the request came from, when rport asks for it (RFC 3581)', async () => {
    const { clock, wire } = twoHosts();
    const behindNat = wire.host('nat.example').datagram(40_000);
    let answered = 0;
    behindNat.onMessage = () => {
      answered += 1;
    };
    const via = { name: 'Via', value: 'SIP/2.0/UDP 10.0.0.5:5060;branch=z9hG4bKn;rport' };
    const lines = [
      'MESSAGE sip:bob@bob.example SIP/2.0',
      ...[via, ...request('MESSAGE').headers].map((h) => `${h.name}: ${h.value}`),
    ];
    const bytes = new TextEncoder().encode(`${lines.join('\r\n')}\r\n\r\n`);
    behindNat.send({ host: 'bob.example', port: 5060 }, bytes);
    await clock.advance(100);
    expect(answered).toBe(1);
    expect(wire.datagrams[1]).toMatchObject({ to: 'nat.example:40000' });
    expect(wire.datagrams[1]?.text).toContain(
      '10.0.0.5:5060;branch=z9hG4bKn;rport=40000;received=nat.example',
    );
  });

  it('without rport goes to the sent-by port at that address (18.2.2)', async () => {
    const { clock, wire } = twoHosts();
    const socket = wire.host('old.example').datagram(40_000);
    const via = 'Via: SIP/2.0/UDP old.example:5070;branch=z9hG4bKn';
    const rest = request('MESSAGE').headers.map((h) => `${h.name}: ${h.value}`);
    const text = ['MESSAGE sip:bob@bob.example SIP/2.0', via, ...rest].join('\r\n');
    socket.send({ host: 'bob.example', port: 5060 }, new TextEncoder().encode(`${text}\r\n\r\n`));
    await clock.advance(100);
    expect(wire.datagrams[1]).toMatchObject({ from: 'bob.example:5060', to: 'old.example:5070' });
  });

  it('that belongs to nothing, and a datagram of CRLFs, disturb nobody', async () => {
    const { clock, wire, alice, deviations } = twoHosts();
    const socket = wire.host('mallory.example').datagram(1);
    const stray =
      'SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP bob.example;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\n';
    const rest = 'To: <sip:a@b>;tag=2\r\nCall-ID: x\r\nCSeq: 1 MESSAGE\r\n\r\n';
    for (const text of [stray + rest, '\r\n\r\n', '\0\0\0\0']) {
      socket.send({ host: 'bob.example', port: 5060 }, new TextEncoder().encode(text));
    }
    await clock.advance(100);
    expect(deviations).toEqual([]);
    expect(wire.datagrams).toHaveLength(3);
    alice.close();
  });
});

describe('INVITE over UDP', () => {
  it('a refusal is repeated until its ACK comes, and the ACK is handed to nobody (17.1.1.3)', async () => {
    const { clock, wire, alice, received } = twoHosts({ bob: { onRequest: (i) => i.respond(486) } });
    let acks = 0;
    wire.loses = (_index, text) => text.startsWith('ACK') && acks++ === 0;
    const answer = alice.request(request('INVITE'), BOB_UDP);
    await clock.advance(70_000);
    expect((await answer).status).toBe(486);
    expect(received.map((i) => i.request.method)).toEqual(['INVITE']);
    expect(wire.datagrams.map((d) => d.text.split(' ', 2).join(' '))).toEqual([
      'INVITE sip:bob@bob.example',
      'SIP/2.0 486',
      'ACK sip:bob@bob.example',
      'SIP/2.0 486',
      'ACK sip:bob@bob.example',
    ]);
    expect(clock.timersRunning).toBe(0);
  });

  it("provisional responses are seen as they come, and the ACK of a 2xx is the user's", async () => {
    const { clock, alice, received } = twoHosts({
      bob: {
        onRequest: (incoming) => {
          if (incoming.request.method !== 'INVITE') return;
          incoming.respond(180);
          incoming.respond(200);
        },
      },
    });
    const seen: number[] = [];
    const answer = alice.request(request('INVITE'), BOB_UDP, { onResponse: (r) => seen.push(r.status) });
    await clock.advance(100);
    expect((await answer).status).toBe(200);
    expect(seen).toEqual([180, 200]);
    const ack = setHeader(request('ACK'), 'Call-ID', 'invite-1@alice.example');
    const sent = alice.send(ack, BOB_UDP);
    await clock.advance(100);
    expect(await sent).toBe(true);
    expect(received.map((i) => i.request.method)).toEqual(['INVITE', 'ACK']);
  });

  it("a CANCEL with the INVITE's branch knows what it cancels, another knows nothing (9.2)", async () => {
    const { clock, alice, received } = twoHosts({
      bob: {
        onRequest: (incoming) => {
          if (incoming.request.method !== 'CANCEL') return;
          incoming.respond(incoming.cancels === undefined ? 481 : 200);
          incoming.cancels?.respond(487);
        },
      },
    });
    const branch = 'z9hG4bKinvite';
    const invited = alice.request(request('INVITE'), BOB_UDP, { branch });
    await clock.advance(300);
    const cancelled = alice.request(request('CANCEL'), BOB_UDP, { branch });
    const astray = alice.request(request('CANCEL'), BOB_UDP);
    await clock.advance(300);
    expect((await cancelled).status).toBe(200);
    expect((await astray).status).toBe(481);
    expect((await invited).status).toBe(487);
    expect(received[1]?.cancels).toBe(received[0]);
  });
});

describe('an endpoint that is full or closed', () => {
  it('answers 503 with Retry-After beyond its transactions', async () => {
    const { clock, alice, received } = twoHosts({ bob: { limits: { serverTransactions: 1 } } });
    const first = alice.request(request('MESSAGE'), BOB_UDP);
    const second = alice.request(request('OPTIONS'), BOB_UDP);
    await clock.advance(100);
    expect((await first).status).toBe(200);
    const refused = await second;
    expect(refused.status).toBe(503);
    expect(refused.local).toBeUndefined();
    expect(header(refused, 'Retry-After')).toBe('10');
    expect(received).toHaveLength(1);
  });

  it('forgets the oldest UDP flow beyond its bound', async () => {
    const { clock, wire, received } = twoHosts({ bob: { limits: { udpFlows: 2 } } });
    for (const host of ['a', 'b', 'c', 'a']) {
      const socket = wire.host(host).datagram(0);
      const via = `Via: SIP/2.0/UDP ${host};branch=z9hG4bK${host}${received.length};rport`;
      const rest = request('MESSAGE').headers.map((h) => `${h.name}: ${h.value}`);
      const text = ['MESSAGE sip:bob@bob.example SIP/2.0', via, ...rest].join('\r\n');
      socket.send({ host: 'bob.example', port: 5060 }, new TextEncoder().encode(`${text}\r\n\r\n`));
      await clock.advance(100);
    }
    expect(new Set(received.map((i) => i.flow.id)).size).toBe(4);
  });

  it('close() answers what waits with a local 503 and leaves nothing behind', async () => {
    const { clock, wire, alice, bob } = twoHosts({ bob: { onRequest: () => {} } });
    const waiting = alice.request(request('MESSAGE'), BOB_UDP);
    const inviting = alice.request(request('INVITE'), BOB_UDP);
    await clock.advance(100);
    alice.close();
    bob.close();
    alice.close();
    expect(await waiting).toMatchObject({ status: 503, local: true });
    expect(await inviting).toMatchObject({ status: 503, local: true });
    await expect(alice.request(request('MESSAGE'), BOB_UDP)).rejects.toThrow(NetworkError);
    expect(() => bob.listen('udp', 5070)).toThrow(NetworkError);
    expect(wire.leftovers()).toEqual({ sockets: 0, listeners: 0, streams: 0, timers: 0 });
  });

  it("a request that cannot be written is the caller's mistake and leaves nothing behind", async () => {
    const { clock, alice } = twoHosts();
    const bad = request('MESSAGE', { headers: [{ name: 'Subject', value: 'a\r\nb' }] });
    await expect(alice.request(bad, BOB_UDP)).rejects.toThrow('Subject');
    expect(clock.timersRunning).toBe(0);
  });

  it('without a handler answers 501', async () => {
    const { clock, alice, bob } = twoHosts();
    const answer = bob.request(request('MESSAGE'), { transport: 'udp', host: 'alice.example', port: 5060 });
    await clock.advance(100);
    expect((await answer).status).toBe(501);
    alice.close();
  });

  it('the same seed gives the same datagrams', async () => {
    const run = async (): Promise<unknown> => {
      const { clock, wire, alice } = twoHosts();
      wire.loses = (index) => index % 3 === 0;
      alice.request(request('MESSAGE'), BOB_UDP);
      alice.request(request('INVITE'), BOB_UDP);
      await clock.advance(60_000);
      return wire.datagrams;
    };
    expect(await run()).toEqual(await run());
  });
});
