/**
 * Media types and parameters (RFC 2045 5.1) and multipart bodies (RFC 2046 5.1), as far as RCS content needs them.
 * Peers vary in case, space and quoting (hazard R42 in docs/rcs-signalling.md), so everything is compared folded.
 */

import { decodeTransferEncoding, TransferEncodingError } from './transfer-encoding.ts';

export interface MediaType {
  /** `type/subtype`, lower-cased. */
  readonly essence: string;
  /** Names lower-cased, values unquoted but otherwise as written. A repeated name keeps its first value. */
  readonly parameters: ReadonlyMap<string, string>;
}

export interface MimePart {
  /** Names lower-cased; values unfolded and trimmed. */
  readonly headers: ReadonlyMap<string, string>;
  /** Transfer encoding still applied; see partContent. */
  readonly content: Uint8Array;
}

export class MimeError extends Error {
  override readonly name = 'MimeError';
  /** The part of the message that was wrong: `media type`, `parameter`, `boundary`, `part`. */
  readonly field: string;
  constructor(field: string, message: string) {
    super(`${field}: ${message}`);
    this.field = field;
  }
}

export const MAX_MEDIA_TYPE_LENGTH = 1024;
export const MAX_PARAMETERS = 32;
export const MAX_PARTS = 256;
/** Hazard R51 in docs/rcs-signalling.md: CPIM in CPIM, multipart in multipart. */
export const MAX_NESTING = 4;

