import {
  type ByteStream,
  type Endpoint,
  NetworkError,
  type WebSocketProtocol,
} from '../../../stack/platform.ts';
import { isCut, type Path } from '../link.ts';
import { type DeliveryClock, LinkQueue } from '../link-queue.ts';
import { unacknowledged } from '../simulated-stream.ts';
import { streamProtocol, type TappedFrame } from '../tap.ts';
import type { SocketLimits } from './limits.ts';
import { type End, otherEnd, type Pair } from './traffic.ts';
import type { Wire } from './wire.ts';

/** What the streams of a network share. */
export interface StreamWorld {
  readonly clock: DeliveryClock;
  readonly limits: SocketLimits;
  readonly tap: (frame: TappedFrame) => void;
  readonly opened: (stream: SocketStream) => void;
  /** The stream is closed as its owner sees it; its socket may still be closing. */
  readonly ended: (stream: SocketStream) => void;
  readonly gone: (stream: SocketStream) => void;
}

export interface StreamEnds {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly secure: boolean;
  readonly webSocket?: WebSocketProtocol | undefined;
  readonly path: Path;
  readonly end: End;
  readonly connection: number;
  /** When both ends are in this process: each taps what it sends. Else this end taps what it receives, too. */
  readonly pair?: Pair | undefined;
}

type Segment =
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'fin' }
  | { readonly kind: 'reset' };

/** A stream over a real connection, behind the links of its path. */
export class SocketStream implements ByteStream {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly secure: boolean;
  readonly webSocket?: WebSocketProtocol;
  readonly #world: StreamWorld;
  readonly #ends: StreamEnds;
  readonly #wire: Wire;
  readonly #way: LinkQueue<Segment>;
  /** What came before there was a handler. */
  #early: Uint8Array[] = [];
  #onData: ((bytes: Uint8Array) => void) | undefined;
  #onClose: ((error?: NetworkError) => void) | undefined;
  #closedEarly: { readonly error: NetworkError | undefined } | undefined;
  #open = true;
  #gone = false;

