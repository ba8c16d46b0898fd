/** RFC 4975 section 9: MSRP requests and responses as data. */

export interface MsrpHeader {
  readonly name: string;
  readonly value: string;
}

/** How an end-line ends: the message is complete, goes on in another chunk, or is given up (section 5.1). */
export type MsrpFlag = '$' | '+' | '#';

export interface MsrpRequest {
  readonly kind: 'request';
  readonly transactionId: string;
  /** `SEND`, `REPORT`, or one that is unknown here. */
  readonly method: string;
  /** URIs as written; at least one, the next hop first. */
  readonly toPath: readonly string[];
  /** URIs as written; at least one, the previous hop first. */
  readonly fromPath: readonly string[];
  /** The others, in order; Content-Type and other MIME headers last. */
  readonly headers: readonly MsrpHeader[];
  /** Absent when there is no Content-Type; then the frame has no blank line either. */
  readonly body?: Uint8Array;
  readonly flag: MsrpFlag;
  /** Octets of the body that a parser left out because they were beyond its limit. */
  readonly dropped?: number;
}

export interface MsrpResponse {
  readonly kind: 'response';
  readonly transactionId: string;
  /** Three digits. */
  readonly status: number;
  readonly comment?: string;
  readonly toPath: readonly string[];
  readonly fromPath: readonly string[];
  readonly headers: readonly MsrpHeader[];
}

export type MsrpFrame = MsrpRequest | MsrpResponse;

/** The value of a header; names are compared without case, as MIME's are. */
export function msrpHeader(frame: MsrpFrame, name: string): string | undefined {
  const wanted = name.toLowerCase();
  return frame.headers.find((one) => one.name.toLowerCase() === wanted)?.value;
}

/** Section 9, `ident`: 4 to 32 characters. */
export const IDENT = /^[A-Za-z0-9][A-Za-z0-9.\-+%=]{3,31}$/;
/** What stands before the transaction id in an end-line. */
export const END_LINE_DASHES = '-------';
