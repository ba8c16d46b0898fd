/** Header fields that a border sets, changes or takes away (hazards R30, R31, R36 of docs/rcs-signalling.md). */
import { canonicalName } from '../../../../stack/rcs/sip/header-names.ts';
import type { SipHeader, SipMessage } from '../../../../stack/rcs/sip/message.ts';

export interface HeaderRewrite {
  readonly name: string;
  /** `{value}` stands for what was there. Absent: the field is taken away. */
  readonly value?: string;
}

/** Changes fields that are there and adds none. */
export function rewriteHeaders<M extends SipMessage>(message: M, rewrites: readonly HeaderRewrite[]): M {
  const headers = message.headers.flatMap((field): SipHeader[] => {
    const rewrite = rewrites.find(({ name }) => canonicalName(name) === canonicalName(field.name));
    if (rewrite === undefined) return [field];
    if (rewrite.value === undefined) return [];
    return [{ name: field.name, value: rewrite.value.replaceAll('{value}', () => field.value) }];
  });
  return { ...message, headers };
}
