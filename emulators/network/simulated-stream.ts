import {
  type ByteStream,
  type Endpoint,
  type ListenOptions,
  NetworkError,
  type WebSocketProtocol,
} from '../../stack/platform.ts';
import { isCut, type Path } from './link.ts';
import { GIVE_UP_MS, LinkQueue } from './link-queue.ts';
import { streamProtocol, type Tap } from './tap.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface StreamWorld {
  readonly clock: VirtualClock;
  readonly tap: Tap;
  /** Called when an end closes, so that open ends can be counted. */
  readonly ended: (stream: SimulatedStream) => void;
}

type Segment =
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'fin' }
  | { readonly kind: 'reset' };

/** One end of a TCP-like stream: ordered, reliable, loss shows as delay, a cut link holds what was written. */
export class SimulatedStream implements ByteStream {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly secure: boolean;
  readonly webSocket?: WebSocketProtocol;
  readonly connection: number;
  onData: ((bytes: Uint8Array) => void) | undefined;
  onClose: ((error?: NetworkError) => void) | undefined;

  readonly #world: StreamWorld;
  readonly #path: Path;
  #peer: SimulatedStream | undefined;
  #open = true;
  readonly #way: LinkQueue<Segment>;

  constructor(
    world: StreamWorld,
    path: Path,
    local: Endpoint,
    remote: Endpoint,
    { secure, webSocket }: ListenOptions,
    connection: number,
  ) {
    this.#world = world;
    this.#path = path;
    this.local = local;
    this.remote = remote;
    this.secure = secure;
    if (webSocket !== undefined) this.webSocket = webSocket;
    this.connection = connection;
    this.#way = new LinkQueue<Segment>({
      clock: world.clock,
      path,
      arrive: (segment) => {
        if (this.#peer) this.#peer.#receive(segment);
      },
      giveUp: () => this.#break(new NetworkError('timeout', unacknowledged(remote))),
    });
  }

  static join(a: SimulatedStream, b: SimulatedStream): void {
    a.#peer = b;
    b.#peer = a;
  }

  write(bytes: Uint8Array): void {
    if (!this.#open || bytes.length === 0) return;
    this.#record('data', bytes);
    this.#way.send({ kind: 'data', bytes: bytes.slice() });
  }

  close(): void {
    if (!this.#open) return;
    this.#record('close');
    this.#end();
    this.#way.send({ kind: 'fin' });
  }

  /** The end is gone (its host lost power or radio): nothing more arrives here, and the peer is not told. */
  abandon(): void {
    if (this.#open) this.#end();
  }

  #record(event: 'data' | 'close' | 'reset', bytes?: Uint8Array): void {
    const cut = isCut(this.#path);
    this.#world.tap({
      protocol: streamProtocol(this),
      from: this.local,
      to: this.remote,
      connection: this.connection,
      event,
      fate: cut ? 'unreachable' : 'delivered',
      link: (cut ?? this.#path[0]!).name,
      ...(bytes && { bytes: bytes.slice() }),
    });
  }

  #receive(segment: Segment): void {
    if (!this.#open) {
      // Data for an end that no longer exists is answered by a reset (RFC 9293 section 3.5.2).
      if (segment.kind === 'data') {
        this.#record('reset');
        this.#way.send({ kind: 'reset' });
      }
      return;
    }
    if (segment.kind === 'data') this.onData?.(segment.bytes);
    else if (segment.kind === 'reset')
      this.#break(new NetworkError('reset', `${this.remote.host} reset the connection`));
    else this.#break(undefined);
  }

  #break(error: NetworkError | undefined): void {
    if (!this.#open) return;
    this.#end();
    this.onClose?.(error);
  }

  #end(): void {
    this.#open = false;
    this.#world.ended(this);
  }
}

/** What the error of a stream whose peer was out of reach for too long says. */
export function unacknowledged({ host }: Endpoint): string {
  return `${host} did not acknowledge for ${GIVE_UP_MS / 1000} s`;
}
