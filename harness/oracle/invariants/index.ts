import type { Invariant } from '../finding.ts';
import { confidentiality } from './i1-confidentiality.ts';
import { noSilentDowngrade } from './i2-no-silent-downgrade.ts';
import { delivery } from './i3-delivery.ts';
import { agreement } from './i4-agreement.ts';
import { signalling } from './i7-signalling.ts';
import { resources } from './i10-resources.ts';
import { sealedForm } from './i11-sealed-form.ts';
import { discovery } from './i12-discovery.ts';

/** Of two that blame the same trace entry, the earlier in this list explains more. */
export const INVARIANTS: readonly Invariant[] = [
  noSilentDowngrade,
  confidentiality,
  sealedForm,
  agreement,
  delivery,
  discovery,
  signalling,
  resources,
];
