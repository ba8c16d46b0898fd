import type { SipHeader, SipResponse } from '../../stack/rcs/sip/message.ts';

/** What a part of the core answers: a response of its own, or one from downstream to pass on. */
export type Answer =
  | {
      readonly kind: 'own';
      readonly status: number;
      readonly reason?: string;
      readonly headers?: readonly SipHeader[];
      readonly body?: Uint8Array;
    }
  | { readonly kind: 'relayed'; readonly response: SipResponse };

/** The core's own response; `headers` by name. */
export function answer(
  status: number,
  headers: Readonly<Record<string, string>> = {},
  reason?: string,
): Answer {
  const list = Object.entries(headers).map(([name, value]) => ({ name, value }));
  return { kind: 'own', status, headers: list, ...(reason !== undefined && { reason }) };
}

/** A refusal that says why in words: a Warning header with code 399, RFC 3261 section 20.43. */
export function refusal(status: number, host: string, why: string): Answer {
  return answer(status, { Warning: `399 ${host} "${why.replace(/["\\]/g, '\\$&')}"` });
}

/** Nothing more can be kept; what is kept leaves or ends before long. */
export const STORE_FULL = answer(503, { 'Retry-After': '30' });

/** The same answer with header fields added. */
export function withHeaders(given: Answer, headers: readonly SipHeader[]): Answer {
  if (headers.length === 0) return given;
  if (given.kind === 'own') return { ...given, headers: [...(given.headers ?? []), ...headers] };
  const { response } = given;
  return { kind: 'relayed', response: { ...response, headers: [...response.headers, ...headers] } };
}

/** More comes in than goes out; what is under way is through before long. */
export const BUSY = answer(503, { 'Retry-After': '1' });

export function statusOf(given: Answer): number {
  return given.kind === 'own' ? given.status : given.response.status;
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}
