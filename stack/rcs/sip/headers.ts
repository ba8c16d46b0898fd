/** RFC 3261 section 7.3: looking up and changing header fields. Long, compact and any-case names are one name. */

import { splitOutsideQuotes } from './cursor.ts';
import { canonicalName, isListHeader } from './header-names.ts';
import type { SipHeader, SipMessage } from './message.ts';

/** The value of the first header field of that name, as it stands. */
export function header(message: SipMessage, name: string): string | undefined {
  const wanted = canonicalName(name);
  for (const field of message.headers) if (canonicalName(field.name) === wanted) return field.value;
  return undefined;
}

/**
 * All values of that name in order: several fields, or one with commas, are the same (RFC 3261 7.3.1). Commas within
 * quotes or <> don't separate; headers that aren't lists are never split. Throws SipParseError on an open quote.
 */
export function headerValues(message: SipMessage, name: string): string[] {
  const wanted = canonicalName(name);
  const fields = message.headers.filter((h) => canonicalName(h.name) === wanted);
  if (!isListHeader(wanted)) return fields.map((h) => h.value);
  return fields.flatMap((h) => (h.value === '' ? [] : splitOutsideQuotes(h.value, ',', name)));
}

/** Puts the value in the place of the first field of that name and drops the others, or adds it at the end. */
export function setHeader<M extends SipMessage>(message: M, name: string, value: string): M {
  const wanted = canonicalName(name);
  const first = message.headers.findIndex((h) => canonicalName(h.name) === wanted);
  if (first < 0) return addHeader(message, name, value);
  const headers: SipHeader[] = [];
  message.headers.forEach((h, index) => {
    if (index === first) headers.push({ name: h.name, value });
    else if (canonicalName(h.name) !== wanted) headers.push(h);
  });
  return { ...message, headers };
}

/** Adds a field: at the end, or with `top` before every other, which for Via and Record-Route is the first of the list. */
export function addHeader<M extends SipMessage>(message: M, name: string, value: string, top = false): M {
  const added: SipHeader = { name, value };
  return { ...message, headers: top ? [added, ...message.headers] : [...message.headers, added] };
}

/** Drops every field of that name. */
export function removeHeader<M extends SipMessage>(message: M, name: string): M {
  const wanted = canonicalName(name);
  return { ...message, headers: message.headers.filter((h) => canonicalName(h.name) !== wanted) };
}

/**
 * Replaces the first value of a list header, or drops it when `value` is absent (a proxy takes off its own Via or
 * Route). The other values stay as they are. Unchanged when there is none.
 */
export function replaceTopValue<M extends SipMessage>(message: M, name: string, value?: string): M {
  const wanted = canonicalName(name);
  const index = message.headers.findIndex((h) => canonicalName(h.name) === wanted && h.value !== '');
  const field = message.headers[index];
  if (field === undefined) return message;
  const rest = splitOutsideQuotes(field.value, ',', name).slice(1);
  const values = value === undefined ? rest : [value, ...rest];
  const headers = [...message.headers];
  headers.splice(index, 1, ...(values.length === 0 ? [] : [{ name: field.name, value: values.join(', ') }]));
  return { ...message, headers };
}
