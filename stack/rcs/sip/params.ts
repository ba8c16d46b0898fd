/** RFC 3261 section 25.1: generic-param, the `;name=value` tails of Via, name-addr and many more. */

import { type Cursor, isToken, quoteString } from './cursor.ts';

/** By lower-case name; `undefined` for a parameter without a value. Values without their quotes. */
export type Params = ReadonlyMap<string, string | undefined>;

const NAME = /[A-Za-z0-9\-.!%*_+`'~]+/y;
// Wider than token and host: clients send feature tag values and `received` IPv6 addresses bare.
const BARE_VALUE = /[A-Za-z0-9\-.!%*_+`'~[\]:/@?&=$()#]+/y;

/** RFC 3840 section 9: base feature tags, whose values always stand in quotes, as those of `+` tags do. */
const QUOTED_TAGS: ReadonlySet<string> = new Set([
  ...[
    'audio',
    'automata',
    'class',
    'duplex',
    'data',
    'control',
    'mobility',
    'description',
    'events',
    'priority',
  ],
  ...[
    'methods',
    'schemes',
    'application',
    'video',
    'language',
    'type',
    'isfocus',
    'actor',
    'text',
    'extensions',
  ],
  ...['pub-gruu', 'temp-gruu'],
]);

/**
 * Reads `;name[=value]` until something else comes. A repeated feature tag (`+...`) adds to the list of the first,
 * any other repeated name is refused (RFC 3261 7.3.1).
 */
export function readParams(cursor: Cursor, clause: string): Params {
  const params = new Map<string, string | undefined>();
  while (cursor.eat(';')) {
    const name = cursor.match(NAME)?.toLowerCase();
    if (name === undefined) throw cursor.error('a parameter name', clause);
    let value: string | undefined;
    if (cursor.eat('=')) {
      value = cursor.peek() === '"' ? cursor.quotedString() : cursor.match(BARE_VALUE);
      if (value === undefined) throw cursor.error('a parameter value', clause);
    }
    if (params.has(name)) {
      if (!name.startsWith('+')) throw cursor.error('each parameter once', 'RFC 3261 7.3.1');
      value = [params.get(name), value].filter((part) => part !== undefined).join(',') || undefined;
    }
    params.set(name, value);
  }
  return params;
}

/** `;name=value` for each; quoted where the grammar asks for it. */
export function writeParams(params: Params): string {
  let text = '';
  for (const [name, value] of params) {
    text += `;${name}`;
    if (value === undefined) continue;
    const bare = !name.startsWith('+') && !QUOTED_TAGS.has(name) && (isToken(value) || isAddress(value));
    text += `=${bare ? value : quoteString(value)}`;
  }
  return text;
}

function isAddress(value: string): boolean {
  return /^(?:\[[0-9A-Fa-f:.]+\]|[0-9A-Fa-f]*:[0-9A-Fa-f:.]+)$/.test(value);
}
