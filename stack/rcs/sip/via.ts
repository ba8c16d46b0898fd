/** RFC 3261 sections 18.2 and 20.42, RFC 3581: Via, the way back of a response. */

import type { Endpoint, TransportProtocol } from '../../platform.ts';
import { Cursor, isToken } from './cursor.ts';
import { headerValues, replaceTopValue } from './headers.ts';
import type { SipMessage, SipRequest } from './message.ts';
import { type Params, readParams, writeParams } from './params.ts';
import { isIpv6 } from './uri.ts';
import { defaultPort } from './web-socket.ts';

export interface Via {
  /** Upper-case: `UDP`, `TCP`, `TLS`, `WS`, `WSS`, or another that this stack doesn't speak. */
  readonly transport: string;
  /** sent-by; IPv6 addresses without brackets. */
  readonly host: string;
  readonly port?: number;
  readonly params: Params;
}

/** RFC 3261 8.1.1.7: a branch that begins so is unique across space and time. */
export const MAGIC_COOKIE = 'z9hG4bK';

const CLAUSE = 'RFC 3261 20.42';
const TOKEN = /[A-Za-z0-9\-.!%*_+`'~]+/y;
const HOST = /\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+/y;
const PORT = /[0-9]{1,5}/y;

/** One Via value. Throws SipParseError. */
export function parseVia(value: string): Via {
  const cursor = new Cursor(value, 'Via');
  cursor.skipLws();
  const protocol = cursor.match(TOKEN);
  const version = cursor.eat('/') ? cursor.match(TOKEN) : undefined;
  const transport = cursor.eat('/') ? cursor.match(TOKEN) : undefined;
  if (protocol?.toUpperCase() !== 'SIP' || version !== '2.0' || transport === undefined) {
    throw cursor.error('SIP/2.0/transport', CLAUSE);
  }
  const before = cursor.pos;
  cursor.skipLws();
  const host = cursor.match(HOST);
  if (host === undefined || cursor.pos - host.length === before)
    throw cursor.error('white space and a host', CLAUSE);
  let port: number | undefined;
  if (cursor.eat(':')) {
    port = Number(cursor.match(PORT) ?? Number.NaN);
    if (!(port <= 65_535)) throw cursor.error('a port up to 65535', CLAUSE);
  }
  const params = readParams(cursor, CLAUSE);
  cursor.expectEnd(CLAUSE);
  const bare = host.startsWith('[') ? host.slice(1, -1) : host;
  return { transport: transport.toUpperCase(), host: bare, ...(port === undefined ? {} : { port }), params };
}

export function writeVia(via: Via): string {
  if (!isToken(via.transport)) throw new TypeError('Via: expected a transport token');
  const host = isIpv6(via.host) ? `[${via.host}]` : via.host;
  const port = via.port === undefined ? '' : `:${via.port}`;
  return `SIP/2.0/${via.transport} ${host}${port}${writeParams(via.params)}`;
}

/** The first Via of the message, if it has one. Throws SipParseError. */
export function topVia(message: SipMessage): Via | undefined {
  const value = headerValues(message, 'Via')[0];
  return value === undefined ? undefined : parseVia(value);
}

/**
 * What a server notes in the top Via about where a request came from (RFC 3261 18.2.1, RFC 3581 4); `keepSeconds` for a
 * client that asks with `keep` (RFC 6223 4.1).
 */
export function stampVia(request: SipRequest, via: Via, source: Endpoint, keepSeconds?: number): SipRequest {
  const params = new Map(via.params);
  if (keepSeconds !== undefined && params.has('keep') && params.get('keep') === undefined)
    params.set('keep', String(keepSeconds));
  const wantsPort = via.params.has('rport');
  if (wantsPort) params.set('rport', String(source.port));
  if (wantsPort || via.host.toLowerCase() !== source.host.toLowerCase()) params.set('received', source.host);
  else params.delete('received');
  return replaceTopValue(request, 'Via', writeVia({ ...via, params }));
}

/**
 * Where a response goes by its top Via when no open stream leads there (RFC 3261 18.2.2). Over UDP `rport` counts
 * (RFC 3581 4); a new stream goes to the port on which the client listens.
 */
export function responseAddress(via: Via, transport: TransportProtocol): Endpoint {
  const port = via.port ?? defaultPort(transport);
  const maddr = via.params.get('maddr');
  if (transport !== 'udp') return { host: via.params.get('received') ?? via.host, port };
  if (maddr !== undefined) return { host: maddr, port };
  const rport = Number(via.params.get('rport') ?? Number.NaN);
  const hasRport = Number.isInteger(rport) && rport <= 65_535;
  return { host: via.params.get('received') ?? via.host, port: hasRport ? rport : port };
}