const ESSENCE = /^\s*([!#$%&'*+\-.^_`|~0-9A-Za-z]+\/[!#$%&'*+\-.^_`|~0-9A-Za-z]+)\s*(?:;|$)/;
const PARAMETER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const TOKEN = PARAMETER_NAME;

/**
 * Parses a Content-Type value: `type/subtype *(;name=value)`. Tolerates space around every token, quoted values, empty
 * parameters (`;;`) and valueless ones; throws MimeError on anything without a `type/subtype` or beyond the bounds.
 */
export function parseMediaType(text: string): MediaType {
  const essence = essenceOf(text);
  if (essence === undefined) {
    throw new MimeError('media type', 'expected "type/subtype", optionally followed by ";name=value"');
  }
  const parameters = new Map<string, string>();
  let at = text.indexOf(';');
  while (at >= 0 && at < text.length) {
    const end = parameterEnd(text, at + 1);
    const piece = text.slice(at + 1, end);
    at = end;
    if (piece.trim() === '') {
      continue;
    }
    const equals = piece.indexOf('=');
    const name = (equals < 0 ? piece : piece.slice(0, equals)).trim().toLowerCase();
    if (!PARAMETER_NAME.test(name)) {
      throw new MimeError('parameter', `parameter ${parameters.size + 1} has no valid name before "="`);
    }
    if (!parameters.has(name)) {
      if (parameters.size === MAX_PARAMETERS) {
        throw new MimeError('parameter', `more than ${MAX_PARAMETERS} parameters`);
      }
      parameters.set(name, equals < 0 ? '' : unquote(piece.slice(equals + 1).trim()));
    }
  }
  return { essence, parameters };
}

/** The lower-cased `type/subtype` of a Content-Type value, or undefined when there is none. Never throws. */
export function essenceOf(text: string | undefined): string | undefined {
  if (text === undefined || text.length > MAX_MEDIA_TYPE_LENGTH) {
    return undefined;
  }
  return ESSENCE.exec(text)?.[1]?.toLowerCase();
}

/** True when both values name the same `type/subtype`, whatever case, space and parameters. */
export function sameMediaType(a: string | undefined, b: string): boolean {
  const essence = essenceOf(a);
  return essence !== undefined && essence === essenceOf(b);
}

/** `essence;name=value`, values quoted when they aren't tokens. Throws MimeError on a value with a control character. */
export function writeMediaType(type: MediaType): string {
  let text = type.essence;
  for (const [name, value] of type.parameters) {
    text += `;${name}=${TOKEN.test(value) ? value : quote(value)}`;
  }
  return text;
}

/**
 * The parts of a multipart body (RFC 2046 5.1.1); `contentType` is the enclosing value with its `boundary` parameter.
 * Preamble and epilogue are dropped. Throws MimeError when the boundary is missing, never occurs, or isn't closed.
 */
export function parseMultipart(contentType: string, body: Uint8Array): MimePart[] {
  const boundary = parseMediaType(contentType).parameters.get('boundary');
  if (boundary === undefined || boundary === '' || boundary.length > 70) {
    throw new MimeError('boundary', 'expected a boundary parameter of 1 to 70 characters');
  }
  // One character per byte, so that text offsets are byte offsets.
  const text = new TextDecoder('latin1').decode(body);
  const delimiter = `--${boundary}`;
  const parts: MimePart[] = [];
  let start: number | undefined;
  let at = text.startsWith(delimiter) ? 0 : nextDelimiter(text, delimiter, 0);
  while (at >= 0) {
    if (start !== undefined) {
      if (parts.length === MAX_PARTS) {
        throw new MimeError('part', `more than ${MAX_PARTS} parts`);
      }
      parts.push(parsePart(text, body, start, lineBreakBefore(text, at, start)));
    }
    const after = at + delimiter.length;
    if (text.startsWith('--', after)) {
      return parts;
    }
    const lineEnd = text.indexOf('\n', after);
    if (lineEnd < 0) {
      break;
    }
    start = lineEnd + 1;
    at = text.startsWith(delimiter, start) ? start : nextDelimiter(text, delimiter, start);
  }
  throw new MimeError(
    'boundary',
    start === undefined ? 'the boundary never occurs' : 'the last part is not closed',
  );
}

/** The content of a part with its transfer encoding taken off; throws MimeError. */
export function partContent(part: MimePart): Uint8Array {
  try {
    return decodeTransferEncoding(part.headers.get('content-transfer-encoding'), part.content);
  } catch (error) {
    if (error instanceof TransferEncodingError) {
      throw new MimeError('part', error.message);
    }
    throw error;
  }
}

function nextDelimiter(text: string, delimiter: string, from: number): number {
  const found = text.indexOf(`\n${delimiter}`, from);
  return found < 0 ? -1 : found + 1;
}

/** The line break before a delimiter belongs to the delimiter (RFC 2046 5.1.1). */
function lineBreakBefore(text: string, at: number, start: number): number {
  let end = at;
  if (end > start && text[end - 1] === '\n') {
    end--;
    if (end > start && text[end - 1] === '\r') {
      end--;
    }
  }
  return end;
}

function parsePart(text: string, body: Uint8Array, start: number, end: number): MimePart {
  const headers = new Map<string, string>();
  let at = start;
  let last: string | undefined;
  while (at < end) {
    let lineEnd = text.indexOf('\n', at);
    if (lineEnd < 0 || lineEnd > end) {
      lineEnd = end;
    }
    const line = text.slice(at, lineEnd).replace(/\r$/, '');
    at = Math.min(lineEnd + 1, end);
    if (line === '') {
      break;
    }
    const colon = line.indexOf(':');
    if ((line[0] === ' ' || line[0] === '\t') && last !== undefined) {
      headers.set(last, `${headers.get(last)} ${line.trim()}`);
    } else if (colon > 0) {
      last = line.slice(0, colon).trim().toLowerCase();
      headers.set(last, line.slice(colon + 1).trim());
    } else {
      throw new MimeError('part', 'expected "name: value" or an empty line before the content of a part');
    }
    if (headers.size > MAX_PARAMETERS) {
      throw new MimeError('part', `more than ${MAX_PARAMETERS} headers in a part`);
    }
  }
  return { headers, content: body.subarray(at, end) };
}

/** Index of the `;` that ends the parameter beginning at `from`, or the length of the text. */
function parameterEnd(text: string, from: number): number {
  let quoted = false;
  for (let i = from; i < text.length; i++) {
    const c = text[i];
    if (c === '"') {
      quoted = !quoted;
    } else if (quoted && c === '\\') {
      i++;
    } else if (!quoted && c === ';') {
      return i;
    }
  }
  return text.length;
}

function unquote(value: string): string {
  if (!value.startsWith('"')) {
    return value;
  }
  const inner = value.length > 1 && value.endsWith('"') ? value.slice(1, -1) : value.slice(1);
  return inner.includes('\\') ? inner.replace(/\\(.)/gs, '$1') : inner;
}

function quote(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not pass
  if (/[\x00-\x08\x0a-\x1f\x7f]/.test(value)) {
    throw new MimeError('parameter', 'a parameter value may not hold control characters');
  }
  return `"${value.replace(/(["\\])/g, '\\$1')}"`;
}
