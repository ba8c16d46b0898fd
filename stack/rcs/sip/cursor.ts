/** RFC 3261 section 25.1: the lexical pieces that header values are made of. */

import { SipParseError } from './parse-error.ts';

const TOKEN = /^[A-Za-z0-9\-.!%*_+`'~]+$/;
const QUOTED_STRING = /"(?:[^"\\]|\\[\s\S])*"/y;
const LWS = /[ \t]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: quoted-pair is how SIP carries them
const NEEDS_BACKSLASH = /["\\\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** Text as a quoted-string; quote, backslash and control characters become quoted pairs. */
export function quoteString(text: string): string {
  return `"${text.replace(NEEDS_BACKSLASH, '\\$&')}"`;
}

/** What a quoted-string (with its quotes) stands for. */
export function unquoteString(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\([\s\S])/g, '$1');
}

/** Without spaces and tabs at either end; other white space is content. Linear, unlike an unanchored `[ \t]+$`. */
export function trimLws(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isLws(text.charCodeAt(start))) start += 1;
  while (end > start && isLws(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isLws(code: number): boolean {
  return code === 32 || code === 9;
}

/** A place in an unfolded header value; the value parsers read from it in turn. */
export class Cursor {
  readonly text: string;
  readonly field: string;
  pos = 0;

  constructor(text: string, field: string) {
    this.text = text;
    this.field = field;
  }

  get done(): boolean {
    return this.pos >= this.text.length;
  }

  peek(): string | undefined {
    return this.text[this.pos];
  }

  /** Text matched by a sticky expression at this place, which is then passed. */
  match(sticky: RegExp): string | undefined {
    sticky.lastIndex = this.pos;
    const found = sticky.exec(this.text)?.[0];
    if (found !== undefined) this.pos += found.length;
    return found;
  }

  skipLws(): void {
    this.match(LWS);
  }

  /** Passes a separator with the white space that may stand around it (SEMI, EQUAL, SLASH ...), if it is next. */
  eat(separator: string): boolean {
    const before = this.pos;
    this.skipLws();
    if (this.peek() !== separator) {
      this.pos = before;
      return false;
    }
    this.pos += 1;
    this.skipLws();
    return true;
  }

  /** The content of a quoted-string that begins here. Throws when it doesn't end. */
  quotedString(): string {
    const quoted = this.match(QUOTED_STRING);
    if (quoted === undefined) throw this.error('a closing quote', 'RFC 3261 25.1 quoted-string');
    return unquoteString(quoted);
  }

  expectEnd(clause: string): void {
    this.skipLws();
    if (!this.done) throw this.error('the end of the value', clause);
  }

  error(expected: string, clause: string): SipParseError {
    return new SipParseError({ offset: this.pos, field: this.field, expected, clause });
  }
}

/**
 * The parts of a value between separators that stand outside quoted strings and angle brackets, trimmed.
 * Throws SipParseError when a quote or bracket stays open.
 */
export function splitOutsideQuotes(text: string, separator: string, field: string): string[] {
  if (!text.includes('"') && !text.includes('<')) return text.split(separator).map(trimLws);
  const parts: string[] = [];
  let start = 0;
  let inQuotes = false;
  let inAngles = false;
  for (let i = 0; i < text.length; i += 1) {
    const c = text[i];
    if (inQuotes) {
      if (c === '\\') i += 1;
      else if (c === '"') inQuotes = false;
    } else if (c === '"') inQuotes = true;
    else if (c === '<') inAngles = true;
    else if (c === '>') inAngles = false;
    else if (c === separator && !inAngles) {
      parts.push(trimLws(text.slice(start, i)));
      start = i + 1;
    }
  }
  if (inQuotes || inAngles) {
    throw new SipParseError({
      offset: text.length,
      field,
      expected: inQuotes ? 'a closing quote' : 'a closing >',
      clause: 'RFC 3261 25.1',
    });
  }
  parts.push(trimLws(text.slice(start)));
  return parts;
}
