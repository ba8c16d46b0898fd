/** RFC 9420 section 12.1.8.1: the external_senders extension, who may propose from outside the group. */
import { type Credential, readCredential, writeCredential } from './credential.ts';
import { type Extension, extensionType, findExtension } from './extension.ts';
import { decodeAll, type Reader } from './reader.ts';
import { Writer } from './writer.ts';

export interface ExternalSender {
  readonly signatureKey: Uint8Array;
  readonly credential: Credential;
}

function writeExternalSender(writer: Writer, sender: ExternalSender): void {
  writeCredential(writer.opaque(sender.signatureKey), sender.credential);
}

function readExternalSender(reader: Reader): ExternalSender {
  return {
    signatureKey: reader.opaque('ExternalSender.signature_key'),
    credential: readCredential(reader),
  };
}

/** One ExternalSender by itself. */
export function encodeExternalSender(sender: ExternalSender): Uint8Array {
  const writer = new Writer();
  writeExternalSender(writer, sender);
  return writer.finish();
}

export function decodeExternalSender(bytes: Uint8Array): ExternalSender {
  return decodeAll(bytes, 'ExternalSender', readExternalSender);
}

/** A GroupContext extension; a sender's index is its place in the list. */
export function externalSendersExtension(senders: readonly ExternalSender[]): Extension {
  return {
    type: extensionType.externalSenders,
    data: new Writer().vector(senders, writeExternalSender).finish(),
  };
}

/** Empty without the extension; DecodeError when it is malformed. */
export function externalSenders(extensions: readonly Extension[]): ExternalSender[] {
  const extension = findExtension(extensions, extensionType.externalSenders);
  if (extension === undefined) return [];
  return decodeAll(extension.data, 'ExternalSenders', (reader) =>
    reader.vector('ExternalSenders', readExternalSender),
  );
}
