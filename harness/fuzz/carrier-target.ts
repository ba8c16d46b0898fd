/**
 * A running carrier in virtual time, attacked by one of its own subscribers: over TLS and UDP, registered. Every
 * request must be answered, every stream whose end of message is lost must be closed, and the carrier must go on.
 */

import { carrierHosts, EDGE_PORTS, homeDomain } from '../../emulators/carrier/config.ts';
import { Link } from '../../emulators/network/link.ts';
import { SeededRandom } from '../../emulators/network/seeded-random.ts';
import type { Case } from '../../matrix/schema/case.ts';
import type { ByteStream } from '../../stack/platform.ts';
import { digestAuthorization, parseChallenge } from '../../stack/rcs/sip/digest.ts';
import { header } from '../../stack/rcs/sip/headers.ts';
import {
  parseSipMessage,
  type SipMessage,
  SipParseError,
  writeSipMessage,
} from '../../stack/rcs/sip/message.ts';
import { checkRequest } from '../../stack/rcs/sip/request-check.ts';
import { StreamFramer } from '../../stack/rcs/sip/stream-framer.ts';
import { carrierConfig } from '../world/carrier-config.ts';
import { buildWorld } from '../world/world.ts';
import { simulatedBase } from '../world/world-network.ts';
import type { FuzzTarget } from './target.ts';

/** Virtual milliseconds: longer than SIP's Timer F, after which a forwarded request is answered 408. */
const ANSWER_MS = 40_000;
const SETTLE_MS = 200;
const HOST = 'attacker.ue.example';

export function carrierTarget(cell: Case, corpus: readonly Uint8Array[]): FuzzTarget {
  const world = buildWorld(cell, simulatedBase());
  const { clock } = world;
  const config = carrierConfig(cell, 'A');
  const subscriber = config.subscribers.find(({ rcs }) => rcs)!;
  const { pcscf } = carrierHosts(config);
  const link = new Link('attacker', { latencyMs: 1, jitterMs: 0, loss: 0 }, new SeededRandom('attacker'));
  const network = world.network.addHost(HOST, { access: [link], zone: 'A' });
  const socket = network.datagram(5060);
  let datagrams = 0;
  socket.onMessage = () => {
    datagrams += 1;
  };
  let line: Line | undefined;
  let cseq = 0;
  let attempts = 0;

  const settled = async <T>(promise: Promise<T>): Promise<T> => {
    let over = false;
    promise.then(
      () => {
        over = true;
      },
      () => {
        over = true;
      },
    );
    if (!(await clock.runUntil(() => over, ANSWER_MS))) throw new Error('the carrier hangs');
    return promise;
  };

  const register = async (stream: Line): Promise<void> => {
    const uri = `sip:${homeDomain(config)}`;
    const identity = `<sip:${subscriber.msisdn}@${homeDomain(config)}>`;
    const username = `${subscriber.imsi}@${homeDomain(config)}`;
    const ask = async (authorization: string): Promise<SipMessage> => {
      cseq += 1;
      const before = stream.received.length;
      stream.write(
        writeSipMessage({
          kind: 'request',
          method: 'REGISTER',
          uri,
          headers: [
            { name: 'Via', value: `SIP/2.0/TLS ${HOST}:5061;branch=z9hG4bKregister${cseq}` },
            { name: 'Max-Forwards', value: '70' },
            { name: 'From', value: `${identity};tag=a` },
            { name: 'To', value: identity },
            { name: 'Call-ID', value: `attacker@${HOST}` },
            { name: 'CSeq', value: `${cseq} REGISTER` },
            {
              name: 'Contact',
              value: `<sip:a@${HOST}:5061;transport=tls>;+sip.instance="<urn:uuid:a>";reg-id=1`,
            },
            { name: 'Authorization', value: authorization },
          ],
          body: new Uint8Array(0),
        }),
      );
      await clock.runUntil(() => stream.received.length > before || stream.closed, ANSWER_MS);
      const answer = stream.received[before];
      if (answer === undefined) throw new Error('REGISTER got no answer');
      return answer;
    };
    const challenged = await ask(
      `Digest username="${username}", realm="${homeDomain(config)}", nonce="", uri="${uri}", response=""`,
    );
    const challenge = parseChallenge(header(challenged, 'WWW-Authenticate') ?? '');
    if (challenge === undefined) throw new Error('REGISTER was not challenged');
    const { password } = subscriber;
    const response = await ask(
      digestAuthorization({ challenge, username, password, method: 'REGISTER', uri, cnonce: 'c', nc: 1 }),
    );
    if (response.kind !== 'response' || response.status !== 200) throw new Error('REGISTER was refused');
  };

  const registeredLine = async (): Promise<Line> => {
    if (line?.closed !== false) {
      line = new Line(
        await settled(network.connect({ host: pcscf, port: EDGE_PORTS.tls }, { secure: true })),
      );
      await register(line);
    }
    return line;
  };

  return {
    name: 'carrier',
    kind: 'text',
    corpus,
    async attempt(altered, origin) {
      const input = ofItsOwn(altered, ++attempts);
      if (origin % 4 === 0) {
        const before = datagrams;
        socket.send({ host: pcscf, port: EDGE_PORTS.udp }, input);
        const answerable = asksForAnswer(() => parseSipMessage(input));
        await clock.runUntil(() => datagrams > before, answerable ? ANSWER_MS : SETTLE_MS);
        // A response goes where Via says, which need not be back here: whether one came proves nothing.
        return 'accepted';
      }
      const stream = await registeredLine();
      const before = stream.received.length;
      const { answered, lost, incomplete } = expectation(input);
      stream.write(input);
      const over = () => stream.closed || (answered && !lost && stream.received.length > before);
      await clock.runUntil(over, answered || lost ? ANSWER_MS : SETTLE_MS);
      if (answered && !over()) throw new Error('a request got no answer');
      if (lost && !stream.closed) throw new Error('the end of the message is lost, and the stream is open');
      if (incomplete) stream.close();
      return lost ? 'refused' : 'accepted';
    },
    async finish() {
      line?.close();
      const last = new Line(
        await settled(network.connect({ host: pcscf, port: EDGE_PORTS.tls }, { secure: true })),
      );
      await register(last);
      last.close();
      socket.close();
      for (const { phone } of world.handsets.values()) phone.close();
      for (const carrier of world.carriers.values()) carrier.close();
      await clock.runUntil(() => world.network.use().streams === 0, 120_000);
      const { streams, sockets, listeners, requests } = world.network.use();
      const left = streams + sockets + listeners + requests + clock.pendingTimers;
      if (left > 0) throw new Error(`the closed carrier holds ${left} streams, sockets, listeners or timers`);
    },
  };
}

