/**
 * RCC.16 section 7.5.3 as deployed (docs/rcc16.md 4.7): the authenticated_data of every MLS message of a conversation.
 *
 *   u16 version = 1, opaque message_id<V> (ASCII), u32 era, u8 component (0: no resent component)
 */

import { Reader, Writer } from '../mls/index.ts';
import { E2eeError } from './e2ee-error.ts';
import { asciiBytes, readId } from './message-id.ts';

export interface AuthenticatedData {
  /** Equals imdn.Message-ID of the envelope (section 7.5.3.1). */
  readonly messageId: string;
  readonly era: number;
}

const VERSION = 1;
const NO_RESENT_COMPONENT = 0;

export function encodeAuthenticatedData({ messageId, era }: AuthenticatedData): Uint8Array {
  return new Writer().u16(VERSION).opaque(asciiBytes(messageId)).u32(era).u8(NO_RESENT_COMPONENT).finish();
}

/** Throws DecodeError or E2eeError. A resent component is refused: its layout is not known. */
export function decodeAuthenticatedData(bytes: Uint8Array): AuthenticatedData {
  const reader = new Reader(bytes);
  const version = reader.u16('AuthenticatedData.version');
  if (version !== VERSION)
    throw new E2eeError('authenticated data', `version ${version}`, `version ${VERSION}`);
  const messageId = readId(reader, 'AuthenticatedData.message_id');
  const era = reader.u32('AuthenticatedData.era');
  const component = reader.u8('AuthenticatedData.component');
  if (component !== NO_RESENT_COMPONENT) {
    throw new E2eeError(
      'authenticated data',
      `resent component with tag ${component}`,
      'no resent component',
    );
  }
  reader.finish('AuthenticatedData');
  return { messageId, era };
}
