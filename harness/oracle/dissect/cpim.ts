/** CPIM (RFC 3862) and the disposition notifications inside it (RFC 5438), as far as judging needs them. */
import { Buffer } from 'node:buffer';
import { type HeaderLine, headerValue, mediaType, readHeaderBlock } from './header-block.ts';

const IMDN_NAMESPACE = 'urn:ietf:params:imdn';

export interface CpimFacts {
  readonly messageId?: string;
  readonly headers: readonly HeaderLine[];
  /** Media type of the content, lower case, no parameters. */
  readonly contentType?: string;
  /** After its Content-Transfer-Encoding is undone. */
  readonly content: Uint8Array;
  readonly receipts: readonly ImdnFacts[];
  readonly malformed?: string;
}

export interface ImdnFacts {
  readonly about: string;
  readonly kind: 'delivery' | 'display' | 'processing' | 'other';
  readonly status: string;
}

/** Reads a `message/cpim` body. Never throws. */
export function dissectCpim(bytes: Uint8Array): CpimFacts {
  const message = readHeaderBlock(bytes, 0);
  const mime = message.end === undefined ? undefined : readHeaderBlock(bytes, message.end);
  const malformed = message.malformed ?? mime?.malformed;
  const raw = bytes.subarray(mime?.end ?? bytes.length);
  const encoding = mime && headerValue(mime.lines, 'content-transfer-encoding')?.toLowerCase();
  const content = encoding === 'base64' ? Buffer.from(Buffer.from(raw).toString('latin1'), 'base64') : raw;
  const contentType = mediaType(mime && headerValue(mime.lines, 'content-type'));
  const messageId = namespaced(message.lines, 'message-id');
  return {
    ...(messageId !== undefined && { messageId }),
    headers: message.lines,
    ...(contentType !== undefined && { contentType }),
    content,
    receipts: contentType === 'message/imdn+xml' ? dissectImdn(Buffer.from(content).toString('utf8')) : [],
    ...(malformed !== undefined && { malformed }),
  };
}

/** The value of a header of the IMDN namespace, whatever prefix its NS header binds (RFC 3862 section 3.4). */
function namespaced(lines: readonly HeaderLine[], name: string): string | undefined {
  const prefixes = new Set(['imdn']);
  for (const line of lines) {
    const bound = line.name === 'ns' ? /^(\S+)\s*<([^>]*)>$/.exec(line.value) : undefined;
    if (bound && bound[2] === IMDN_NAMESPACE) prefixes.add(bound[1]!.toLowerCase());
  }
  for (const prefix of prefixes) {
    const value = headerValue(lines, `${prefix}.${name}`);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** Each `imdn` document in `xml` (some peers bundle several). */
export function dissectImdn(xml: string): ImdnFacts[] {
  const about = [...xml.matchAll(/<(?:\w+:)?message-id>\s*([^<]*?)\s*<\//g)];
  return about.map((match, i) => {
    const part = xml.slice(match.index, about[i + 1]?.index ?? xml.length);
    const kind = /<(?:\w+:)?(delivery|display|processing)-notification\b/.exec(part)?.[1];
    const status = /<(?:\w+:)?status\b[^>]*>\s*<(?:\w+:)?([\w-]+)/.exec(part)?.[1];
    return { about: match[1]!, kind: (kind ?? 'other') as ImdnFacts['kind'], status: status ?? '' };
  });
}
