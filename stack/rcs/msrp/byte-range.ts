/** RFC 4975 sections 7.1.1 and 9: which octets of a message a chunk holds. */

export interface ByteRange {
  /** The first octet's number; the count begins with 1. */
  readonly start: number;
  /** The last octet's; absent when it was not known as the chunk began (`*`). */
  readonly end?: number;
  /** Octets of the whole message; absent when not known (`*`). */
  readonly total?: number;
}

const RANGE = /^([0-9]{1,15})-([0-9]{1,15}|\*)\/([0-9]{1,15}|\*)$/;

/** Undefined when it is no range. */
export function parseByteRange(text: string): ByteRange | undefined {
  const match = RANGE.exec(text.trim());
  if (match === null || Number(match[1]) < 1) return undefined;
  const [, start, end, total] = match;
  return {
    start: Number(start),
    ...(end !== '*' && { end: Number(end) }),
    ...(total !== '*' && { total: Number(total) }),
  };
}

export function writeByteRange({ start, end, total }: ByteRange): string {
  return `${start}-${end ?? '*'}/${total ?? '*'}`;
}
