/** A trace as a capture that Wireshark and tshark open. */
import type { FrameEntry, TraceEntry, WireProtocol, WorldEntry } from '../trace.ts';
import { traceBytes } from '../trace-lines.ts';
import { Addresses, plainPort } from './addresses.ts';
import { relayUnit } from './exported-pdu.ts';
import { type IpEndpoint, MAX_DATAGRAM, udpPacket } from './ip-packet.ts';
import {
  concat,
  enhancedPacket,
  interfaceDescription,
  LINK_TYPE,
  nameResolution,
  type Packet,
  sectionHeader,
} from './pcapng.ts';
import { TcpConversation } from './tcp-conversation.ts';
import { upgradeRequest, upgradeResponse, webSocketFrame } from './web-socket.ts';

const IP_INTERFACE = 0;
const SMS_INTERFACE = 1;

interface Conversation {
  readonly tcp: TcpConversation;
  readonly client: { readonly host: string; readonly port: number };
  /** Of the frames of this connection. */
  readonly last: number;
}

/**
 * The frames of a trace as pcapng: IPv4 with made-up addresses and the names that belong to them, real UDP and TCP
 * headers, the trace's time. `startMs`: time 0 in milliseconds since the Unix epoch, where the trace does not say it.
 *
 * What was recorded before encryption stands on plain TCP, with port 5060 for 5061 and 80 for 443. A comment on the
 * packet that ends a frame says so, and names the entry of the trace. Handshakes of TCP and WebSocket are made up.
 * Circuit-switched SMS stands as exported PDUs on an interface of its own.
 */
export function captureOf(trace: readonly TraceEntry[], startMs: number): Uint8Array {
  const world = trace.find((entry): entry is WorldEntry => entry.kind === 'world');
  const frames = trace.filter((entry) => entry.kind === 'frame');
  const addresses = new Addresses();
  for (const { host } of world?.hosts ?? []) addresses.of(host);
  const packets = new Rendering(frames, addresses, world?.startMs ?? startMs).packets();
  const withSms = frames.some(({ protocol }) => protocol === 'cs');
  const about = [`case ${world?.caseId ?? 'unknown'}`, `seed ${world?.seed ?? 'unknown'}`].join('\n');
  return concat([
    sectionHeader('Parley', about),
    interfaceDescription(LINK_TYPE.rawIp, 'IP'),
    ...(withSms ? [interfaceDescription(LINK_TYPE.upperPdu, 'circuit-switched SMS')] : []),
    nameResolution(addresses.made),
    ...packets.map(enhancedPacket),
  ]);
}

class Rendering {
  readonly #frames: readonly FrameEntry[];
  readonly #addresses: Addresses;
  readonly #startMs: number;
  readonly #conversations = new Map<number, Conversation>();
  readonly #last = new Map<number, number>();
  readonly #firstBytes = new Map<number, Uint8Array>();
  readonly #packets: Packet[] = [];

  constructor(frames: readonly FrameEntry[], addresses: Addresses, startMs: number) {
    this.#frames = frames;
    this.#addresses = addresses;
    this.#startMs = startMs;
    for (const { connection, n, bytes } of frames) {
      this.#last.set(connection, n);
      if (bytes && !this.#firstBytes.has(connection)) this.#firstBytes.set(connection, traceBytes(bytes));
    }
  }

  packets(): Packet[] {
    for (const frame of this.#frames) {
      if (frame.protocol === 'cs') this.#sms(frame);
      else if (frame.protocol === 'udp') this.#datagram(frame);
      else this.#stream(frame);
    }
    return this.#packets;
  }

  #sms(frame: FrameEntry): void {
    const [from, to] = [this.#addresses.of(frame.from), this.#addresses.of(frame.to)];
    this.#add(frame, [relayUnit(from, to, octets(frame))], told(frame), SMS_INTERFACE);
  }

  #datagram(frame: FrameEntry): void {
    const payload = octets(frame);
    const cut = payload.length > MAX_DATAGRAM ? [`only ${MAX_DATAGRAM} of ${payload.length} octets`] : [];
    const { from, to } = this.#ends(frame);
    const comment = [told(frame), ...cut].join(', ');
    this.#add(frame, [udpPacket(from, to, payload.subarray(0, MAX_DATAGRAM))], comment);
  }

