import { Buffer } from 'node:buffer';
import { type Flow, pieceAt } from '../dissect/flow.ts';
import { type Form, formsOf } from './encodings.ts';
import { compileNeedles, type NeedleSet, searchNeedles } from './needles.ts';
import { readingsOf } from './unwrap.ts';

/** Where a marker was found. */
export interface Sighting<Marker> {
  readonly marker: Marker;
  /** Trace entry (`n`) that holds its first byte. */
  readonly n: number;
  readonly encoding: string;
}

/** Something with bytes that is no frame: a carrier's store, a text joined from the parts of an SMS. */
export interface Hay {
  readonly n: number;
  readonly bytes: Uint8Array;
}

/** Every occurrence of each marker's text, in any of its encodings, earliest entry first. Never throws. */
export function sightingsOf<Marker>(
  markers: readonly { readonly text: string; readonly marker: Marker }[],
  flows: readonly Flow[],
  others: readonly Hay[],
): Sighting<Marker>[] {
  const needles = compileNeedles(markers.flatMap(({ text, marker }) => formsOf(text, marker)));
  if (needles.window === 0) return [];
  const sightings: Sighting<Marker>[] = [];
  for (const flow of flows) search(needles, flow.bytes, (offset) => pieceAt(flow, offset).entry.n, sightings);
  for (const hay of others) search(needles, Buffer.from(hay.bytes), () => hay.n, sightings);
  return sightings.sort((a, b) => a.n - b.n);
}

function search<Marker>(
  needles: NeedleSet<Form<Marker>>,
  bytes: Buffer,
  entryAt: (offset: number) => number,
  sightings: Sighting<Marker>[],
): void {
  searchNeedles(needles, bytes, ({ marker, encoding }, offset) => {
    sightings.push({ marker, n: entryAt(offset), encoding });
  });
  for (const reading of readingsOf(bytes)) {
    searchNeedles(needles, reading.bytes, ({ marker, encoding }, offset) => {
      const shown = encoding === 'raw' ? reading.encoding : `${encoding}, ${reading.encoding}`;
      sightings.push({ marker, n: entryAt(reading.origin(offset)), encoding: shown });
    });
  }
}
