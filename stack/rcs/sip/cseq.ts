/** RFC 3261 section 20.16: CSeq. */

import { SipParseError } from './parse-error.ts';

export interface CSeq {
  /** Below 2^31 (RFC 3261 8.1.1.5). */
  readonly number: number;
  readonly method: string;
}

const CSEQ = /^0*([0-9]{1,10})[ \t]+([A-Za-z0-9\-.!%*_+`'~]+)$/;

/** Throws SipParseError. */
export function parseCSeq(value: string): CSeq {
  const [, digits, method] = CSEQ.exec(value) ?? [];
  const number = Number(digits);
  if (method === undefined || !(number < 2 ** 31)) {
    throw new SipParseError({
      offset: 0,
      field: 'CSeq',
      expected: 'a number below 2^31 and a method',
      clause: 'RFC 3261 8.1.1.5',
    });
  }
  return { number, method };
}

export function writeCSeq(cseq: CSeq): string {
  return `${cseq.number} ${cseq.method}`;
}
