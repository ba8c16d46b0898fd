import { NetworkError } from '../../stack/platform.ts';

/** Largest request or response body carried, octets. */
export const BODY_LIMIT = 128 * 1024 * 1024;

/** RFC 9110 section 6.4.1: these never have content. */
export function forbidsBody(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}

/** The whole body. Throws NetworkError `reset` when it is too long. */
export async function bodyOf(message: Request | Response): Promise<Uint8Array<ArrayBuffer>> {
  if (message.body === null) return new Uint8Array(0);
  const bytes = new Uint8Array(await message.arrayBuffer());
  if (bytes.length > BODY_LIMIT)
    throw new NetworkError('reset', `a body of ${bytes.length} octets, at most ${BODY_LIMIT}`);
  return bytes;
}

/** The text form of RFC 9112, for the trace. */
export function requestText(request: Request, body: Uint8Array): Uint8Array {
  const { host, pathname, search } = new URL(request.url);
  return httpText(`${request.method} ${pathname}${search} HTTP/1.1`, request.headers, body, host);
}

/** The text form of RFC 9112, for the trace. */
export function responseText(response: Response, body: Uint8Array): Uint8Array {
  const line = `HTTP/1.1 ${response.status} ${response.statusText}`.trimEnd();
  return httpText(line, response.headers, body);
}

function httpText(startLine: string, headers: Headers, body: Uint8Array, host?: string): Uint8Array {
  const lines = [startLine];
  if (host !== undefined) lines.push(`host: ${host}`);
  for (const [name, value] of headers)
    if (name !== 'content-length' && name !== 'host') lines.push(`${name}: ${value}`);
  lines.push(`content-length: ${body.length}`, '', '');
  const head = new TextEncoder().encode(lines.join('\r\n'));
  const out = new Uint8Array(head.length + body.length);
  out.set(head);
  out.set(body, head.length);
  return out;
}
