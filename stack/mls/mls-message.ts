/** RFC 9420 section 6: MLSMessage, the outermost frame. */
import { type GroupInfo, readGroupInfo, writeGroupInfo } from './group-info.ts';
import { type KeyPackage, readKeyPackage, writeKeyPackage } from './key-package.ts';
import { protocolVersionMls10 } from './leaf-node.ts';
import { type PrivateMessage, readPrivateMessage, writePrivateMessage } from './private-message.ts';
import { type PublicMessage, readPublicMessage, writePublicMessage } from './public-message.ts';
import { decodeAll, type Reader } from './reader.ts';
import { readWelcome, type Welcome, writeWelcome } from './welcome.ts';
import { Writer } from './writer.ts';

export type MlsMessage =
  | { readonly kind: 'public'; readonly publicMessage: PublicMessage }
  | { readonly kind: 'private'; readonly privateMessage: PrivateMessage }
  | { readonly kind: 'welcome'; readonly welcome: Welcome }
  | { readonly kind: 'groupInfo'; readonly groupInfo: GroupInfo }
  | { readonly kind: 'keyPackage'; readonly keyPackage: KeyPackage };

export function encodeMlsMessage(message: MlsMessage): Uint8Array {
  const writer = new Writer(1024).u16(protocolVersionMls10);
  switch (message.kind) {
    case 'public':
      writePublicMessage(writer.u16(1), message.publicMessage);
      break;
    case 'private':
      writePrivateMessage(writer.u16(2), message.privateMessage);
      break;
    case 'welcome':
      writeWelcome(writer.u16(3), message.welcome);
      break;
    case 'groupInfo':
      writeGroupInfo(writer.u16(4), message.groupInfo);
      break;
    case 'keyPackage':
      writeKeyPackage(writer.u16(5), message.keyPackage);
  }
  return writer.finish();
}

export function decodeMlsMessage(bytes: Uint8Array): MlsMessage {
  return decodeAll(bytes, 'MLSMessage', readMlsMessage);
}

function readMlsMessage(reader: Reader): MlsMessage {
  const start = reader.offset;
  const version = reader.u16('MLSMessage.version');
  if (version !== protocolVersionMls10) {
    reader.fail(start, 'MLSMessage.version', 'mls10 (1)', String(version));
  }
  const format = reader.u16('MLSMessage.wire_format');
  switch (format) {
    case 1:
      return { kind: 'public', publicMessage: readPublicMessage(reader) };
    case 2:
      return { kind: 'private', privateMessage: readPrivateMessage(reader) };
    case 3:
      return { kind: 'welcome', welcome: readWelcome(reader) };
    case 4:
      return { kind: 'groupInfo', groupInfo: readGroupInfo(reader) };
    case 5:
      return { kind: 'keyPackage', keyPackage: readKeyPackage(reader) };
    default:
      return reader.fail(start + 2, 'MLSMessage.wire_format', '1 to 5', String(format));
  }
}
