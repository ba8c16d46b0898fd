/** The parts of an INVITE's body: old clients put more than SDP there. */

import { essenceOf, MimeError, parseMultipart, partContent } from '../mime.ts';
import { header } from '../sip/headers.ts';
import type { SipRequest } from '../sip/message.ts';

export interface BodyPart {
  /** As written; undefined when it isn't said. */
  readonly contentType: string | undefined;
  readonly content: Uint8Array;
}

/** The body as one part, or those of a `multipart/mixed`; none when it is empty or can't be taken apart. */
export function partsOf(request: SipRequest): readonly BodyPart[] {
  const contentType = header(request, 'Content-Type');
  if (request.body.length === 0) return [];
  if (essenceOf(contentType) !== 'multipart/mixed') return [{ contentType, content: request.body }];
  try {
    return parseMultipart(contentType!, request.body).map((part) => ({
      contentType: part.headers.get('content-type'),
      content: partContent(part),
    }));
  } catch (error) {
    if (error instanceof MimeError) return [];
    throw error;
  }
}

export function mediaTypeOf({ contentType }: BodyPart): string | undefined {
  return essenceOf(contentType);
}
