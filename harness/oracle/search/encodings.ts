import { Buffer } from 'node:buffer';
import { packedAtEveryShift } from '../dissect/gsm7.ts';
import { type Needle, SHORTEST_NEEDLE } from './needles.ts';

/** How a marker was written where it was found. */
export interface Form<Marker> {
  readonly marker: Marker;
  /** e.g. `base64`, `hex of UTF-16LE`. */
  readonly encoding: string;
}

/**
 * Every byte string that `text` can leave behind in something else's content: each character coding (UTF-8, UTF-16,
 * packed GSM 7-bit) as it is, in base64 and base64url at each of the three alignments, and in hex. Percent-encoding,
 * quoted-printable, line folding and gzip are undone on the searched side instead, because they leave a choice to the writer.
 */
export function formsOf<Marker>(text: string, marker: Marker): Needle<Form<Marker>>[] {
  const forms: Needle<Form<Marker>>[] = [];
  const add = (bytes: Uint8Array, encoding: string) => {
    if (bytes.length >= SHORTEST_NEEDLE) forms.push({ bytes, tag: { marker, encoding } });
  };
  const spellings: [Uint8Array, string][] = [
    [Buffer.from(text, 'utf8'), 'UTF-8'],
    [Buffer.from(text, 'utf16le'), 'UTF-16LE'],
    [Buffer.from(text, 'utf16le').swap16(), 'UTF-16BE'],
    ...packedAtEveryShift(text).map((bytes): [Uint8Array, string] => [bytes, 'GSM 7-bit']),
  ];
  for (const [bytes, spelling] of spellings) {
    const of = spelling === 'UTF-8' ? '' : ` of ${spelling}`;
    add(bytes, spelling === 'UTF-8' ? 'raw' : spelling);
    const hex = Buffer.from(bytes).toString('hex');
    add(Buffer.from(hex), `hex${of}`);
    if (hex.toUpperCase() !== hex) add(Buffer.from(hex.toUpperCase()), `hex${of}`);
    for (let lead = 0; lead < 3; lead += 1) {
      const base64 = interiorBase64(bytes, lead);
      add(Buffer.from(base64), `base64${of}`);
      const url = base64.replaceAll('+', '-').replaceAll('/', '_');
      if (url !== base64) add(Buffer.from(url), `base64url${of}`);
    }
  }
  return forms;
}

/** The base64 characters that depend on `bytes` alone when `lead` (0 to 2) unknown bytes stand before them. */
function interiorBase64(bytes: Uint8Array, lead: number): string {
  const base64 = Buffer.concat([Buffer.alloc(lead), bytes]).toString('base64');
  const first = Math.ceil((lead * 8) / 6);
  const last = Math.floor(((lead + bytes.length) * 8) / 6);
  return base64.slice(first, last);
}
