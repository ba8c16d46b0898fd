/**
 * Padmé padding, which RCC.16 cites for application messages and files: a length is rounded up so that only about
 * log log of it shows. Our reading (docs/rcc16.md 9.1); no peer has confirmed it.
 */
export function padmeLength(length: number): number {
  if (length < 2) return length;
  const exponent = Math.floor(Math.log2(length));
  const significant = Math.floor(Math.log2(exponent)) + 1;
  const step = 2 ** Math.max(0, exponent - significant);
  return Math.ceil(length / step) * step;
}
