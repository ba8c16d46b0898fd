/** RFC 4975 section 6: MSRP URIs. */

import { MsrpParseError } from './errors.ts';

export interface MsrpUri {
  readonly secure: boolean;
  readonly userInfo?: string;
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  readonly port?: number;
  readonly sessionId?: string;
  /** `tcp`, or `ws` (RFC 7977), as written. */
  readonly transport: string;
  /** Parameters after the transport, as written. */
  readonly parameters: readonly string[];
}

const MAX_LENGTH = 1_024;
const URI =
  /^(msrps?):\/\/(?:([^@/;\s]*)@)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.\-_~%!$&'()*+,=]+)(?::(\d{1,5}))?(?:\/([A-Za-z0-9.\-_~+=/]+))?;([A-Za-z0-9]+)((?:;[^;\s]+)*)$/i;

/** Throws MsrpParseError. */
export function parseMsrpUri(text: string): MsrpUri {
  const match = text.length > MAX_LENGTH ? null : URI.exec(text);
  const port = match?.[4] === undefined ? undefined : Number(match[4]);
  if (match === null || (port !== undefined && port > 65_535)) {
    const expected = 'msrp(s)://host[:port][/session];transport';
    throw new MsrpParseError({ offset: 0, field: 'MSRP URI', expected, clause: 'RFC 4975 6, 9' });
  }
  const [, scheme, userInfo, host, , sessionId, transport, rest] = match;
  return {
    secure: scheme!.toLowerCase() === 'msrps',
    ...(userInfo !== undefined && { userInfo }),
    host: host!.replace(/^\[|\]$/g, ''),
    ...(port !== undefined && { port }),
    ...(sessionId !== undefined && { sessionId }),
    transport: transport!,
    parameters: rest === '' ? [] : rest!.slice(1).split(';'),
  };
}

export function writeMsrpUri(uri: MsrpUri): string {
  const { secure, userInfo, host, port, sessionId, transport, parameters } = uri;
  const authority = host.includes(':') ? `[${host}]` : host;
  const text = [
    `${secure ? 'msrps' : 'msrp'}://`,
    userInfo === undefined ? '' : `${userInfo}@`,
    authority,
    port === undefined ? '' : `:${port}`,
    sessionId === undefined ? '' : `/${sessionId}`,
    [';', transport, ...parameters.map((one) => `;${one}`)].join(''),
  ].join('');
  parseMsrpUri(text);
  return text;
}

/**
 * Section 6.1: scheme, host and transport without case, session id with it; an explicit port never equals none; user
 * information and other parameters don't count. A text that is no MSRP URI equals nothing.
 */
export function sameMsrpUri(one: string, other: string): boolean {
  try {
    const a = parseMsrpUri(one);
    const b = parseMsrpUri(other);
    return (
      a.secure === b.secure &&
      a.host.toLowerCase() === b.host.toLowerCase() &&
      a.port === b.port &&
      a.sessionId === b.sessionId &&
      a.transport.toLowerCase() === b.transport.toLowerCase()
    );
  } catch (error) {
    if (error instanceof MsrpParseError) return false;
    throw error;
  }
}
