import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SeededRandom } from '../../emulators/network/seeded-random.ts';
import type { ByteStream } from '../../stack/platform.ts';
import { type IncomingRequest, SipEndpoint } from '../../stack/rcs/sip/endpoint.ts';
import { header } from '../../stack/rcs/sip/headers.ts';
import { parseSipMessage, type SipRequest, writeSipMessage } from '../../stack/rcs/sip/message.ts';
import { parseVia, topVia } from '../../stack/rcs/sip/via.ts';
import { bytes, NETWORKS, type TwoHosts, text, twoHosts } from '../network/support/two-networks.ts';

const SERVER = { host: 'server.example', port: 5066 };
const WS = { secure: false, webSocket: 'sip' } as const;

function request(method: string, options: { readonly body?: Uint8Array } = {}): SipRequest {
  return {
    kind: 'request',
    method,
    uri: 'sip:server.example',
    headers: [
      { name: 'From', value: '<sip:alice@example.com>;tag=asdyka899' },
      { name: 'To', value: '<sip:bob@example.com>' },
      { name: 'Call-ID', value: `${method}-1` },
      { name: 'CSeq', value: `1 ${method}` },
    ],
    body: options.body ?? new Uint8Array(0),
  };
}

describe('Via of a WebSocket client (RFC 7118 section 8.1)', () => {
  it('names a host that does not exist, and no port', () => {
    const via = parseVia('SIP/2.0/WSS df7jal23ls0d.invalid;branch=z9hG4bK56sdasks');
    expect(via).toMatchObject({ transport: 'WSS', host: 'df7jal23ls0d.invalid' });
    expect(via.port).toBeUndefined();
  });
});

