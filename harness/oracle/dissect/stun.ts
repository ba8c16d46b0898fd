/** RFC 8489 section 5: the keep-alives of phones on UDP share the port of SIP, and are told apart by their beginning. */

const COOKIE = 0x2112a442;
const HEADER = 20;

/** A whole STUN message: two zero bits, the length of what follows, the magic cookie. */
export function isStunMessage(bytes: Buffer): boolean {
  return (
    bytes.length >= HEADER &&
    bytes[0]! < 0x40 &&
    bytes.readUInt32BE(4) === COOKIE &&
    bytes.readUInt16BE(2) === bytes.length - HEADER
  );
}
