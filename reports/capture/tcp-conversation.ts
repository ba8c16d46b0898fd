/** One stream of a trace as TCP segments: a trace has the bytes, and when the stream opened and closed; the rest is made up. */
import { type IpEndpoint, TCP_FLAG, tcpPacket } from './ip-packet.ts';

interface End {
  readonly at: IpEndpoint;
  /** Sequence number of the next octet; each end begins at 0. */
  next: number;
  closed: boolean;
}

const { ack, fin, psh, rst, syn } = TCP_FLAG;
/**
 * As on a loopback interface: a frame is one packet where it can be. Wireshark does not join segments of SIP whose
 * Content-Length is in its compact form.
 */
const MAX_SEGMENT = 65_495;
/** MSS and window scaling by 14 (RFC 9293 section 3.2, RFC 7323 section 2.2), NOPs between. */
const SYN_OPTIONS = Uint8Array.of(2, 4, MAX_SEGMENT >> 8, MAX_SEGMENT & 0xff, 1, 3, 3, 14);
const NOTHING = new Uint8Array();

/**
 * Every method gives the IP packets that stand for what happened. An end acknowledges what was captured before, since
 * a trace does not tell when bytes arrived.
 */
export class TcpConversation {
  readonly #client: End;
  readonly #server: End;
  #over = false;

  constructor(client: IpEndpoint, server: IpEndpoint) {
    this.#client = { at: client, next: 0, closed: false };
    this.#server = { at: server, next: 0, closed: false };
  }

  open(): Uint8Array[] {
    return [
      this.#segment(this.#client, syn, NOTHING, SYN_OPTIONS),
      this.#segment(this.#server, syn | ack, NOTHING, SYN_OPTIONS),
      this.#segment(this.#client, ack),
    ];
  }

  data(fromClient: boolean, bytes: Uint8Array): Uint8Array[] {
    const sender = this.#end(fromClient);
    const packets: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += MAX_SEGMENT) {
      const last = at + MAX_SEGMENT >= bytes.length;
      const payload = bytes.subarray(at, at + MAX_SEGMENT);
      packets.push(this.#segment(sender, last ? psh | ack : ack, payload));
    }
    return packets;
  }

  close(fromClient: boolean): Uint8Array[] {
    const sender = this.#end(fromClient);
    if (sender.closed || this.#over) return [];
    sender.closed = true;
    return [this.#segment(sender, fin | ack), this.#segment(this.#end(!fromClient), ack)];
  }

  reset(fromClient: boolean): Uint8Array[] {
    this.#over = true;
    return [this.#segment(this.#end(fromClient), rst | ack)];
  }

  /** The end that only hears that the other has closed leaves no frame in a trace. */
  finish(): Uint8Array[] {
    if (this.#client.closed === this.#server.closed) return [];
    return this.close(this.#server.closed);
  }

  #end(client: boolean): End {
    return client ? this.#client : this.#server;
  }

  #segment(
    from: End,
    flags: number,
    payload: Uint8Array = NOTHING,
    options: Uint8Array = NOTHING,
  ): Uint8Array {
    const to = from === this.#client ? this.#server : this.#client;
    const acknowledgment = (flags & ack) === 0 ? 0 : to.next % 2 ** 32;
    const segment = { sequence: from.next % 2 ** 32, acknowledgment, flags, options, payload };
    // SYN and FIN count as an octet (RFC 9293 section 3.4).
    from.next += payload.length + ((flags & (syn | fin)) === 0 ? 0 : 1);
    return tcpPacket(from.at, to.at, segment);
  }
}
