import { describe, expect, it } from 'vitest';
import { writeMsrpFrame } from '../../stack/rcs/msrp/index.ts';
import { octets, text } from './support/frames.ts';
import { bound, inTime, SERVER, twoEnds, written } from './support/two-ends.ts';

const cpim = (body: Uint8Array) => ({ contentType: 'message/cpim', body });
const BIG = new Uint8Array(50_000).map((_, i) => (i * 31) % 251);

describe('binding (RFC 4975 section 5.4)', () => {
  it('the active side says with an empty SEND which session this is (hazard R53)', async () => {
    const ends = twoEnds();
    const { far } = await bound(ends);
    const [first] = written(ends, 'client.example').split('\r\n\r\n');
    expect(first).toContain(`To-Path: ${far.localUri}`);
    expect(first).not.toContain('Content-Type');
  });

  it('a passive side sends once the other has connected', async () => {
    const ends = twoEnds();
    const got: string[] = [];
    const near = ends.client.session(
      { secure: false, port: 9 },
      { acceptTypes: ['*'], maxSize: 1_000, onMessage: ({ body }) => void got.push(text(body)) },
    );
    const far = ends.server.session(
      { secure: false, port: SERVER.port },
      { acceptTypes: ['*'], maxSize: 1_000 },
    );
    far.expect([near.localUri]);
    const sent = far.send({ contentType: 'text/plain', body: octets('from the server') });
    void near.connect([far.localUri], SERVER, { secure: false });
    expect(await inTime(ends, sent)).toMatchObject({ status: 200 });
    expect(got).toEqual(['from the server']);
  });

  it('an unknown session is answered 481, and a second connection for one session 506', async () => {
    const ends = twoEnds();
    const { far } = await bound(ends);
    const stranger = ends.client.session({ secure: false, port: 9 }, { acceptTypes: ['*'], maxSize: 10 });
    const nowhere = `${far.localUri.replace(';tcp', 'x;tcp')}`;
    expect((await inTime(ends, stranger.connect([nowhere], SERVER, { secure: false }))).status).toBe(481);
    stranger.close();
    const twin = ends.client.session({ secure: false, port: 9 }, { acceptTypes: ['*'], maxSize: 10 });
    expect((await inTime(ends, twin.connect([far.localUri], SERVER, { secure: false }))).status).toBe(506);
  });

  it('a connection that names no session is closed after 30 s', async () => {
    const ends = twoEnds();
    const host = ends.network.addHost('silent.example', { access: [ends.link], zone: 'A' });
    const stream = await inTime(ends, host.connect(SERVER, { secure: false }));
    let closed = false;
    stream.onClose = () => {
      closed = true;
    };
    await ends.clock.runUntil(() => closed, 29_000);
    expect(closed).toBe(false);
    await ends.clock.runUntil(() => closed, 2_000);
    expect(closed).toBe(true);
  });

  it('nobody there is a local 408', async () => {
    const ends = twoEnds();
    const near = ends.client.session({ secure: false, port: 9 }, { acceptTypes: ['*'], maxSize: 10 });
    const reply = await inTime(
      ends,
      near.connect(['msrp://server.example:1/x;tcp'], { ...SERVER, port: 1 }, { secure: false }),
    );
    expect(reply).toMatchObject({ status: 408, local: true });
  });
});

