/** RFC 3261 section 19.1.4 and RFC 3966 section 4: when two URIs are the same. */

import { type SipUri, type TelUri, unescapeUri } from './uri.ts';

/** Parameters that a URI without them doesn't equal, even at their defaults. */
const DISTINGUISHING = ['user', 'ttl', 'method', 'maddr', 'transport'];

/** Not transitive, as the RFC says: parameters that only one side has are mostly ignored. */
export function sameUri(a: SipUri | TelUri, b: SipUri | TelUri): boolean {
  if (a.scheme === 'tel' || b.scheme === 'tel')
    return a.scheme === 'tel' && b.scheme === 'tel' && sameTel(a, b);
  return (
    a.scheme === b.scheme &&
    unescaped(a.user) === unescaped(b.user) &&
    unescaped(a.password) === unescaped(b.password) &&
    a.host.toLowerCase() === b.host.toLowerCase() &&
    a.port === b.port &&
    sameParams(a, b) &&
    sameHeaders(a, b)
  );
}

function sameParams(a: SipUri, b: SipUri): boolean {
  if (DISTINGUISHING.some((name) => a.params.has(name) !== b.params.has(name))) return false;
  for (const [name, value] of a.params) {
    if (b.params.has(name) && folded(value) !== folded(b.params.get(name))) return false;
  }
  return true;
}

function sameHeaders(a: SipUri, b: SipUri): boolean {
  const list = (uri: SipUri): string[] =>
    uri.headers.map(({ name, value }) => `${unescapeUri(name).toLowerCase()}=${unescapeUri(value)}`).sort();
  const left = list(a);
  const right = list(b);
  return left.length === right.length && left.every((entry, index) => entry === right[index]);
}

function sameTel(a: TelUri, b: TelUri): boolean {
  const digits = (uri: TelUri): string => uri.number.replace(/[-.()]/g, '').toLowerCase();
  if (digits(a) !== digits(b) || a.params.size !== b.params.size) return false;
  return [...a.params].every(
    ([name, value]) => b.params.has(name) && folded(value) === folded(b.params.get(name)),
  );
}

function unescaped(text: string | undefined): string | undefined {
  return text === undefined ? undefined : unescapeUri(text);
}

function folded(text: string | undefined): string | undefined {
  return unescaped(text)?.toLowerCase();
}
