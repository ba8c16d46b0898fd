/** WebSocket (RFC 6455) around the messages of a trace, which has them without their framing. */
import { concat } from './pcapng.ts';

/** The sample nonce of RFC 6455 section 1.3, with the answer that goes with it. */
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';
const OPCODE = { text: 1, binary: 2 } as const;
const FINAL = 0x80;
const MASKED = 0x80;
/** A mask of zeros leaves the message readable. */
const MASK = new Uint8Array(4);

const ascii = (lines: readonly string[]): Uint8Array =>
  new TextEncoder().encode(`${lines.join('\r\n')}\r\n\r\n`);

/** Section 4.1, with the subprotocol of SIP (RFC 7118) or MSRP (RFC 7977). */
export function upgradeRequest(host: string, protocol: string): Uint8Array {
  return ascii([
    'GET / HTTP/1.1',
    `Host: ${host}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${KEY}`,
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Protocol: ${protocol}`,
  ]);
}

export function upgradeResponse(protocol: string): Uint8Array {
  return ascii([
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${ACCEPT}`,
    `Sec-WebSocket-Protocol: ${protocol}`,
  ]);
}

/** One message in one frame (section 5.2); what a client sends is masked. */
export function webSocketFrame(message: Uint8Array, isText: boolean, fromClient: boolean): Uint8Array {
  const length = lengthOctets(message.length);
  length[0]! |= fromClient ? MASKED : 0;
  const opcode = FINAL | (isText ? OPCODE.text : OPCODE.binary);
  return concat([Uint8Array.of(opcode), length, fromClient ? MASK : new Uint8Array(), message]);
}

function lengthOctets(length: number): Uint8Array {
  if (length < 126) return Uint8Array.of(length);
  const octets = new Uint8Array(length < 0x10000 ? 3 : 9);
  const view = new DataView(octets.buffer);
  if (octets.length === 3) {
    view.setUint8(0, 126);
    view.setUint16(1, length);
  } else {
    view.setUint8(0, 127);
    view.setBigUint64(1, BigInt(length));
  }
  return octets;
}
