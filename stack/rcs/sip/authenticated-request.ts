/** RFC 3261 section 22.2 and 8.1.3.5: a request goes again with credentials, Call-ID and From kept, CSeq one higher. */

import { parseCSeq } from './cseq.ts';
import type { DigestClient } from './digest-client.ts';
import type { SipResult } from './endpoint.ts';
import { header, setHeader } from './headers.ts';
import type { SipRequest } from './message.ts';

/** Rounds of challenge and answer: SIM out of step, a stale nonce, a proxy besides the registrar. */
const MOST_ROUNDS = 5;

export interface AuthenticatedResult {
  /** The last final response. */
  readonly result: SipResult;
  /** The request that got it. */
  readonly sent: SipRequest;
  /** Why a 401 or 407 was left unanswered, or a 2xx is not to be trusted. */
  readonly why?: string;
}

/** Sends until the answer is neither 401 nor 407, or another round would end no better. */
export async function authenticatedRequest(
  request: SipRequest,
  digest: DigestClient,
  send: (request: SipRequest) => Promise<SipResult>,
): Promise<AuthenticatedResult> {
  let next = request;
  for (let round = 1; ; round += 1) {
    const sent = digest.authorize(next);
    const result = await send(sent);
    if (result.local || (result.status !== 401 && result.status !== 407)) {
      const trusted = result.local || result.status >= 300 || digest.accepted(sent, result);
      return trusted ? { result, sent } : { result, sent, why: 'the network does not know the secret' };
    }
    const outcome = digest.challenged(sent, result);
    if (outcome.kind === 'refused') return { result, sent, why: outcome.why };
    if (round === MOST_ROUNDS)
      return { result, sent, why: `challenged ${MOST_ROUNDS} times for one request` };
    next = withNextCSeq(next);
  }
}

function withNextCSeq(request: SipRequest): SipRequest {
  const { number, method } = parseCSeq(header(request, 'CSeq') ?? '');
  return setHeader(request, 'CSeq', `${number + 1} ${method}`);
}
