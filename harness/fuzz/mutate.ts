import type { Pick } from './pick.ts';

/** Longest piece that is cut, doubled or overwritten, octets. */
const PIECE = 64;
const MOST_OCTETS = 1 << 20;

type Mutation = (bytes: Uint8Array, donor: Uint8Array, pick: Pick) => Uint8Array;

const joined = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

const flipBit: Mutation = (bytes, _, pick) => {
  const at = pick.below(bytes.length);
  return bytes.with(at, bytes[at]! ^ (1 << pick.below(8)));
};
const truncate: Mutation = (bytes, _, pick) => bytes.slice(0, pick.below(bytes.length));
const cut: Mutation = (bytes, _, pick) => {
  const [from, to] = piece(bytes, pick);
  return joined(bytes.subarray(0, from), bytes.subarray(to));
};
const double: Mutation = (bytes, _, pick) => {
  const [from, to] = piece(bytes, pick);
  return joined(bytes.subarray(0, to), bytes.subarray(from));
};
const overwrite: Mutation = (bytes, _, pick) => {
  const [from, to] = piece(bytes, pick);
  return joined(bytes.subarray(0, from), pick.bytes(to - from), bytes.subarray(to));
};
const splice: Mutation = (bytes, donor, pick) =>
  joined(bytes.subarray(0, pick.below(bytes.length)), donor.subarray(pick.below(donor.length)));

/** Bits and bytes: for binary formats, and for text read as bytes. */
const BINARY: readonly Mutation[] = [flipBit, truncate, cut, double, overwrite, splice];

const SPECIALS = [
  '\r\n',
  '\n',
  '\r',
  '\0',
  '"',
  '\\',
  '<',
  '>',
  ';',
  ',',
  ':',
  '%',
  '&',
  '\u{1f600}',
  '\u00e9',
].map((text) => new Uint8Array(Buffer.from(text)));
const NUMBERS = ['0', '-1', '4294967296', '99999999999999999999', '1e9', '0x10', ''].map(
  (text) => new Uint8Array(Buffer.from(text)),
);
const LONG = 20_000;

const insertSpecial: Mutation = (bytes, _, pick) => {
  const at = pick.below(bytes.length + 1);
  return joined(bytes.subarray(0, at), pick.of(SPECIALS), bytes.subarray(at));
};
const changeNumber: Mutation = (bytes, _, pick) => {
  const numbers = [...Buffer.from(bytes).toString('latin1').matchAll(/\d+/g)];
  if (numbers.length === 0) return flipBit(bytes, bytes, pick);
  const number = pick.of(numbers);
  const end = number.index + number[0].length;
  return joined(bytes.subarray(0, number.index), pick.of(NUMBERS), bytes.subarray(end));
};
const repeatLine: Mutation = (bytes, donor, pick) => {
  const lines = linesOf(bytes);
  const line = pick.of(pick.below(2) === 0 ? lines : linesOf(donor));
  const at = pick.below(lines.length);
  const copies = Array.from({ length: pick.below(20) === 0 ? 300 : 1 }, () => line);
  return joined(...lines.slice(0, at), ...copies, ...lines.slice(at));
};
const removeLine: Mutation = (bytes, _, pick) => {
  const lines = linesOf(bytes);
  return joined(...lines.toSpliced(pick.below(lines.length), 1));
};
const swapLines: Mutation = (bytes, _, pick) => {
  const lines = linesOf(bytes);
  const [a, b] = [pick.below(lines.length), pick.below(lines.length)];
  return joined(...lines.with(a, lines[b]!).with(b, lines[a]!));
};
const stretch: Mutation = (bytes, _, pick) => {
  const at = pick.below(bytes.length);
  return joined(bytes.subarray(0, at), new Uint8Array(pick.below(LONG)).fill(bytes[at]!), bytes.subarray(at));
};

const TEXT: readonly Mutation[] = [
  ...BINARY,
  insertSpecial,
  changeNumber,
  changeNumber,
  repeatLine,
  removeLine,
  swapLines,
  stretch,
];

/** One to three mutations on top of each other; never empty, never above 1 MiB. `donor` lends pieces. */
export function mutate(
  bytes: Uint8Array,
  donor: Uint8Array,
  kind: 'binary' | 'text',
  pick: Pick,
): Uint8Array {
  let out = bytes;
  for (let left = 1 + (pick.below(4) === 0 ? pick.below(3) : 0); left > 0; left -= 1) {
    if (out.length === 0) return pick.bytes(1);
    out = pick.of(kind === 'text' ? TEXT : BINARY)(out, donor.length === 0 ? bytes : donor, pick);
  }
  return out.length > MOST_OCTETS ? out.slice(0, MOST_OCTETS) : out;
}

function piece(bytes: Uint8Array, pick: Pick): [number, number] {
  const from = pick.below(bytes.length);
  return [from, from + 1 + pick.below(Math.min(PIECE, bytes.length - from))];
}

/** With their line ends. Never empty. */
function linesOf(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(10, from);
    const to = end < 0 ? bytes.length : end + 1;
    lines.push(bytes.subarray(from, to));
    from = to;
  }
  return lines.length === 0 ? [bytes] : lines;
}
