/** The stored form of a KeyPackageBundle: version 1, the KeyPackage and its three private keys. Secrets in clear. */
import { type KeyPackageBundle, readKeyPackage, writeKeyPackage } from './key-package.ts';
import { decodeAll } from './reader.ts';
import { Writer } from './writer.ts';

const version = 1;

export function encodeKeyPackageBundle(bundle: KeyPackageBundle): Uint8Array {
  const writer = new Writer(1024).u16(version);
  writeKeyPackage(writer, bundle.keyPackage);
  return writer
    .opaque(bundle.initPrivateKey)
    .opaque(bundle.leafPrivateKey)
    .opaque(bundle.signaturePrivateKey)
    .finish();
}

/** DecodeError for bytes that encodeKeyPackageBundle did not make. */
export function decodeKeyPackageBundle(bytes: Uint8Array): KeyPackageBundle {
  return decodeAll(bytes, 'KeyPackageBundle', (reader) => {
    const found = reader.u16('KeyPackageBundle.version');
    if (found !== version) reader.fail(0, 'KeyPackageBundle.version', String(version), String(found));
    return {
      keyPackage: readKeyPackage(reader),
      initPrivateKey: reader.opaque('KeyPackageBundle.init_private_key'),
      leafPrivateKey: reader.opaque('KeyPackageBundle.leaf_private_key'),
      signaturePrivateKey: reader.opaque('KeyPackageBundle.signature_private_key'),
    };
  });
}
