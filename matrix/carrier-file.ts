import { readFileSync } from 'node:fs';
import { MatrixError } from './error.ts';
import { cannotRead } from './load.ts';
import { type Carrier, carrierSchema } from './schema/carrier.ts';
import { validate } from './validate.ts';
import { parseSource } from './yaml-source.ts';

/** Reads one carrier file, wherever it is. Throws MatrixError. */
export function loadCarrierFile(path: string): Carrier {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new MatrixError([{ file: path, field: '', message: cannotRead(error) }]);
  }
  return validate(carrierSchema, parseSource(text, path));
}
