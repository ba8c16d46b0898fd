/**
 * The `IM` parms of RCS-e and joyn documents (docs/rcs-signalling.md 1.6), by the names they have there. What the
 * numbers of `imSessionStart` and `SmsFallBackAuth` mean is from memory, so they stay numbers.
 */

type Kind = 'flag' | 'number' | 'text';

/** Key in RcsConfig, name in the document, kind of value. */
const LEGACY_IM = [
  ['capAlwaysOn', 'imCapAlwaysON', 'flag'],
  ['fileTransferCapAlwaysOn', 'ftCapAlwaysON', 'flag'],
  ['messageTechnology', 'imMsgTech', 'number'],
  ['sessionStart', 'imSessionStart', 'number'],
  ['firstMessageInvite', 'firstMsgInvite', 'flag'],
  ['maxSize1toM', 'MaxSize1toM', 'number'],
  ['groupChatFullStoreAndForward', 'GroupChatFullStandFwd', 'flag'],
  ['groupChatOnlyFullStoreAndForward', 'GroupChatOnlyFStandFwd', 'flag'],
  ['fileTransferStoreAndForward', 'ftStAndFwEnabled', 'flag'],
  ['fileTransferMechanism', 'ftDefaultMech', 'text'],
  ['smsFallback', 'SmsFallBackAuth', 'number'],
  ['warnOfStoreAndForward', 'imWarnSF', 'flag'],
  ['maxConcurrentSessions', 'MaxConcurrentSession', 'number'],
  ['deferredMessagingUri', 'deferred-msg-func-uri', 'text'],
] as const satisfies readonly (readonly [string, string, Kind])[];

type Row = (typeof LEGACY_IM)[number];
type ValueOf<K extends Kind> = K extends 'flag' ? boolean : K extends 'number' ? number : string;

/** `messageTechnology`: 0 SIMPLE IM, 1 CPM. `fileTransferMechanism`: `MSRP` or `HTTP`. Sizes in bytes. */
export type LegacyIm = { readonly [R in Row as R[0]]?: ValueOf<R[2]> };

/** Undefined when the document has none of them. `text` looks a parm up, `count` one that must be 0 or more. */
export function readLegacyIm(
  text: (name: string) => string | undefined,
  count: (name: string) => number | undefined,
): LegacyIm | undefined {
  const im: Record<string, string | number | boolean> = {};
  for (const [key, name, kind] of LEGACY_IM) {
    const value = kind === 'text' ? text(name)?.trim() || undefined : count(name);
    if (value !== undefined) im[key] = kind === 'flag' ? value !== 0 : value;
  }
  return Object.keys(im).length > 0 ? im : undefined;
}

/** Parms by name, in the order of the table. */
export function legacyImParms(im: LegacyIm): Record<string, string | number | boolean> {
  const parms: Record<string, string | number | boolean> = {};
  for (const [key, name] of LEGACY_IM) {
    const value = im[key];
    if (value !== undefined) parms[name] = value;
  }
  return parms;
}
