import { describe, expect, it } from 'vitest';
import { SipEndpoint, type SipFlow } from '../../stack/rcs/sip/endpoint.ts';
import { header, headerValues } from '../../stack/rcs/sip/headers.ts';
import { parseSipMessage, writeSipMessage } from '../../stack/rcs/sip/message.ts';
import { makeResponse } from '../../stack/rcs/sip/responses.ts';
import { SeededRandom } from './support/seeded-random.ts';
import { octets } from './support/text.ts';
import { BOB_TCP, BOB_TLS, request, twoHosts } from './support/two-hosts.ts';

describe('requests over streams', () => {
  it.each([
    ['TCP', BOB_TCP],
    ['TLS', BOB_TLS],
  ])('%s: one message, one answer, sent once, one octet at a time (hazard R26)', async (name, target) => {
    const { clock, wire, alice, received } = twoHosts();
    wire.chunk = 1;
    const answer = alice.request(request('MESSAGE', { body: octets('😀 ü') }), target);
    await clock.advance(100);
    expect((await answer).status).toBe(200);
    expect(received[0]?.request.body).toEqual(octets('😀 ü'));
    expect(header(received[0]!.request, 'Via')).toContain(`SIP/2.0/${name} alice.example:49152`);
    expect(received[0]?.flow).toMatchObject({ transport: name.toLowerCase(), open: true });
  });

  it('a stream is dialled once per transport, host and port, also by requests at the same time', async () => {
    const { clock, wire, alice, received } = twoHosts();
    const answers = [1, 2, 3].map(() => alice.request(request('MESSAGE'), BOB_TCP));
    await clock.advance(100);
    const later = alice.request(request('OPTIONS'), BOB_TCP);
    const other = alice.request(request('OPTIONS'), BOB_TLS);
    await clock.advance(100);
    for (const answer of [...answers, later, other]) expect((await answer).status).toBe(200);
    expect(wire.streamsOpen).toBe(4);
    expect(new Set(received.map((i) => i.flow.id)).size).toBe(2);
  });

  it('a caller can be reached over the flow of its own request, without dialling (RFC 5626)', async () => {
    let flow: SipFlow | undefined;
    const { clock, wire, alice, bob } = twoHosts({
      bob: {
        onRequest: (incoming) => {
          flow = incoming.flow;
          incoming.respond(200);
        },
      },
    });
    alice.request(request('REGISTER'), BOB_TCP);
    await clock.advance(100);
    const nowhere = { transport: 'tcp', host: 'alice.example', port: 9 } as const;
    const answer = bob.request(request('MESSAGE'), flow === undefined ? nowhere : { ...nowhere, flow });
    await clock.advance(100);
    expect(await answer).toMatchObject({ status: 501 });
    expect((await answer).local).toBeUndefined();
    expect(wire.streamsOpen).toBe(2);
  });

  it('a refused dial is a local 503', async () => {
    const { clock, alice } = twoHosts();
    const answer = alice.request(request('MESSAGE'), { transport: 'tcp', host: 'carol.example', port: 5060 });
    await clock.advance(100);
    expect(await answer).toMatchObject({ status: 503, local: true });
    expect(clock.timersRunning).toBe(0);
  });

  it('a dial that nobody answers is a local 408 after 64*T1', async () => {
    const { clock, wire, alice } = twoHosts();
    const mute = { ...wire.host('mute.example'), connect: () => new Promise<never>(() => {}) };
    const stuck = new SipEndpoint({ clock, random: new SeededRandom('x'), network: mute });
    const answer = stuck.request(request('MESSAGE'), BOB_TCP);
    await clock.advance(32_000);
    expect(await answer).toMatchObject({ status: 408, local: true });
    expect(clock.timersRunning).toBe(0);
    alice.close();
  });

  it('a stream that breaks is a local 503 for what waits on it, and is dialled anew', async () => {
    let answering = false;
    const { clock, wire, alice } = twoHosts({
      bob: { onRequest: (i) => void (answering && i.respond(200)) },
    });
    const waiting = alice.request(request('MESSAGE'), BOB_TCP);
    await clock.advance(100);
    wire.cutStreams();
    await clock.advance(0);
    expect(await waiting).toMatchObject({ status: 503, local: true });
    answering = true;
    const again = alice.request(request('MESSAGE'), BOB_TCP);
    await clock.advance(100);
    expect((await again).status).toBe(200);
  });

  it('a flow tells when it closes, also those who ask later', async () => {
    const { clock, wire, alice } = twoHosts();
    const answer = alice.request(request('MESSAGE'), BOB_TCP);
    await clock.advance(100);
    const flow = (await answer).flow!;
    let told = 0;
    flow.onClose(() => {
      told += 1;
    });
    wire.cutStreams();
    flow.onClose(() => {
      told += 1;
    });
    expect([flow.open, told]).toEqual([false, 2]);
  });

  it('a response whose stream is gone goes to the port on which the client listens (18.2.2)', async () => {
    const { clock, wire, alice, received } = twoHosts({ bob: { onRequest: () => {} } });
    alice.listen('tcp', 5070);
    alice.request(request('MESSAGE'), BOB_TCP);
    await clock.advance(100);
    expect(header(received[0]!.request, 'Via')).toContain('alice.example:5070');
    wire.cutStreams();
    received[0]?.respond(200);
    await clock.advance(100);
    expect(wire.streamsOpen).toBe(2);
  });

  it('a proxy relays a response as it came from downstream', async () => {
    const { clock, alice, bob } = twoHosts({
      alice: {
        onRequest: (i) =>
          i.respond(603, { reason: 'Nein', headers: [{ name: 'X-Odd_Header', value: 'kept' }] }),
      },
      bob: {
        onRequest: (incoming) => {
          bob
            .request(incoming.request, { transport: 'udp', host: 'alice.example', port: 5060 })
            .then(incoming.relay);
        },
      },
    });
    const seen: string[][] = [];
    const answer = alice.request(request('MESSAGE'), BOB_TLS, {
      onResponse: (r) => seen.push(headerValues(r, 'Via')),
    });
    await clock.advance(200);
    expect(await answer).toMatchObject({ status: 603, reason: 'Nein' });
    expect(header(await answer, 'X-Odd_Header')).toBe('kept');
    expect(seen).toEqual([[]]);
  });
});

