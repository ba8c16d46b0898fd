/** Several middleboxes one behind the other. */
import type { IncomingRequest } from '../../../../stack/rcs/sip/endpoint.ts';
import type { SipHeader, SipMessage, SipRequest, SipResponse } from '../../../../stack/rcs/sip/message.ts';
import { makeResponse } from '../../../../stack/rcs/sip/responses.ts';
import { changeCase } from './change-case.ts';
import { dropContentTypes } from './drop-content-types.ts';
import { limitSize } from './limit-size.ts';
import type { Middlebox, Passage } from './middlebox.ts';
import { reframeCpim } from './reframe-cpim.ts';
import { reorderHeaders } from './reorder-headers.ts';
import { rewriteHeaders } from './rewrite-headers.ts';
import { stripFeatureTags } from './strip-feature-tags.ts';
import { truncateOptions } from './truncate-options.ts';

/** Through each in turn, until one keeps it. `now` is epoch milliseconds. */
export function passRequest(boxes: readonly Middlebox[], request: SipRequest, now: number): Passage {
  let passing = request;
  for (const box of boxes) {
    const passage = through(box, passing, now);
    if (passage.kind !== 'passes') return passage;
    passing = passage.request;
  }
  return { kind: 'passes', request: passing };
}

/** Answers go back through the same boxes; none of them keeps an answer. */
export function passResponse(boxes: readonly Middlebox[], response: SipResponse, now: number): SipResponse {
  return boxes.toReversed().reduce((passing, box) => rewritten(box, passing, now), response);
}

type Kept = Exclude<Passage, { kind: 'passes' }>;

/** The answer to what a box of `host` keeps back: what is lost is answered as if it had been taken (hazard R41). */
export function keptBack(request: SipRequest, kept: Kept, host: string, toTag: string): SipResponse {
  const { status, headers } = answerTo(kept, host);
  return makeResponse(request, status, { toTag, headers });
}

/** As keptBack, on the transaction itself. */
export function respondKept(incoming: IncomingRequest, kept: Kept, host: string): void {
  const { status, headers } = answerTo(kept, host);
  incoming.respond(status, { headers });
}

function answerTo(kept: Kept, host: string): { status: number; headers: SipHeader[] } {
  if (kept.kind === 'lost') return { status: 202, headers: [] };
  return { status: kept.status, headers: [{ name: 'Warning', value: `399 ${host} "${kept.why}"` }] };
}

function through(box: Middlebox, request: SipRequest, now: number): Passage {
  switch (box.kind) {
    case 'drop-content-types':
      return dropContentTypes(request, box.types, box.answer);
    case 'limit-size':
      return limitSize(request, box.octets);
    default:
      return { kind: 'passes', request: rewritten(box, request, now) };
  }
}

function rewritten<M extends SipMessage>(box: Middlebox, message: M, now: number): M {
  switch (box.kind) {
    case 'strip-feature-tags':
      return stripFeatureTags(message, box.tags);
    case 'reorder-headers':
      return reorderHeaders(message);
    case 'rewrite-headers':
      return rewriteHeaders(message, box.headers);
    case 'truncate-options':
      return truncateOptions(message, box.octets);
    case 'change-case':
      return changeCase(message, box.to);
    case 'reframe-cpim':
      return reframeCpim(message, box.changes, now);
    default:
      return message;
  }
}
