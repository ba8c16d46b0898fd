/** RFC 3261 section 8.2: a request as its server handles it. */

import type { SipFlow } from './flow.ts';
import type { SipHeader, SipRequest, SipResponse } from './message.ts';
import { makeResponse } from './responses.ts';
import type { ServerTransaction } from './transaction.ts';

export interface RespondOptions {
  /** The registered phrase when absent. */
  readonly reason?: string;
  readonly headers?: readonly SipHeader[];
  readonly body?: Uint8Array;
  /** Whether To gets this side's tag if it has none; true by default, and never for 100 (8.2.6.2). */
  readonly toTag?: boolean;
}

export interface IncomingRequest {
  /** With `received` and `rport` noted in the top Via. */
  readonly request: SipRequest;
  readonly flow: SipFlow;
  /** The tag that this side's responses put into To. */
  readonly localTag: string;
  /** For a CANCEL: the request it cancels (9.2); absent when there is none, which is answered 481. */
  readonly cancels?: IncomingRequest;
  /** Any number of provisional responses, then one final one; what comes after that is not sent. */
  respond(status: number, options?: RespondOptions): void;
  /** As a proxy: passes on a response from downstream, this side's own Via already taken off (16.7). */
  relay(response: SipResponse): void;
}

/** Without a transaction (an ACK) responses go nowhere. */
export function makeIncomingRequest(parts: {
  readonly request: SipRequest;
  readonly flow: SipFlow;
  readonly localTag: string;
  readonly transaction: ServerTransaction | undefined;
  readonly cancels: IncomingRequest | undefined;
}): IncomingRequest {
  const { request, flow, localTag, transaction, cancels } = parts;
  return {
    request,
    flow,
    localTag,
    ...(cancels === undefined ? {} : { cancels }),
    respond: (status, options = {}) => {
      const { toTag = true, ...response } = options;
      const tag = toTag && status > 100 ? { toTag: localTag } : {};
      transaction?.respond(makeResponse(request, status, { ...response, ...tag }));
    },
    relay: (response) => {
      transaction?.respond(response);
    },
  };
}
