/**
 * RCC.16 SecretPayload as deployed (docs/rcc16.md 4.8): the content of an MLS application message.
 *
 *   u16 version = 1, u16 payload type (1: MIME), u32 generation, opaque section<V>
 *
 * The generation equals sender_data.generation of the very message it travels in; a strict peer refuses another.
 * The section is CRLF, MIME headers, CRLF CRLF, body.
 */
import { Reader, Writer } from '../mls/index.ts';
import { E2eeError } from './e2ee-error.ts';

export interface SecretPayload {
  readonly generation: number;
  /** With parameters, as written. */
  readonly contentType: string;
  readonly body: Uint8Array;
}

const VERSION = 1;
const MIME = 1;

export function encodeSecretPayload({ generation, contentType, body }: SecretPayload): Uint8Array {
  const head = `\r\nContent-Type: ${contentType}\r\nContent-Disposition: inline\r\nContent-Length: ${body.length}\r\n\r\n`;
  const section = new Writer().raw(new TextEncoder().encode(head)).raw(body).finish();
  return new Writer().u16(VERSION).u16(MIME).u32(generation).opaque(section).finish();
}

/** Throws DecodeError or E2eeError. */
export function decodeSecretPayload(bytes: Uint8Array): SecretPayload {
  const reader = new Reader(bytes);
  const version = reader.u16('SecretPayload.version');
  if (version !== VERSION) throw new E2eeError('SecretPayload', `version ${version}`, `version ${VERSION}`);
  const type = reader.u16('SecretPayload.payload type');
  if (type !== MIME)
    throw new E2eeError('SecretPayload', `payload type ${type}`, `payload type ${MIME} (MIME)`);
  const generation = reader.u32('SecretPayload.generation');
  const section = reader.opaque('SecretPayload.section');
  reader.finish('SecretPayload');
  return { generation, ...readSection(section) };
}

function readSection(section: Uint8Array): Pick<SecretPayload, 'contentType' | 'body'> {
  const end = indexOfBlankLine(section);
  if (end < 0)
    throw new E2eeError('SecretPayload section', 'no blank line', 'MIME headers, a blank line, the body');
  const headers = new Map<string, string>();
  for (const line of new TextDecoder().decode(section.subarray(0, end)).split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  const body = section.subarray(end + 4);
  const contentType = headers.get('content-type');
  if (!contentType) throw new E2eeError('SecretPayload section', 'no Content-Type', 'a Content-Type header');
  const length = headers.get('content-length');
  if (length !== undefined && Number(length) !== body.length) {
    throw new E2eeError('SecretPayload section', `${body.length} octets of body`, `Content-Length ${length}`);
  }
  return { contentType, body };
}

function indexOfBlankLine(bytes: Uint8Array): number {
  for (let i = 0; i + 3 < bytes.length; i += 1) {
    if (bytes[i] === 13 && bytes[i + 1] === 10 && bytes[i + 2] === 13 && bytes[i + 3] === 10) return i;
  }
  return -1;
}
