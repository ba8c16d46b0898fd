/** What a load process is told to do, and what it tells. */
import type { LoadTransport } from '../../ports/load-socket.ts';
import type { LoadAccount } from './load-phone.ts';

/** `register`: REGISTER, challenge, REGISTER, 200. `relay`: a text from one phone to another, and its receipt back. */
export type Op = 'register' | 'relay';

export interface Place {
  readonly host: string;
  readonly port: number;
}

export type Job =
  /** Opens a connection for each account and registers them all; before it every earlier phone is gone. */
  | {
      readonly kind: 'open';
      readonly transport: LoadTransport;
      readonly server: Place;
      readonly authorities: readonly string[];
      readonly accounts: readonly LoadAccount[];
    }
  /** As many at once as there are phones, or pairs of them, each beginning anew when it is done. */
  | { readonly kind: 'run'; readonly op: Op; readonly ms: number }
  /** The same bytes to a server that sends them back. */
  | { readonly kind: 'echo'; readonly op: Op; readonly ms: number; readonly echo: Place }
  /** Texts at a fixed rate, whatever comes back; then waits until all that was accepted came, for at most `graceMs`. */
  | { readonly kind: 'flood'; readonly perSecond: number; readonly ms: number; readonly graceMs: number }
  /** Registers accounts over UDP from one port, which is free again when this is done. */
  | {
      readonly kind: 'register-at';
      readonly server: Place;
      readonly accounts: readonly LoadAccount[];
      readonly port: number;
    }
  /** Asks for a nonce for each account. */
  | { readonly kind: 'challenge'; readonly server: Place; readonly accounts: readonly LoadAccount[] }
  | { readonly kind: 'close' };

export interface RunFigures {
  /** How many were done, each with its milliseconds. */
  readonly latencies: Float64Array;
  readonly ms: number;
  /** Ended with another status than they should. */
  readonly failed: number;
  readonly retransmissions: number;
}

export interface FloodFigures {
  readonly ms: number;
  readonly sent: number;
  readonly accepted: number;
  /** 503 with Retry-After. */
  readonly refused: number;
  /** Any other answer. */
  readonly otherwise: number;
  readonly unanswered: number;
  /** Accepted and delivered exactly once, never, more than once; and delivered though they were refused. */
  readonly delivered: number;
  readonly lost: number;
  readonly repeated: number;
  readonly uninvited: number;
  readonly retransmissions: number;
  /** From sending to the answer of those accepted, and of those refused. */
  readonly acceptedMs: Float64Array;
  readonly refusedMs: Float64Array;
}

export type Told =
  | { readonly registered: number }
  | { readonly nonces: readonly string[] }
  | RunFigures
  | FloodFigures
  | object;
