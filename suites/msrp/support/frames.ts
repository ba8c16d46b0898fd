import { type MsrpFrame, MsrpStreamParser } from '../../../stack/rcs/msrp/index.ts';

/** Octets of a frame written in a test with bare newlines. */
export function octets(text: string): Uint8Array {
  return new TextEncoder().encode(text.replaceAll('\n', '\r\n'));
}

export function text(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes);
}

/** What a parser makes of `bytes` cut at `cuts`. */
export function framesOf(
  bytes: Uint8Array,
  cuts: readonly number[] = [],
  parser: MsrpStreamParser = new MsrpStreamParser(),
): { readonly frames: readonly MsrpFrame[]; readonly fault: string | undefined } {
  const frames: MsrpFrame[] = [];
  let from = 0;
  for (const cut of [...cuts.map((one) => one % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
    frames.push(...parser.push(bytes.slice(from, cut)));
    from = cut;
  }
  return { frames, fault: parser.fault?.message };
}
