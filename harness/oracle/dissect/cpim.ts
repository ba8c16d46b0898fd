/** CPIM (RFC 3862) and the disposition notifications inside it (RFC 5438), as far as judging needs them. */
import { Buffer } from 'node:buffer';
import { type HeaderLine, headerValue, mediaType, readHeaderBlock } from './header-block.ts';

const IMDN_NAMESPACE = 'urn:ietf:params:imdn';
const MLS_NAMESPACE = 'http://www.gsma.com/rcs/mls';

export interface CpimFacts {
  readonly messageId?: string;
  /** What its sender asks to be told (RFC 5438 section 6.2), lower case. */
  readonly asksFor: readonly string[];
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
  const messageId = namespaced(message.lines, IMDN_NAMESPACE, 'message-id');
  const asked = namespaced(message.lines, IMDN_NAMESPACE, 'disposition-notification') ?? '';
  return {
    ...(messageId !== undefined && { messageId }),
    asksFor: asked.split(',').map((one) => one.trim().toLowerCase()),
    headers: message.lines,
    ...(contentType !== undefined && { contentType }),
    content,
    receipts: contentType === 'message/imdn+xml' ? dissectImdn(Buffer.from(content).toString('utf8')) : [],
    ...(malformed !== undefined && { malformed }),
  };
}

/** A header of RCC.16's namespace (docs/rcc16.md 4.2); names are compared without case. */
export function mlsHeader(cpim: CpimFacts, name: string): string | undefined {
  return namespaced(cpim.headers, MLS_NAMESPACE, name.toLowerCase());
}

/** The value of a header of a namespace, whatever prefix an NS header binds (RFC 3862 section 3.4). */
function namespaced(lines: readonly HeaderLine[], namespace: string, name: string): string | undefined {
  const prefixes = namespace === IMDN_NAMESPACE ? ['imdn'] : [];
  for (const line of lines) {
    const bound = line.name === 'ns' ? /^(\S+)\s*<([^>]*)>$/.exec(line.value) : undefined;
    if (bound && bound[2] === namespace) prefixes.push(bound[1]!.toLowerCase());
  }
  return lines.find((line) => prefixes.some((prefix) => line.name === `${prefix}.${name}`))?.value;
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
