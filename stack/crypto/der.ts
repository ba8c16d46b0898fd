/** Ecdsa-Sig-Value, RFC 3279 section 2.2.3, in DER: the signature form of RFC 9420 section 5.1.2 for ECDSA. */

/** `r` and `s` big-endian, 0 < value. */
export function encodeEcdsaSignature(r: Uint8Array, s: Uint8Array): Uint8Array {
  const rBytes = derInteger(r);
  const sBytes = derInteger(s);
  const body = rBytes.length + sBytes.length + 4;
  const header = body < 0x80 ? [0x30, body] : [0x30, 0x81, body];
  const out = new Uint8Array(header.length + body);
  out.set(header);
  let at = header.length;
  for (const integer of [rBytes, sBytes]) {
    out[at] = 0x02;
    out[at + 1] = integer.length;
    out.set(integer, at + 2);
    at += 2 + integer.length;
  }
  return out;
}

/**
 * Fixed-width r || s, `width` bytes each, or undefined when the bytes are not the one DER encoding of two positive
 * integers of at most `width` bytes.
 */
export function decodeEcdsaSignature(der: Uint8Array, width: number): Uint8Array | undefined {
  let at = 2;
  if (der[0] !== 0x30) return undefined;
  let length = der[1];
  if (length === 0x81) {
    length = der[2];
    at = 3;
    if (length === undefined || length < 0x80) return undefined;
  } else if (length === undefined || length >= 0x80) return undefined;
  if (at + length !== der.length) return undefined;
  const out = new Uint8Array(2 * width);
  for (let i = 0; i < 2; i++) {
    const size = der[at + 1];
    if (der[at] !== 0x02 || size === undefined || size === 0 || at + 2 + size > der.length) return undefined;
    let integer = der.subarray(at + 2, at + 2 + size);
    at += 2 + size;
    if (integer[0]! >= 0x80) return undefined;
    if (integer[0] === 0) {
      if (size === 1 || integer[1]! < 0x80) return undefined;
      integer = integer.subarray(1);
    }
    if (integer.length > width) return undefined;
    out.set(integer, (i + 1) * width - integer.length);
  }
  return at === der.length ? out : undefined;
}

function derInteger(value: Uint8Array): Uint8Array {
  let start = 0;
  while (start < value.length - 1 && value[start] === 0) start++;
  const trimmed = value.subarray(start);
  if (trimmed[0]! < 0x80) return trimmed;
  const out = new Uint8Array(trimmed.length + 1);
  out.set(trimmed, 1);
  return out;
}
