/** RFC 3261 sections 16.4 and 16.6 items 4 to 7: what a proxy does with Route and Record-Route. */
import { addHeader, headerValues, replaceTopValue, setHeader } from '../../../stack/rcs/sip/headers.ts';
import type { SipRequest } from '../../../stack/rcs/sip/message.ts';
import { parseNameAddr } from '../../../stack/rcs/sip/name-addr.ts';
import { parseSipUri, type SipUri } from '../../../stack/rcs/sip/uri.ts';

export interface OwnRoutesTaken {
  readonly request: SipRequest;
  /** User parts of the Route values that named this element, the nearest first. */
  readonly users: readonly string[];
}

/** Takes off the Route values at the top that name this element. Throws SipParseError. */
export function takeOwnRoutes(request: SipRequest, isOwn: (uri: SipUri) => boolean): OwnRoutesTaken {
  let left = undoStrictRouting(request, isOwn);
  const users: string[] = [];
  for (const value of headerValues(left, 'Route')) {
    const uri = parseSipUri(parseNameAddr(value, 'Route').uri);
    if (uri.scheme === 'tel' || !isOwn(uri)) break;
    if (uri.user !== undefined) users.push(uri.user);
    left = replaceTopValue(left, 'Route');
  }
  return { request: left, users };
}

/** The URI that the request goes to next. Throws SipParseError. */
export function nextHopOf(request: SipRequest): string {
  const top = headerValues(request, 'Route')[0];
  return top === undefined ? request.uri : parseNameAddr(top, 'Route').uri;
}

/** One less Max-Forwards; undefined when there are none left (483). */
export function oneHopLess(request: SipRequest): SipRequest | undefined {
  const hops = Number.parseInt(headerValues(request, 'Max-Forwards')[0] ?? '70', 10);
  return hops > 0 ? setHeader(request, 'Max-Forwards', String(hops - 1)) : undefined;
}

/** Puts values on top of Record-Route, the last of `uris` nearest to the server (RFC 5658: one for each side). */
export function recordRoute(request: SipRequest, uris: readonly string[]): SipRequest {
  return uris.reduce((made, uri) => addHeader(made, 'Record-Route', `<${uri}>`, true), request);
}

/** 16.4: a strict router before this one has put its Record-Route URI into the Request-URI. */
function undoStrictRouting(request: SipRequest, isOwn: (uri: SipUri) => boolean): SipRequest {
  const routes = headerValues(request, 'Route');
  const last = routes.at(-1);
  if (last === undefined || !/^sips?:/i.test(request.uri)) return request;
  const uri = parseSipUri(request.uri);
  if (uri.scheme === 'tel' || !uri.params.has('lr') || !isOwn(uri)) return request;
  const kept = request.headers.filter(({ name }) => name.toLowerCase() !== 'route');
  const rest = routes.slice(0, -1).map((value) => ({ name: 'Route', value }));
  return { ...request, uri: parseNameAddr(last, 'Route').uri, headers: [...rest, ...kept] };
}
