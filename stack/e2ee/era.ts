/** RCC.16 section 7.11.1.1: the era GroupContext extension, a bare u32 whose first value is 1. */
import { Reader, Writer } from '../mls/index.ts';
import { E2eeError } from './e2ee-error.ts';

export const ERA_EXTENSION = 0xf001;
export const FIRST_ERA = 1;

export function encodeEra(era: number): Uint8Array {
  if (!Number.isInteger(era) || era < FIRST_ERA || era > 0xffff_ffff) {
    throw new E2eeError('era', String(era), 'an integer from 1 to 4294967295');
  }
  return new Writer().u32(era).finish();
}

/** Throws DecodeError or E2eeError; era 0 is forbidden. */
export function decodeEra(bytes: Uint8Array): number {
  const reader = new Reader(bytes);
  const era = reader.u32('era.era');
  reader.finish('era');
  if (era < FIRST_ERA) throw new E2eeError('era extension', 'era 0', 'an era of 1 or more');
  return era;
}
