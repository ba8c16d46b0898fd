/** RFC 9420 section 12.4.3.1: Welcome as it travels. */
import type { HpkeCiphertext } from '../crypto/index.ts';
import { type PreSharedKeyId, readPskId, writePskId } from './psk.ts';
import type { Reader } from './reader.ts';
import { readHpkeCiphertext, writeHpkeCiphertext } from './sealed-secrets.ts';
import type { Writer } from './writer.ts';

export interface EncryptedGroupSecrets {
  /** KeyPackageRef. */
  readonly newMember: Uint8Array;
  readonly encryptedGroupSecrets: HpkeCiphertext;
}

export interface Welcome {
  readonly cipherSuite: number;
  readonly secrets: readonly EncryptedGroupSecrets[];
  readonly encryptedGroupInfo: Uint8Array;
}

export interface GroupSecrets {
  readonly joinerSecret: Uint8Array;
  readonly pathSecret: Uint8Array | undefined;
  readonly psks: readonly PreSharedKeyId[];
}

export function writeWelcome(writer: Writer, welcome: Welcome): void {
  writer
    .u16(welcome.cipherSuite)
    .vector(welcome.secrets, (w, { newMember, encryptedGroupSecrets }) =>
      writeHpkeCiphertext(w.opaque(newMember), encryptedGroupSecrets),
    )
    .opaque(welcome.encryptedGroupInfo);
}

export function readWelcome(reader: Reader): Welcome {
  return {
    cipherSuite: reader.u16('Welcome.cipher_suite'),
    secrets: reader.vector('Welcome.secrets', (r) => ({
      newMember: r.opaque('EncryptedGroupSecrets.new_member'),
      encryptedGroupSecrets: readHpkeCiphertext(r),
    })),
    encryptedGroupInfo: reader.opaque('Welcome.encrypted_group_info'),
  };
}

export function writeGroupSecrets(writer: Writer, secrets: GroupSecrets): void {
  writer
    .opaque(secrets.joinerSecret)
    .optional(secrets.pathSecret, (w, secret) => w.opaque(secret))
    .vector(secrets.psks, writePskId);
}

export function readGroupSecrets(reader: Reader): GroupSecrets {
  return {
    joinerSecret: reader.opaque('GroupSecrets.joiner_secret'),
    pathSecret: reader.optional('GroupSecrets.path_secret', (r) => r.opaque('PathSecret.path_secret')),
    psks: reader.vector('GroupSecrets.psks', readPskId),
  };
}
