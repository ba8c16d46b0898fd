/** RFC 3862 2.4: the content of a CPIM message, a MIME entity. Hazards: docs/rcs-signalling.md. */

import { decodeTransferEncoding, TransferEncodingError } from '../transfer-encoding.ts';
import { type CpimMessage, CpimParseError } from './message.ts';

const CR = 0x0d;
const LF = 0x0a;

/** The first MIME header of the content with this name, in any case. */
export function contentHeader(
  message: Pick<CpimMessage, 'contentHeaders'>,
  name: string,
): string | undefined {
  const wanted = name.toLowerCase();
  return message.contentHeaders.find((header) => header.name.toLowerCase() === wanted)?.value;
}

/**
 * The content with its transfer encoding taken off; `contentType` is as written, `text/plain` when absent. Throws
 * CpimParseError when the encoding is unknown or broken.
 */
export function cpimContent(message: Pick<CpimMessage, 'contentHeaders' | 'content'>): {
  contentType: string;
  bytes: Uint8Array;
} {
  const contentType = contentHeader(message, 'Content-Type') ?? 'text/plain';
  const content = trimToLength(message.content, contentHeader(message, 'Content-Length'));
  try {
    return {
      contentType,
      bytes: decodeTransferEncoding(contentHeader(message, 'Content-Transfer-Encoding'), content),
    };
  } catch (error) {
    if (error instanceof TransferEncodingError) {
      throw new CpimParseError(error.offset, 'content', error.message);
    }
    throw error;
  }
}

/** Some peers count characters (hazard R27): a Content-Length is believed only if it cuts nothing but line breaks. */
function trimToLength(content: Uint8Array, declared: string | undefined): Uint8Array {
  if (declared === undefined || !/^\d{1,10}$/.test(declared)) {
    return content;
  }
  const length = Number(declared);
  for (let i = length; i < content.length; i++) {
    if (content[i] !== CR && content[i] !== LF) {
      return content;
    }
  }
  return content.subarray(0, length);
}
