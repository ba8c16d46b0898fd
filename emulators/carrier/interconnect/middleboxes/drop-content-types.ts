/** Hazard R41 of docs/rcs-signalling.md: content types that a border doesn't pass, answered 415 or dropped in silence. */
import { CpimParseError, cpimContent, parseCpim } from '../../../../stack/rcs/cpim.ts';
import { essenceOf } from '../../../../stack/rcs/mime.ts';
import { header } from '../../../../stack/rcs/sip/headers.ts';
import type { SipRequest } from '../../../../stack/rcs/sip/message.ts';
import type { Passage } from './middlebox.ts';

/** A type is `message/mls`, or a beginning ending in `*`: `message/mls*`. It is looked for in CPIM, too. */
export function dropContentTypes(
  request: SipRequest,
  types: readonly string[],
  answer: 415 | 'silent',
): Passage {
  const dropped = typesOf(request).find((type) => types.some((pattern) => matches(type, pattern)));
  if (dropped === undefined) return { kind: 'passes', request };
  // Only what begins and ends with one request can get lost unnoticed.
  return answer === 'silent' && request.method === 'MESSAGE'
    ? { kind: 'lost' }
    : { kind: 'refused', status: 415, why: `${dropped} does not cross this border` };
}

function matches(type: string, pattern: string): boolean {
  const folded = pattern.toLowerCase();
  return folded.endsWith('*') ? type.startsWith(folded.slice(0, -1)) : type === folded;
}

/** Of the body and of what CPIM wraps, lower case, without parameters. */
function typesOf(request: SipRequest): string[] {
  const outer = essenceOf(header(request, 'Content-Type'));
  if (outer === undefined || request.body.length === 0) return [];
  if (outer !== 'message/cpim') return [outer];
  try {
    const inner = essenceOf(cpimContent(parseCpim(request.body)).contentType);
    return inner === undefined ? [outer] : [outer, inner];
  } catch (error) {
    // A border filter is no validator: what it can't read it lets pass.
    if (error instanceof CpimParseError) return [outer];
    throw error;
  }
}