describe.each(NETWORKS)('SIP over WebSocket on the %s network (RFC 7118)', (kind) => {
  let world: TwoHosts;
  let server: SipEndpoint;
  let received: IncomingRequest[];
  const open: SipEndpoint[] = [];

  function endpoint(host: 'phone' | 'server', onRequest?: (incoming: IncomingRequest) => void): SipEndpoint {
    const { clock } = world;
    const random = new SeededRandom(host);
    const made = new SipEndpoint({ clock, random, network: world[host], ...(onRequest && { onRequest }) });
    open.push(made);
    return made;
  }

  beforeEach(async () => {
    world = await twoHosts(kind);
    received = [];
    server = endpoint('server', (incoming) => {
      received.push(incoming);
      incoming.respond(200);
    });
    server.listen('ws', 5066);
    server.listen('wss', 7443);
  });

  afterEach(async () => {
    for (const each of open.splice(0)) each.close();
    await world.clock.advance(60_000);
    expect(world.use()).toEqual({ streams: 0, sockets: 0, listeners: 0, requests: 0 });
    await world.close();
  });

  async function webSocket(): Promise<{ stream: ByteStream; messages: string[] }> {
    const stream = await world.finish(world.phone.connect(SERVER, WS));
    const messages: string[] = [];
    stream.onData = (message) => messages.push(text(message));
    return { stream, messages };
  }

  it.each([
    ['ws', 5066, 'WS'],
    ['wss', 7443, 'WSS'],
  ] as const)(
    '%s: a request and its response, each in a message of its own',
    async (transport, port, name) => {
      const phone = endpoint('phone');
      const target = { transport, host: 'server.example', port };
      const response = await world.finish(phone.request(request('MESSAGE', { body: bytes('😀') }), target));
      expect(response.status).toBe(200);
      const [incoming] = received;
      expect(incoming?.request.body).toEqual(bytes('😀'));
      const via = topVia(incoming!.request);
      expect(via).toMatchObject({ transport: name, host: expect.stringMatching(/^[^.]+\.invalid$/) });
      expect(via?.port).toBeUndefined();
      expect(via?.params.get('received')).toBe('phone.example');
      const messages = world.frames.filter(({ event }) => event === 'data');
      expect(messages.map(({ protocol }) => protocol)).toEqual([transport, transport]);
      expect(messages.map((frame) => parseSipMessage(frame.bytes!).kind)).toEqual(['request', 'response']);
    },
  );

  it('one client has one name in all its requests', async () => {
    const phone = endpoint('phone');
    const target = { transport: 'ws', ...SERVER } as const;
    for (const method of ['OPTIONS', 'MESSAGE']) await world.finish(phone.request(request(method), target));
    expect(new Set(received.map((one) => topVia(one.request)?.host)).size).toBe(1);
  });

  it('a request to a client goes over the connection that it opened, whatever its Contact says', async () => {
    const asked: IncomingRequest[] = [];
    const phone = endpoint('phone', (incoming) => {
      asked.push(incoming);
      incoming.respond(200);
    });
    await world.finish(phone.request(request('REGISTER'), { transport: 'ws', ...SERVER }));
    const { flow } = received[0]!;
    const contact = { transport: 'ws', host: 'df7jal23ls0d.invalid', port: 80 } as const;
    const answer = await world.finish(server.request(request('MESSAGE'), { ...contact, flow }));
    expect(answer.status).toBe(200);
    expect(topVia(asked[0]!.request)).toMatchObject({ transport: 'WS', host: 'server.example', port: 5066 });
    const nowhere = await world.finish(server.request(request('MESSAGE'), contact));
    expect(nowhere).toMatchObject({ status: 503, local: true });
  });

  it('a response whose connection is gone goes nowhere: nobody is dialled', async () => {
    server.close();
    await world.clock.advance(1_000);
    let late: IncomingRequest | undefined;
    const slow = endpoint('server', (incoming) => {
      late = incoming;
    });
    slow.listen('ws', 5066);
    const { stream } = await webSocket();
    const via = { name: 'Via', value: 'SIP/2.0/WS phone.example:5066;branch=z9hG4bKlate' };
    const message = request('OPTIONS');
    stream.write(writeSipMessage({ ...message, headers: [via, ...message.headers] }));
    await world.clock.advance(1_000);
    stream.close();
    await world.clock.advance(1_000);
    late?.respond(200);
    await world.clock.advance(40_000);
    expect(world.frames.filter(({ event }) => event === 'open')).toHaveLength(1);
  });

  it('a double CRLF is answered by one, and other line ends by nothing (RFC 5626 section 3.5.1)', async () => {
    const { stream, messages } = await webSocket();
    stream.write(bytes('\r\n\r\n'));
    stream.write(bytes('\r\n'));
    await world.clock.advance(1_000);
    expect(messages).toEqual(['\r\n']);
    stream.close();
  });

  it('a client pings so, too, and sees the pong', async () => {
    const phone = endpoint('phone');
    const { flow } = await world.finish(phone.request(request('OPTIONS'), { transport: 'ws', ...SERVER }));
    await expect(world.finish(phone.ping(flow!))).resolves.toBe(true);
  });

  it('a message that is no SIP costs itself only; the connection stays', async () => {
    const { stream, messages } = await webSocket();
    const good = request('OPTIONS');
    const via = { name: 'Via', value: 'SIP/2.0/WS x.invalid;branch=z9hG4bKafter' };
    stream.write(bytes('hello?'));
    stream.write(
      bytes('OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/WS x.invalid;branch=z9hG4bKbad\r\nCSeq: x\r\n\r\n'),
    );
    stream.write(writeSipMessage({ ...good, headers: [via, ...good.headers] }));
    await world.clock.advance(1_000);
    expect(messages.map((one) => one.slice(0, 11))).toEqual(['SIP/2.0 400', 'SIP/2.0 200']);
    expect(received).toHaveLength(1);
    stream.close();
  });

  it('a message split over two WebSocket messages is two broken ones, not one', async () => {
    const { stream } = await webSocket();
    const via = { name: 'Via', value: 'SIP/2.0/WS x.invalid;branch=z9hG4bKsplit' };
    const message = request('MESSAGE', { body: bytes('a body') });
    const whole = writeSipMessage({ ...message, headers: [via, ...message.headers] });
    stream.write(whole.slice(0, whole.length - 3));
    stream.write(whole.slice(whole.length - 3));
    await world.clock.advance(1_000);
    expect(received).toEqual([]);
    stream.close();
  });

  it('a client that offers another subprotocol is refused', async () => {
    const attempt = world.finish(world.phone.connect(SERVER, { secure: false, webSocket: 'msrp' }));
    await expect(attempt).rejects.toMatchObject({ code: 'refused' });
  });

  it('Content-Length may be absent: the message has its border (RFC 3261 section 18.3)', async () => {
    const { stream, messages } = await webSocket();
    const lines = ['Via: SIP/2.0/WS x.invalid;branch=z9hG4bKnolength', 'Max-Forwards: 70'];
    const fields = request('MESSAGE').headers.map(({ name, value }) => `${name}: ${value}`);
    stream.write(bytes(['MESSAGE sip:b SIP/2.0', ...lines, ...fields, '', 'the body'].join('\r\n')));
    await world.clock.advance(1_000);
    expect(text(received[0]!.request.body)).toBe('the body');
    expect(header(parseSipMessage(bytes(messages[0]!)), 'CSeq')).toBe('1 MESSAGE');
    stream.close();
  });
});