  constructor(world: StreamWorld, wire: Wire, ends: StreamEnds) {
    this.#world = world;
    this.#wire = wire;
    this.#ends = ends;
    this.local = ends.local;
    this.remote = ends.remote;
    this.secure = ends.secure;
    if (ends.webSocket !== undefined) this.webSocket = ends.webSocket;
    this.#way = new LinkQueue<Segment>({
      clock: world.clock,
      path: ends.path,
      arrive: (segment) => this.#put(segment),
      giveUp: () => this.#break(new NetworkError('timeout', unacknowledged(ends.remote))),
    });
    wire.onData = (bytes) => this.#receive(bytes);
    wire.onEnd = () => this.#receiveEnd();
    wire.onGone = (error) => this.#receiveGone(error);
    ends.pair?.arrived(ends.end);
    world.opened(this);
  }

  get onData(): ((bytes: Uint8Array) => void) | undefined {
    return this.#onData;
  }

  set onData(handler: ((bytes: Uint8Array) => void) | undefined) {
    this.#onData = handler;
    if (handler !== undefined && this.#early.length > 0) queueMicrotask(() => this.#catchUp());
  }

  get onClose(): ((error?: NetworkError) => void) | undefined {
    return this.#onClose;
  }

  set onClose(handler: ((error?: NetworkError) => void) | undefined) {
    this.#onClose = handler;
    if (handler !== undefined && this.#closedEarly !== undefined) queueMicrotask(() => this.#catchUp());
  }

  write(bytes: Uint8Array): void {
    if (!this.#open || bytes.length === 0) return;
    this.#record('data', bytes);
    this.#way.send({ kind: 'data', bytes: bytes.slice() });
  }

  close(): void {
    if (!this.#open) return;
    this.#record('close');
    this.#finish();
    this.#way.send({ kind: 'fin' });
  }

  /** The end is gone (its host lost power or radio): nothing more arrives here, and the peer is not told. */
  abandon(): void {
    if (this.#open) this.#finish();
  }

  /** Ends the real connection, whatever the links say. */
  destroy(): void {
    this.#wire.destroy();
  }

  #put(segment: Segment): void {
    if (this.#gone) return;
    const { pair, end } = this.#ends;
    if (segment.kind === 'reset') {
      this.#wire.reset();
      return;
    }
    if (segment.kind === 'fin') {
      pair?.sent(otherEnd(end), 1);
      this.#wire.end();
      return;
    }
    pair?.sent(otherEnd(end), segment.bytes.length);
    this.#wire.send(segment.bytes);
    const { queuedOctets } = this.#world.limits;
    if (this.#wire.queued <= queuedOctets) return;
    this.#wire.reset();
    const slow = `${this.remote.host} left more than ${queuedOctets} octets unread`;
    this.#break(new NetworkError('reset', slow));
  }

  #receive(bytes: Uint8Array): void {
    this.#ends.pair?.got(this.#ends.end, bytes.length);
    if (!this.#open) {
      // Data for an end that no longer exists is answered by a reset (RFC 9293 section 3.5.2).
      if (this.#gone) return;
      this.#record('reset');
      this.#way.send({ kind: 'reset' });
      return;
    }
    if (this.#ends.pair === undefined) this.#recordArrival('data', bytes);
    if (this.#onData !== undefined && this.#early.length === 0) {
      this.#onData(bytes);
      return;
    }
    this.#early.push(bytes);
    const held = this.#early.reduce((sum, one) => sum + one.length, 0);
    if (held > this.#world.limits.queuedOctets) this.destroy();
  }

  #catchUp(): void {
    while (this.#onData !== undefined && this.#early.length > 0) this.#onData(this.#early.shift()!);
    const closed = this.#closedEarly;
    if (closed === undefined || this.#onClose === undefined) return;
    this.#closedEarly = undefined;
    this.#onClose(closed.error);
  }

  #receiveEnd(): void {
    if (!this.#open) return;
    if (this.#ends.pair === undefined) this.#recordArrival('close');
    this.#break(undefined);
  }

  #receiveGone(error: NetworkError | undefined): void {
    if (this.#gone) return;
    this.#gone = true;
    if (this.#open) {
      if (this.#ends.pair === undefined) this.#recordArrival('reset');
      this.#break(error ?? new NetworkError('reset', `${this.remote.host} broke the connection`));
    }
    this.#ends.pair?.gone(this.#ends.end);
    this.#world.gone(this);
  }

  #break(error: NetworkError | undefined): void {
    if (!this.#open) return;
    this.#finish();
    if (this.#onClose !== undefined && this.#early.length === 0) this.#onClose(error);
    else this.#closedEarly = { error };
  }

  #finish(): void {
    this.#open = false;
    this.#world.ended(this);
  }

  #record(event: 'data' | 'close' | 'reset', bytes?: Uint8Array): void {
    const cut = isCut(this.#ends.path);
    const link = (cut ?? this.#ends.path[0])?.name ?? 'socket';
    this.#tap(event, this.local, this.remote, cut ? 'unreachable' : 'delivered', link, bytes);
  }

  #recordArrival(event: 'data' | 'close' | 'reset', bytes?: Uint8Array): void {
    this.#tap(event, this.remote, this.local, 'delivered', 'socket', bytes);
  }

  #tap(
    event: 'data' | 'close' | 'reset',
    from: Endpoint,
    to: Endpoint,
    fate: TappedFrame['fate'],
    link: string,
    bytes?: Uint8Array,
  ): void {
    const protocol = streamProtocol(this);
    const { connection } = this.#ends;
    const seen = { protocol, from, to, connection, event, fate, link };
    this.#world.tap(bytes === undefined ? seen : { ...seen, bytes: bytes.slice() });
  }
}