describe('sending and receiving (RFC 4975 sections 5.1, 7.1 to 7.3)', () => {
  it('a large message goes in chunks of at most 2048 octets and comes whole', async () => {
    const ends = twoEnds();
    const { near, messages } = await bound(ends);
    expect(await inTime(ends, near.send(cpim(BIG)))).toMatchObject({ status: 200 });
    expect(messages[0]!.body).toEqual(BIG);
    const chunks = ends.frames.filter(({ from, bytes }) => from.port !== 2855 && (bytes?.length ?? 0) > 300);
    expect(chunks.length).toBeGreaterThanOrEqual(25);
    for (const { bytes } of chunks) expect(bytes!.length).toBeLessThan(2_048 + 500);
  });

  it('two messages take turns on one connection, and a short one need not wait for a long one', async () => {
    const ends = twoEnds();
    const { near, messages } = await bound(ends);
    const long = near.send(cpim(BIG));
    const short = near.send({ contentType: 'text/plain', body: octets('short') });
    await inTime(ends, Promise.all([long, short]));
    expect(messages.map(({ contentType }) => contentType)).toEqual(['text/plain', 'message/cpim']);
  });

  it('the response goes to the first URI of From-Path only (section 7.2)', async () => {
    const ends = twoEnds();
    const { near } = await bound(ends);
    await inTime(ends, near.send(cpim(octets('x'))));
    const answer = written(ends, SERVER.host).split('MSRP ').at(-1)!;
    expect(answer).toMatch(/^\w+ 200 OK\r\n/);
    expect(answer).toContain(`To-Path: ${near.localUri}\r\n`);
  });

  it.each([
    ['yes', 200, 1],
    ['yes', 403, 1],
    ['partial', 200, 0],
    ['partial', 403, 1],
    ['no', 200, 0],
    ['no', 403, 0],
  ] as const)(
    'Failure-Report %s: a %d gets %d responses (hazard R59)',
    async (failureReport, status, count) => {
      const ends = twoEnds();
      const failed: number[] = [];
      const { near } = await bound(ends, {
        verdict: { status },
        near: { onSendFailed: (_, reply) => failed.push(reply.status) },
      });
      const before = written(ends, SERVER.host).length;
      const reply = await inTime(ends, near.send({ ...cpim(octets('x')), failureReport }));
      await ends.clock.settle(1_000, 60_000);
      expect(written(ends, SERVER.host).slice(before).split('MSRP ').length - 1).toBe(count);
      expect(reply.status).toBe(failureReport === 'yes' ? status : 200);
      expect(failed).toEqual(failureReport === 'partial' && status !== 200 ? [403] : []);
    },
  );

  it('Success-Report yes brings a REPORT on all of it, which nobody answers', async () => {
    const ends = twoEnds();
    const { near, reports } = await bound(ends);
    await inTime(ends, near.send({ ...cpim(BIG), messageId: 'big-one', successReport: true }));
    await ends.clock.settle(1_000, 60_000);
    expect(reports).toEqual([
      { messageId: 'big-one', status: 200, range: { start: 1, end: 50_000, total: 50_000 } },
    ]);
    const report = /MSRP (\w+) REPORT/.exec(written(ends, SERVER.host))![1]!;
    expect(written(ends, 'client.example')).not.toContain(report);
  });

  it('a media type that was not offered is answered 415, and sending stops', async () => {
    const ends = twoEnds();
    const { near, messages } = await bound(ends);
    const reply = await inTime(ends, near.send({ contentType: 'image/png', body: BIG }));
    expect(reply.status).toBe(415);
    expect(messages).toEqual([]);
    await ends.clock.settle(1_000, 60_000);
    // Given up by `#`, long before all of it was sent.
    expect(written(ends, 'client.example')).toMatch(/-------\w+#\r\n$/);
    expect(written(ends, 'client.example').length).toBeLessThan(30_000);
  });

  it('what is beyond max-size is answered 413 at once', async () => {
    const ends = twoEnds();
    const { near } = await bound(ends, { maxSize: 10_000 });
    expect((await inTime(ends, near.send(cpim(BIG)))).status).toBe(413);
    expect((await inTime(ends, near.send(cpim(octets('small'))))).status).toBe(200);
  });

  it('an unknown method is answered 501', async () => {
    const ends = twoEnds();
    const { far } = await bound(ends);
    const host = ends.network.addHost('odd.example', { access: [ends.link], zone: 'A' });
    far.close();
    const own = ends.server.session(
      { secure: false, port: SERVER.port },
      { acceptTypes: ['*'], maxSize: 10 },
    );
    const stream = await inTime(ends, host.connect(SERVER, { secure: false }));
    let got = '';
    stream.onData = (bytes) => {
      got += text(bytes);
    };
    stream.write(
      writeMsrpFrame({
        kind: 'request',
        transactionId: 'odd12345',
        method: 'DANCE',
        toPath: [own.localUri],
        fromPath: ['msrp://odd.example:9/x;tcp'],
        headers: [],
        flag: '$',
      }),
    );
    await ends.clock.runUntil(() => got !== '', 5_000);
    expect(got).toMatch(/^MSRP odd12345 501 /);
  });

  it('a response that does not come within 30 s is a 408', async () => {
    const ends = twoEnds();
    const { near } = await bound(ends, { onMessage: () => new Promise(() => {}) });
    const start = ends.clock.elapsed();
    expect(await inTime(ends, near.send(cpim(octets('x'))))).toMatchObject({ status: 408, local: true });
    expect(ends.clock.elapsed() - start).toBe(30_000);
  });

  it('a connection that goes ends what was being sent, and says so (hazard R52)', async () => {
    const ends = twoEnds();
    let lost = 0;
    const { near, messages } = await bound(ends, { near: { onLost: () => void (lost += 1) } });
    const sent = near.send(cpim(BIG));
    ends.server.close();
    expect(await inTime(ends, sent)).toMatchObject({ status: 408, local: true });
    expect(lost).toBe(1);
    expect(messages).toEqual([]);
  });

  it('a stream that is no MSRP is closed, and told of', async () => {
    const ends = twoEnds();
    const host = ends.network.addHost('odd.example', { access: [ends.link], zone: 'A' });
    const stream = await inTime(ends, host.connect(SERVER, { secure: false }));
    let closed = false;
    stream.onClose = () => {
      closed = true;
    };
    stream.write(octets('GET / HTTP/1.1\n\n'));
    await ends.clock.runUntil(() => closed, 5_000);
    expect(closed).toBe(true);
    expect(ends.deviations).toHaveLength(1);
  });

  it('a closed endpoint leaves nothing alive', async () => {
    const ends = twoEnds();
    const { near } = await bound(ends);
    void near.send(cpim(BIG));
    ends.client.close();
    ends.server.close();
    await ends.clock.runUntil(() => ends.network.use().streams === 0, 5_000);
    expect({ ...ends.network.use(), timers: ends.clock.pendingTimers }).toEqual({
      streams: 0,
      sockets: 0,
      listeners: 0,
      requests: 0,
      timers: 0,
    });
  });
});
