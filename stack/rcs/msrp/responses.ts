/** RFC 4975 sections 7.2 and 10: responses, and when there is none. */

import { type MsrpRequest, type MsrpResponse, msrpHeader } from './frame.ts';

const COMMENTS: Readonly<Record<number, string>> = {
  200: 'OK',
  400: 'Bad request',
  403: 'Not allowed',
  404: 'Recipient unknown',
  408: 'Timed out',
  413: 'Stop sending',
  415: 'Media type not understood',
  423: 'Parameter out of bounds',
  481: 'No such session',
  501: 'Unknown method',
  506: 'Session in use',
};

export type FailureReport = 'yes' | 'no' | 'partial';

/** Undefined for a value that the specification doesn't know. */
export function failureReportOf(request: MsrpRequest): FailureReport | undefined {
  const value = msrpHeader(request, 'Failure-Report')?.toLowerCase() ?? 'yes';
  return value === 'yes' || value === 'no' || value === 'partial' ? value : undefined;
}

export function wantsSuccessReport(request: MsrpRequest): boolean {
  return msrpHeader(request, 'Success-Report')?.toLowerCase() === 'yes';
}

/** Whether a response with `status` is sent at all: never to a REPORT, never where the sender wants none. */
export function isAnswered(request: MsrpRequest, status: number): boolean {
  if (request.method === 'REPORT') return false;
  const wanted = failureReportOf(request) ?? 'yes';
  return wanted === 'yes' || (wanted === 'partial' && status !== 200);
}

/** To the previous hop only, the first URI of From-Path, from the first of To-Path (section 7.2). */
export function responseTo(request: MsrpRequest, status: number, comment?: string): MsrpResponse {
  const text = comment ?? COMMENTS[status];
  return {
    kind: 'response',
    transactionId: request.transactionId,
    status,
    ...(text !== undefined && { comment: text }),
    toPath: [request.fromPath[0]!],
    fromPath: [request.toPath[0]!],
    headers: [],
  };
}
