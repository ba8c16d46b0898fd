/** RFC 3261 sections 7.3.1 and 7.3.3: header names in any case, long or compact, are one name. */

/** IANA's registry of compact forms; `o` and `u` are RFC 6665's, `r` RFC 3515's, `b` RFC 3892's, `j`, `a`, `d` RFC 3841's. */
const COMPACT: ReadonlyMap<string, string> = new Map([
  ['a', 'accept-contact'],
  ['b', 'referred-by'],
  ['c', 'content-type'],
  ['d', 'request-disposition'],
  ['e', 'content-encoding'],
  ['f', 'from'],
  ['i', 'call-id'],
  ['j', 'reject-contact'],
  ['k', 'supported'],
  ['l', 'content-length'],
  ['m', 'contact'],
  ['n', 'identity-info'],
  ['o', 'event'],
  ['r', 'refer-to'],
  ['s', 'subject'],
  ['t', 'to'],
  ['u', 'allow-events'],
  ['v', 'via'],
  ['x', 'session-expires'],
  ['y', 'identity'],
]);

const SHORT: ReadonlyMap<string, string> = new Map([...COMPACT].map(([short, long]) => [long, short]));

/** Headers whose grammar has commas that separate nothing (RFC 3261 20, 7.3.1 for the authentication four). */
const NEVER_LISTS: ReadonlySet<string> = new Set([
  'authorization',
  'authentication-info',
  'call-id',
  'content-length',
  'content-type',
  'cseq',
  'date',
  'from',
  'max-forwards',
  'organization',
  'proxy-authenticate',
  'proxy-authorization',
  'reply-to',
  'retry-after',
  'server',
  'subject',
  'timestamp',
  'to',
  'user-agent',
  'www-authenticate',
]);

/** Spellings seen: few in any network, so that most names are looked up once and never computed again. */
const SEEN = new Map<string, string>();
const MOST_SEEN = 1_024;
const LONGEST_SEEN = 64;

/** The name under which two spellings of one header are equal: long and in lower case. */
export function canonicalName(name: string): string {
  const known = SEEN.get(name);
  if (known !== undefined) return known;
  const lower = name.toLowerCase();
  const canonical = lower.length === 1 ? (COMPACT.get(lower) ?? lower) : lower;
  if (SEEN.size < MOST_SEEN && name.length <= LONGEST_SEEN) SEEN.set(name, canonical);
  return canonical;
}

/** The compact form of a header name, or the name itself where it has none. */
export function compactName(name: string): string {
  return SHORT.get(name.toLowerCase()) ?? name;
}

/** Whether one header field of this name may hold several values with commas between. */
export function isListHeader(canonical: string): boolean {
  return !NEVER_LISTS.has(canonical);
}
