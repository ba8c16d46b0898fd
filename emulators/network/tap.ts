import type { Endpoint, ListenOptions } from '../../stack/platform.ts';

/**
 * What a capture at the sending host sees. `tls`, `wss` and `https` are seen before encryption. A frame of `ws` or `wss`
 * is one WebSocket message.
 */
export interface TappedFrame {
  readonly protocol: 'udp' | 'tcp' | 'tls' | 'ws' | 'wss' | 'http' | 'https';
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly connection: number;
  /** `alert`: the client ends the TLS handshake, and `bytes` are level and description (RFC 8446 section 6). */
  readonly event: 'data' | 'open' | 'close' | 'reset' | 'alert' | 'request' | 'response';
  readonly fate: 'delivered' | 'lost' | 'unreachable';
  readonly link: string;
  readonly bytes?: Uint8Array;
}

export type Tap = (frame: TappedFrame) => void;

export type StreamProtocol = Extract<TappedFrame['protocol'], 'tcp' | 'tls' | 'ws' | 'wss'>;

/** What a tap calls a stream. */
export function streamProtocol({ secure, webSocket }: ListenOptions): StreamProtocol {
  if (webSocket !== undefined) return secure ? 'wss' : 'ws';
  return secure ? 'tls' : 'tcp';
}
