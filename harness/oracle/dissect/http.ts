/** HTTP/1.1 message text (RFC 9112), as the trace holds each request and response whole. */
import { Buffer } from 'node:buffer';
import { type HeaderLine, headerValue, readHeaderBlock } from './header-block.ts';

export interface HttpFacts {
  readonly kind: 'request' | 'response';
  readonly method?: string;
  readonly target?: string;
  readonly status?: number;
  readonly headers: readonly HeaderLine[];
  readonly body: Uint8Array;
  readonly malformed?: string;
}

const START_LINE = /^(?:HTTP\/1\.[01] (\d{3})(?: .*)?|([A-Z]+) (\S+) HTTP\/1\.[01])$/;

/** Never throws; undefined when it has no HTTP start line. */
export function dissectHttp(bytes: Uint8Array): HttpFacts | undefined {
  const feed = bytes.indexOf(0x0a);
  const line = Buffer.from(bytes.subarray(0, Math.max(0, feed)))
    .toString('utf8')
    .replace(/\r$/, '');
  const match = START_LINE.exec(line);
  if (!match) return undefined;
  const block = readHeaderBlock(bytes, feed + 1);
  const body = bytes.subarray(block.end ?? bytes.length);
  const declared = headerValue(block.lines, 'content-length');
  const wrong =
    declared !== undefined && declared !== String(body.length)
      ? `Content-Length ${declared}, the body has ${body.length} octets`
      : undefined;
  const malformed = block.malformed ?? wrong;
  return {
    kind: match[1] === undefined ? 'request' : 'response',
    ...(match[2] !== undefined && { method: match[2] }),
    ...(match[3] !== undefined && { target: match[3] }),
    ...(match[1] !== undefined && { status: Number(match[1]) }),
    headers: block.lines,
    body,
    ...(malformed !== undefined && { malformed }),
  };
}
