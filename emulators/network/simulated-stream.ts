import { type ByteStream, type Endpoint, NetworkError } from '../../stack/platform.ts';
import { isCut, type Path, reliableDelay } from './link.ts';
import type { Tap } from './tap.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** A peer that can't be reached for this long is given up: the stream breaks with `timeout`. */
const GIVE_UP_MS = 60_000;

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
  readonly connection: number;
  onData: ((bytes: Uint8Array) => void) | undefined;
  onClose: ((error?: NetworkError) => void) | undefined;

  readonly #world: StreamWorld;
  readonly #path: Path;
  #peer: SimulatedStream | undefined;
  #open = true;
  #lastArrival = 0;
  readonly #held: Segment[] = [];

  constructor(
    world: StreamWorld,
    path: Path,
    local: Endpoint,
    remote: Endpoint,
    secure: boolean,
    connection: number,
  ) {
    this.#world = world;
    this.#path = path;
    this.local = local;
    this.remote = remote;
    this.secure = secure;
    this.connection = connection;
  }

  static join(a: SimulatedStream, b: SimulatedStream): void {
    a.#peer = b;
    b.#peer = a;
  }

  write(bytes: Uint8Array): void {
    if (!this.#open || bytes.length === 0) return;
    this.#record('data', bytes);
    this.#transmit({ kind: 'data', bytes: bytes.slice() });
  }

  close(): void {
    if (!this.#open) return;
    this.#record('close');
    this.#end();
    this.#transmit({ kind: 'fin' });
  }

  /** The end is gone (its host lost power or radio): nothing more arrives here, and the peer is not told. */
  abandon(): void {
    if (this.#open) this.#end();
  }

  #record(event: 'data' | 'close' | 'reset', bytes?: Uint8Array): void {
    const cut = isCut(this.#path);
    this.#world.tap({
      protocol: this.secure ? 'tls' : 'tcp',
      from: this.local,
      to: this.remote,
      connection: this.connection,
      event,
      fate: cut ? 'unreachable' : 'delivered',
      link: (cut ?? this.#path[0]!).name,
      ...(bytes && { bytes: bytes.slice() }),
    });
  }

  #transmit(segment: Segment): void {
    if (this.#held.length > 0) {
      this.#held.push(segment);
      return;
    }
    const cut = isCut(this.#path);
    if (cut) {
      this.#hold(segment, cut);
      return;
    }
    const arrival = Math.max(this.#lastArrival, this.#world.clock.now() + reliableDelay(this.#path));
    this.#lastArrival = arrival;
    const peer = this.#peer;
    if (peer) this.#world.clock.deliverAfter(arrival - this.#world.clock.now(), () => peer.#receive(segment));
  }

  #hold(segment: Segment, cut: { whenHealed(resume: () => void): void }): void {
    this.#held.push(segment);
    const giveUp = this.#world.clock.deliverAfter(GIVE_UP_MS, () => {
      this.#held.length = 0;
      this.#break(
        new NetworkError('timeout', `${this.remote.host} did not acknowledge for ${GIVE_UP_MS / 1000} s`),
      );
    });
    cut.whenHealed(() => {
      giveUp.cancel();
      for (const waiting of this.#held.splice(0)) this.#transmit(waiting);
    });
  }

  #receive(segment: Segment): void {
    if (!this.#open) {
      // Data for an end that no longer exists is answered by a reset (RFC 9293 section 3.5.2).
      if (segment.kind === 'data') {
        this.#record('reset');
        this.#transmit({ kind: 'reset' });
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