/** With branches that no earlier input had: a request with a known one is a retransmission, and answered as that. */
function ofItsOwn(input: Uint8Array, number: number): Uint8Array {
  const text = Buffer.from(input).toString('latin1').replaceAll('z9hG4bK', `z9hG4bK${number}x`);
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

/**
 * What must follow an input on a stream: an answer, or the end of the stream where the end of a message is lost; and
 * whether its last message is still incomplete.
 */
function expectation(input: Uint8Array): { answered: boolean; lost: boolean; incomplete: boolean } {
  const framer = new StreamFramer();
  const frames = framer.push(input).filter((frame) => typeof frame === 'object');
  const lost = frames.some((frame) => frame.kind === 'malformed' && frame.fatal);
  const answered = frames.some((frame) => frame.kind !== 'malformed' && asksForAnswer(() => frame));
  // A ping is seen as one only when all before it is complete.
  const incomplete = !lost && !framer.push(Buffer.from('\r\n\r\n')).includes('ping');
  return { answered, lost, incomplete };
}

/** A well-formed request other than ACK. */
function asksForAnswer(read: () => SipMessage): boolean {
  try {
    const message = read();
    if (message.kind !== 'request' || message.method === 'ACK') return false;
    checkRequest(message);
    return true;
  } catch (error) {
    if (error instanceof SipParseError) return false;
    throw error;
  }
}

/** A stream and what came on it. */
class Line {
  readonly received: SipMessage[] = [];
  closed = false;
  readonly #stream: ByteStream;

  constructor(stream: ByteStream) {
    this.#stream = stream;
    const framer = new StreamFramer({ dialling: true });
    stream.onData = (bytes) => {
      for (const frame of framer.push(bytes)) {
        if (typeof frame === 'string') continue;
        if (frame.kind === 'malformed') throw frame.error;
        this.received.push(frame);
      }
    };
    stream.onClose = () => {
      this.closed = true;
    };
  }

  write(bytes: Uint8Array): void {
    this.#stream.write(bytes);
  }

  close(): void {
    this.closed = true;
    this.#stream.close();
  }
}
