/**
 * What stands between two carriers and changes what passes: border controllers, NNI filters, transit proxies (IR.90 in
 * outline; the hazards of docs/rcs-signalling.md 10.3). Each is plain data; none of them knows another.
 */
import type { SipRequest } from '../../../../stack/rcs/sip/message.ts';
import type { CpimChange } from './reframe-cpim.ts';
import type { HeaderRewrite } from './rewrite-headers.ts';

export type Middlebox =
  | { readonly kind: 'strip-feature-tags'; readonly tags: readonly string[] }
  | { readonly kind: 'reorder-headers' }
  | { readonly kind: 'rewrite-headers'; readonly headers: readonly HeaderRewrite[] }
  | { readonly kind: 'truncate-options'; readonly octets: number }
  | { readonly kind: 'change-case'; readonly to: 'upper' | 'lower' }
  | { readonly kind: 'reframe-cpim'; readonly changes: readonly CpimChange[] }
  | {
      readonly kind: 'drop-content-types';
      readonly types: readonly string[];
      readonly answer: 415 | 'silent';
    }
  | { readonly kind: 'limit-size'; readonly octets: number };

/** What became of a request: `lost` is answered as if it had been taken. */
export type Passage =
  | { readonly kind: 'passes'; readonly request: SipRequest }
  | { readonly kind: 'refused'; readonly status: number; readonly why: string }
  | { readonly kind: 'lost' };
