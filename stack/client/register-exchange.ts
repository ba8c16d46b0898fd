/** One registration with one P-CSCF: REGISTER and what its answers ask for (docs/rcs-signalling.md 2.2). */
import type { RcsConfig } from '../rcs/config/index.ts';
import { authenticatedRequest } from '../rcs/sip/authenticated-request.ts';
import { parseCSeq } from '../rcs/sip/cseq.ts';
import type { DigestClient } from '../rcs/sip/digest-client.ts';
import type { SipEndpoint, SipResult, SipTarget } from '../rcs/sip/endpoint.ts';
import { header, headerValues } from '../rcs/sip/headers.ts';
import type { SipHeader, SipRequest } from '../rcs/sip/message.ts';
import { trustedRedirection } from './proxy-list.ts';
import type { Unreachable } from './registration-outcome.ts';

export type ExchangeOutcome =
  | { readonly kind: 'granted'; readonly result: SipResult; readonly target: SipTarget }
  | { readonly kind: 'refused'; readonly status: number; readonly reason: string }
  /** Nobody answered, or a server in trouble did: another one may be better. */
  | Unreachable;

export interface RegisterExchangeOptions {
  readonly endpoint: SipEndpoint;
  readonly digest: DigestClient;
  readonly config: RcsConfig;
  readonly target: SipTarget;
  /** Seconds asked for; 0 ends the registration. */
  readonly expires: number;
  /** A REGISTER for so many seconds, CSeq one above that of the last. */
  request(expires: number, more: readonly SipHeader[]): SipRequest;
  /** The CSeq that was used last. */
  onSent(cseq: number): void;
}

/** Each answer that asks for something else is followed once: 302, 423, 494. */
export async function registerExchange(options: RegisterExchangeOptions): Promise<ExchangeOutcome> {
  const { endpoint, digest, config } = options;
  let { target, expires } = options;
  let more: readonly SipHeader[] = [];
  const followed = new Set<number>();
  for (;;) {
    const { result, sent, why } = await authenticatedRequest(options.request(expires, more), digest, (one) =>
      endpoint.request(one, target, { keep: true }),
    );
    options.onSent(parseCSeq(header(sent, 'CSeq') ?? '').number);
    if (why !== undefined) return { kind: 'refused', status: result.status, reason: why };
    if (result.status === 200) return { kind: 'granted', result, target };
    const again = followed.has(result.status) ? undefined : follow(result, target, expires, config);
    if (again === undefined) return outcomeOf(result, target);
    followed.add(result.status);
    ({ target, expires, more } = { more, ...again });
  }
}

interface Again {
  readonly target: SipTarget;
  readonly expires: number;
  readonly more?: readonly SipHeader[];
}

function follow(result: SipResult, target: SipTarget, expires: number, config: RcsConfig): Again | undefined {
  if (result.status === 302) {
    const elsewhere = trustedRedirection(headerValues(result, 'Contact')[0], config, target);
    return elsewhere && { target: elsewhere, expires };
  }
  if (result.status === 423) {
    const least = Number(header(result, 'Min-Expires') ?? Number.NaN);
    return least > expires ? { target, expires: least } : undefined;
  }
  // RFC 3329 section 2.3.1: the server's list goes back with the choice; over TLS the choice is made already.
  const offered = headerValues(result, 'Security-Server');
  const tls = offered.some((value) => value.split(';')[0]!.trim().toLowerCase() === 'tls');
  if (result.status !== 494 || target.transport !== 'tls' || !tls) return undefined;
  const agreement = [
    { name: 'Security-Client', value: 'tls' },
    { name: 'Security-Verify', value: offered.join(', ') },
    { name: 'Require', value: 'sec-agree' },
    { name: 'Proxy-Require', value: 'sec-agree' },
  ];
  return { target, expires, more: agreement };
}

function outcomeOf(result: SipResult, { transport, host, port }: SipTarget): ExchangeOutcome {
  const { status, reason, failure } = result;
  if (failure?.code === 'certificate')
    return { kind: 'unreachable', reason: `certificate: ${failure.message}`, untrusted: true };
  if (result.local)
    return { kind: 'unreachable', reason: `no answer from ${host} port ${port} over ${transport}` };
  if (status !== 408 && (status < 500 || status >= 600)) return { kind: 'refused', status, reason };
  const retryAfter = /^\s*(\d{1,9})/.exec(header(result, 'Retry-After') ?? '')?.[1];
  return {
    kind: 'unreachable',
    reason: `${status} ${reason}`,
    ...(retryAfter !== undefined && { retryAfterMs: Number(retryAfter) * 1_000 }),
  };
}