  #stream(frame: FrameEntry): void {
    const { tcp, client, last } = this.#conversation(frame);
    const fromClient = frame.from === client.host && frame.fromPort === client.port;
    if (frame.event === 'close') this.#add(frame, tcp.close(fromClient), told(frame));
    else if (frame.event === 'reset') this.#add(frame, tcp.reset(fromClient), told(frame));
    else if (frame.event !== 'open')
      this.#add(frame, tcp.data(fromClient, payloadOf(frame, fromClient)), told(frame));
    if (frame.n !== last) return;
    // The client of an HTTP exchange goes when it has its answer.
    if (frame.event === 'response') this.#add(frame, tcp.close(!fromClient), MADE_UP);
    this.#add(frame, tcp.finish(), MADE_UP);
  }

  #conversation(frame: FrameEntry): Conversation {
    const known = this.#conversations.get(frame.connection);
    if (known) return known;
    const { from, to } = this.#ends(frame);
    const begun: Conversation = {
      tcp: new TcpConversation(from, to),
      client: { host: frame.from, port: frame.fromPort },
      last: this.#last.get(frame.connection)!,
    };
    this.#conversations.set(frame.connection, begun);
    this.#add(frame, begun.tcp.open(), MADE_UP);
    if (WEB_SOCKETS.has(frame.protocol)) this.#upgrade(frame, begun.tcp);
    return begun;
  }

  /** The subprotocol is told by what the stream carries: a trace doesn't name it. */
  #upgrade(frame: FrameEntry, tcp: TcpConversation): void {
    const first = this.#firstBytes.get(frame.connection) ?? new Uint8Array();
    const protocol = Buffer.from(first.subarray(0, 5)).toString('latin1') === 'MSRP ' ? 'msrp' : 'sip';
    this.#add(frame, tcp.data(true, upgradeRequest(frame.to, protocol)), MADE_UP);
    this.#add(frame, tcp.data(false, upgradeResponse(protocol)), MADE_UP);
  }

  #ends(frame: FrameEntry): { from: IpEndpoint; to: IpEndpoint } {
    const port = SECURE.has(frame.protocol) ? plainPort : (given: number) => given;
    return {
      from: { address: this.#addresses.of(frame.from), port: port(frame.fromPort) },
      to: { address: this.#addresses.of(frame.to), port: port(frame.toPort) },
    };
  }

  /** Of several packets for one frame the last is commented: there a message that took them all is dissected. */
  #add(frame: FrameEntry, packets: readonly Uint8Array[], comment: string, onto = IP_INTERFACE): void {
    const time = Math.round((this.#startMs + frame.t) * 1_000);
    packets.forEach((bytes, i) => {
      this.#packets.push({ interface: onto, time, bytes, ...(i === packets.length - 1 && { comment }) });
    });
  }
}

const SECURE: ReadonlySet<WireProtocol> = new Set<WireProtocol>(['tls', 'https', 'wss']);
const WEB_SOCKETS: ReadonlySet<WireProtocol> = new Set<WireProtocol>(['ws', 'wss']);
const MADE_UP = 'made up: a trace tells that a stream opened or closed, not its packets';

const octets = ({ bytes }: FrameEntry): Uint8Array =>
  bytes === undefined ? new Uint8Array() : traceBytes(bytes);

function payloadOf(frame: FrameEntry, fromClient: boolean): Uint8Array {
  if (!WEB_SOCKETS.has(frame.protocol)) return octets(frame);
  return webSocketFrame(octets(frame), frame.bytes !== undefined && 'text' in frame.bytes, fromClient);
}

/** Where the frame stands in the trace, and what the packet does not show of it. */
function told({ n, protocol, fate, link, fromPort, toPort, connection }: FrameEntry): string {
  const hidden = SECURE.has(protocol)
    ? [`recorded before encryption (${protocol}, ports ${fromPort} to ${toPort})`]
    : [];
  const lost = fate === 'delivered' ? [] : [`${fate} on link ${link}`];
  return [`trace entry ${n}`, `connection ${connection}`, ...hidden, ...lost].join(', ');
}