describe('a raw peer on a stream', () => {
  async function connected(limits = {}) {
    const hosts = twoHosts({ bob: { limits } });
    const dial = hosts.wire.host('raw.example').connect(BOB_TCP, { secure: false });
    await hosts.clock.advance(50);
    const stream = await dial;
    const heard: string[] = [];
    let closed = false;
    stream.onData = (bytes) => heard.push(new TextDecoder().decode(bytes));
    stream.onClose = () => {
      closed = true;
    };
    const say = async (text: string): Promise<void> => {
      stream.write(octets(text));
      await hosts.clock.advance(100);
    };
    return { ...hosts, say, heard, isClosed: () => closed };
  }

  const HEAD = `OPTIONS sip:bob@bob.example SIP/2.0
v: SIP/2.0/TCP raw.example;branch=z9hG4bKr
f: <sip:a@raw.example>;tag=1
t: <sip:bob@bob.example>
i: 1@raw.example
CSeq: 1 OPTIONS
`;

  it('is answered CRLF for CRLFCRLF (RFC 5626 4.4.1)', async () => {
    const { say, heard } = await connected();
    await say('\n');
    expect(heard).toEqual([]);
    await say('\n');
    expect(heard).toEqual(['\r\n']);
  });

  it('is answered 400 and cut off when it leaves out Content-Length (18.3, hazard R27)', async () => {
    const { say, heard, isClosed, received, deviations } = await connected();
    await say(`${HEAD}\n${HEAD}\n`);
    expect(heard).toHaveLength(1);
    expect(parseSipMessage(new TextEncoder().encode(heard[0]))).toMatchObject({ status: 400 });
    expect([isClosed(), received.length]).toEqual([true, 0]);
    expect(deviations).toEqual([expect.stringContaining('Content-Length')]);
  });

  it('is answered 400 and goes on when another header is malformed', async () => {
    const { say, heard, isClosed, received } = await connected();
    await say(
      `${HEAD.replace('1@raw', '2@raw').replace('Kr', 'Ks')}Bad Header: x\nl: 2\n\nab${HEAD}l: 0\n\n`,
    );
    const statuses = heard.map((text) => parseSipMessage(new TextEncoder().encode(text)));
    expect(statuses).toMatchObject([{ status: 400 }, { status: 200 }]);
    expect([isClosed(), received.length]).toEqual([false, 1]);
  });

  it.each([
    ['a body', { body: 10 }, 'l: 11\n\n', 413],
    ['a header section', { head: 400 }, `X: ${'x'.repeat(400)}`, 513],
  ])('is answered and cut off when %s is beyond the bound', async (_what, limits, rest, status) => {
    const { say, heard, isClosed } = await connected(limits);
    await say(`${HEAD}${rest}`);
    expect(parseSipMessage(new TextEncoder().encode(heard[0]))).toMatchObject({ status });
    expect(isClosed()).toBe(true);
  });

  it('is turned away beyond the bound of streams', async () => {
    const { isClosed, wire, clock } = await connected({ streams: 1 });
    let turnedAway = false;
    const second = wire.host('raw.example').connect(BOB_TCP, { secure: false });
    const watching = second.then((stream) => {
      stream.onClose = () => {
        turnedAway = true;
      };
    });
    await clock.advance(100);
    await watching;
    expect([isClosed(), turnedAway]).toEqual([false, true]);
  });

  it('that speaks no SIP at all hears nothing and leaves nothing', async () => {
    const { say, heard, bob, alice, wire, clock } = await connected();
    await say('GET / HTTP/1.1\nHost: bob.example\n\n');
    expect(heard).toEqual([]);
    alice.close();
    bob.close();
    await clock.advance(100);
    expect(wire.leftovers()).toEqual({ sockets: 0, listeners: 0, streams: 0, timers: 0 });
  });
});

