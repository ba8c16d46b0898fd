/** 3GPP TS 23.038: the GSM 7-bit default alphabet with its extension table (6.2.1), and septet packing (6.1.2.1). */

const ESCAPE = 0x1b;

/** Index is the septet; 0x1b is the escape and stands for no character. */
const DEFAULT_ALPHABET =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ' +
  ' !"#¤%&\'()*+,-./0123456789:;<=>?' +
  '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§' +
  '¿abcdefghijklmnopqrstuvwxyzäöñüà';

const EXTENSION: readonly (readonly [number, string])[] = [
  [0x0a, '\f'],
  [0x14, '^'],
  [0x28, '{'],
  [0x29, '}'],
  [0x2f, '\\'],
  [0x3c, '['],
  [0x3d, '~'],
  [0x3e, ']'],
  [0x40, '|'],
  [0x65, '€'],
];

const TO_SEPTET = new Map<string, number>();
for (let septet = 0; septet < 128; septet++) {
  if (septet !== ESCAPE) {
    TO_SEPTET.set(DEFAULT_ALPHABET[septet]!, septet);
  }
}
const TO_EXTENSION = new Map(EXTENSION.map(([septet, character]) => [character, septet]));
const FROM_EXTENSION = new Map(EXTENSION);

/** Septets a character takes: 1, 2 with the extension table, 0 when it isn't in the alphabet. */
export function septetsOf(character: string): number {
  return TO_SEPTET.has(character) ? 1 : TO_EXTENSION.has(character) ? 2 : 0;
}

/** One octet per septet, or undefined when a character isn't in the alphabet. */
export function toSeptets(text: string): Uint8Array | undefined {
  const septets = new Uint8Array(text.length * 2);
  let length = 0;
  for (const character of text) {
    const septet = TO_SEPTET.get(character);
    if (septet !== undefined) {
      septets[length++] = septet;
      continue;
    }
    const extension = TO_EXTENSION.get(character);
    if (extension === undefined) {
      return undefined;
    }
    septets[length++] = ESCAPE;
    septets[length++] = extension;
  }
  return septets.subarray(0, length);
}

/**
 * The text of septets. After an escape, a code that the extension table lacks shows as in the default alphabet, and an
 * escape after an escape as a space (6.2.1.1); an escape at the very end is dropped.
 */
export function fromSeptets(septets: Uint8Array): string {
  let text = '';
  for (let i = 0; i < septets.length; i++) {
    const septet = septets[i]! & 0x7f;
    if (septet !== ESCAPE) {
      text += DEFAULT_ALPHABET[septet];
      continue;
    }
    const next = septets[++i];
    if (next !== undefined) {
      const code = next & 0x7f;
      text += code === ESCAPE ? ' ' : (FROM_EXTENSION.get(code) ?? DEFAULT_ALPHABET[code]);
    }
  }
  return text;
}

/** Packs septets, least significant bit first, after `fillBits` (0 to 6) zero bits. */
export function packSeptets(septets: Uint8Array, fillBits = 0): Uint8Array {
  const octets = new Uint8Array(Math.ceil((septets.length * 7 + fillBits) / 8));
  let bit = fillBits;
  for (const septet of septets) {
    const index = bit >> 3;
    const shifted = (septet & 0x7f) << (bit & 7);
    octets[index] = octets[index]! | shifted;
    if (shifted > 0xff) {
      octets[index + 1] = shifted >> 8;
    }
    bit += 7;
  }
  return octets;
}

/** Unpacks `count` septets that begin after `fillBits` bits; the octets must hold them. */
export function unpackSeptets(octets: Uint8Array, count: number, fillBits = 0): Uint8Array {
  const septets = new Uint8Array(count);
  for (let i = 0, bit = fillBits; i < count; i++, bit += 7) {
    const index = bit >> 3;
    const pair = octets[index]! | ((octets[index + 1] ?? 0) << 8);
    septets[i] = (pair >> (bit & 7)) & 0x7f;
  }
  return septets;
}
