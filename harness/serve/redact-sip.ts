import type { FrameEntry } from '../../reports/trace.ts';

/** Digest responses (RFC 7616): a short password can be guessed from one. Masked by as many asterisks. */
const RESPONSE =
  /(?<=^(?:proxy-)?authorization[ \t]*:[^\r\n]*(?:\r\n[ \t][^\r\n]*)*\b(?:response|auts)=")[^"]+/gim;

export function withoutSipSecrets<E extends Pick<FrameEntry, 'bytes'>>(entry: E): E {
  if (entry.bytes === undefined || !('text' in entry.bytes)) return entry;
  const text = entry.bytes.text.replace(RESPONSE, (found) => '*'.repeat(found.length));
  return { ...entry, bytes: { text } };
}
