/**
 * What stands between two carriers, and what it lets through: docs/rcs-signalling.md 10.3 and the hazards named there.
 * Only what a border may do of right is a fact here. What it may not, such as another Message-ID, breaks a cell.
 */
import type { Carrier } from '../schema/carrier.ts';
import type { Middlebox } from '../schema/middlebox.ts';
import type { NetworkProfile } from '../schema/network.ts';
import type { FactSheet } from './entity-facts.ts';

export interface Way {
  readonly via: 'direct' | 'hub';
  /** In the order in which a request from the first carrier meets them. */
  readonly boxes: readonly Middlebox[];
}

/** `refused`: answered by an error. `lost`: answered as if it had been taken. */
export type Fate = 'passes' | 'refused' | 'lost';

/** From one carrier to another; carriers that are one and the same have no border between them. */
export function wayBetween(from: Carrier, to: Carrier, network: NetworkProfile): Way {
  const isHub = [from, to].some((carrier) => carrier.interconnect.via === 'hub');
  const boxes = [from.interconnect, network.interconnect, to.interconnect].flatMap(
    (each) => each.middleboxes,
  );
  return { via: isHub ? 'hub' : 'direct', boxes };
}

const MLS_TAGS = ['+g.gsma.rcs.mls.mls-version', '+g.gsma.rcs.mls.mls-kds'];

/** Whether both MLS tags of an OPTIONS and its answer come through; a cut-off Contact has lost them (hazard R16). */
export function keepsMlsTags({ boxes }: Way): boolean {
  return !boxes.some((box) => {
    if (box.kind === 'truncate-options') return true;
    return (
      box.kind === 'strip-feature-tags' && MLS_TAGS.some((tag) => box.tags.some((one) => names(one, tag)))
    );
  });
}

/** Octets around the text of a message in clear, and around one that is sealed with the Welcome it needs: no less. */
const PLAIN_OVERHEAD = 600;
const SEALED_OVERHEAD = 2_048;

/** Of a message in clear with a text of so many octets. */
export function fateOfPlain({ boxes }: Way, octets: number): Fate {
  return fateOf(boxes, 'text/plain', PLAIN_OVERHEAD + octets);
}

/** Of a sealed one: it is sent once the Welcome that goes before it was taken. */
export function fateOfSealed({ boxes }: Way, octets: number): Fate {
  const size = SEALED_OVERHEAD + 2 * octets;
  const welcome = fateOf(boxes, 'message/mls-rcs-server', size);
  return welcome === 'refused' ? welcome : fateOf(boxes, 'message/mls', size);
}

export function fateOfReceipt({ boxes }: Way): Fate {
  return fateOf(boxes, 'message/imdn+xml', 0);
}

/** Of a body of CPIM with that content and about that size. */
export function fateOf(boxes: readonly Middlebox[], type: string, octets: number): Fate {
  for (const box of boxes) {
    if (box.kind === 'limit-size' && octets > box.octets) return 'refused';
    if (box.kind !== 'drop-content-types') continue;
    if (!['message/cpim', type].some((one) => box.types.some((pattern) => names(pattern, one)))) continue;
    return box.answer === 'silent' ? 'lost' : 'refused';
  }
  return 'passes';
}

/** `back` is the way of receipts. */
export function waySheet(there: Way, back: Way): FactSheet {
  return {
    'path.via': there.via,
    'path.keepsMlsTags': keepsMlsTags(there),
    'path.receipts': fateOfReceipt(back),
  };
}

/** A name, or the beginning of names ending in `*`; any case. */
function names(pattern: string, name: string): boolean {
  const folded = pattern.toLowerCase();
  return folded.endsWith('*') ? name.startsWith(folded.slice(0, -1)) : folded === name;
}