describe('keep-alive of a dialled stream (RFC 5626 4.4.1)', () => {
  it('a pong within 10 s says the flow lives', async () => {
    const { clock, alice } = twoHosts();
    const answer = alice.request(request('REGISTER'), BOB_TCP);
    await clock.advance(100);
    const flow = (await answer).flow!;
    const alive = Promise.all([alice.ping(flow), alice.ping(flow)]);
    await clock.advance(100);
    expect(await alive).toEqual([true, true]);
    expect(flow.open).toBe(true);
    expect(clock.timersRunning).toBe(0);
  });

  it('no pong closes the flow', async () => {
    const { clock, wire, alice } = twoHosts();
    const listener = wire.host('mute.example').listen(5060, { secure: false }, (stream) => {
      stream.onData = (bytes) => {
        const asked = bytes.length > 4 ? parseSipMessage(bytes) : undefined;
        if (asked?.kind === 'request') stream.write(writeSipMessage(makeResponse(asked, 200)));
      };
    });
    const answer = alice.request(request('REGISTER'), { ...BOB_TCP, host: 'mute.example' });
    await clock.advance(100);
    const { flow } = await answer;
    const alive = alice.ping(flow!);
    await clock.advance(10_000);
    expect(await alive).toBe(false);
    expect(flow?.open).toBe(false);
    listener.close();
  });

  it('a stream that was not dialled is not pinged', async () => {
    const { clock, alice, bob, received } = twoHosts();
    alice.request(request('REGISTER'), BOB_TCP);
    await clock.advance(100);
    expect(await bob.ping(received[0]!.flow)).toBe(true);
    expect(received[0]?.flow.open).toBe(true);
    expect(clock.timersRunning).toBe(0);
  });
});

describe('close()', () => {
  it('during a dial, with requests waiting, leaves no stream', async () => {
    const { clock, wire, alice, bob } = twoHosts();
    const waiting = alice.request(request('MESSAGE'), BOB_TCP);
    await clock.advance(5);
    alice.close();
    expect(await waiting).toMatchObject({ status: 503, local: true });
    await clock.advance(1000);
    bob.close();
    expect(wire.leftovers()).toEqual({ sockets: 0, listeners: 0, streams: 0, timers: 0 });
  });

  it('while a request is being handled leaves nothing', async () => {
    const hosts = twoHosts({ bob: { onRequest: () => hosts.bob.close() } });
    const { clock, wire, alice } = hosts;
    const answer = alice.request(request('MESSAGE'), BOB_TLS);
    await clock.advance(200);
    expect(await answer).toMatchObject({ status: 503, local: true });
    alice.close();
    await clock.advance(100);
    expect(wire.leftovers()).toEqual({ sockets: 0, listeners: 0, streams: 0, timers: 0 });
  });
});
