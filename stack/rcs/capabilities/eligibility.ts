/** Whether a one-to-one conversation may be encrypted, from both sides' capabilities (RCC.16 5; docs/rcc16.md 3.2). */

import type { Capabilities } from './capabilities.ts';

/**
 * True when both sides announce MLS, false when one doesn't, undefined when nothing is known of the peer (no answer,
 * or one without a single feature tag): undecided keeps what was, and never ends an encrypted conversation.
 * `kdsReachable` says whether a peer's mls-kds is a directory one can claim from; by default any is.
 */
export function mlsEligible(
  own: Capabilities,
  peer: Capabilities | undefined,
  kdsReachable: (kdsId: string) => boolean = () => true,
): boolean | undefined {
  if (own.mlsKds === undefined) {
    return false;
  }
  if (peer === undefined || !hasFeatureTag(peer)) {
    return undefined;
  }
  if (peer.mlsKds === undefined) {
    // A cut-off answer may have lost the tag.
    return peer.truncated ? undefined : false;
  }
  if (!kdsReachable(peer.mlsKds)) {
    return false;
  }
  if (peer.mlsVersion?.toLowerCase() === 'v1') {
    return true;
  }
  return peer.mlsLaunchIteration !== undefined && peer.mlsLaunchIteration === own.mlsLaunchIteration;
}

function hasFeatureTag(capabilities: Capabilities): boolean {
  for (const [key, value] of Object.entries(capabilities)) {
    if (key !== 'truncated' && key !== 'raw' && value !== false && value !== undefined) {
      return true;
    }
  }
  for (const name of capabilities.raw.keys()) {
    if (name.startsWith('+') && name.toLowerCase() !== '+sip.instance') {
      return true;
    }
  }
  return false;
}
