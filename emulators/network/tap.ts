import type { Endpoint } from '../../stack/platform.ts';

/** What a capture at the sending host sees. `tls` and `https` are seen before encryption. */
export interface TappedFrame {
  readonly protocol: 'udp' | 'tcp' | 'tls' | 'http' | 'https';
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly connection: number;
  readonly event: 'data' | 'open' | 'close' | 'reset' | 'request' | 'response';
  readonly fate: 'delivered' | 'lost' | 'unreachable';
  readonly link: string;
  readonly bytes?: Uint8Array;
}

export type Tap = (frame: TappedFrame) => void;
