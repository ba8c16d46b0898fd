/** RFC 9420 section 7.6: the path secret of one node, sealed to each node of a resolution. */
import type { HpkeCiphertext } from '../crypto/index.ts';
import { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

/** `HPKECiphertext encrypted_path_secret<V>`. A receiver opens one of as many as the group has members. */
export interface SealedSecrets {
  readonly length: number;
  /** Throws RangeError when there is no `index`. */
  at(index: number): HpkeCiphertext;
}

export function sealedSecrets(list: readonly HpkeCiphertext[]): SealedSecrets {
  return {
    length: list.length,
    at: (index) => {
      const sealed = list[index];
      if (sealed === undefined) throw new RangeError(`no sealed secret ${index} of ${list.length}`);
      return sealed;
    },
  };
}

export function writeHpkeCiphertext(writer: Writer, sealed: HpkeCiphertext): void {
  writer.opaque(sealed.kemOutput).opaque(sealed.ciphertext);
}

export function readHpkeCiphertext(reader: Reader): HpkeCiphertext {
  return {
    kemOutput: reader.opaque('HPKECiphertext.kem_output'),
    ciphertext: reader.opaque('HPKECiphertext.ciphertext'),
  };
}

export function writeSealedSecrets(writer: Writer, secrets: SealedSecrets): void {
  writer.prefixed((w) => {
    for (let i = 0; i < secrets.length; i++) writeHpkeCiphertext(w, secrets.at(i));
  });
}

/** Checks the form of every ciphertext and copies them in one piece; each is taken out when it is asked for. */
export function readSealedSecrets(reader: Reader): SealedSecrets {
  const body = reader.within('UpdatePathNode.encrypted_path_secret');
  const start = body.offset;
  const offsets: number[] = [];
  while (body.remaining > 0) {
    offsets.push(body.offset - start);
    body.skip('HPKECiphertext.kem_output');
    body.skip('HPKECiphertext.ciphertext');
  }
  const bytes = body.since(start);
  return {
    length: offsets.length,
    at: (index) => {
      const offset = offsets[index];
      if (offset === undefined) throw new RangeError(`no sealed secret ${index} of ${offsets.length}`);
      return readHpkeCiphertext(new Reader(bytes, offset));
    },
  };
}
