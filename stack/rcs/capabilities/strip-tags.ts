/** What a network does that lets feature tags not pass (hazard R15 in docs/rcs-signalling.md). */

import { percentDecode } from './capabilities.ts';
import { IARI_PREFIX, IARI_TAG, ICSI_PREFIX, ICSI_TAG } from './feature-tags.ts';

/**
 * Contact parameters without `tags`; what stays is unchanged. A tag is a parameter name, a beginning of names ending
 * in `*` (`+g.gsma.rcs.mls.*`), or the suffix of an ICSI or IARI (`rcs.fthttp`), which is taken out of its list; any case.
 */
export function stripTags(
  params: Iterable<readonly [string, string | undefined]>,
  tags: Iterable<string>,
): Map<string, string | undefined> {
  const exact = new Set<string>();
  const prefixes: string[] = [];
  for (const tag of tags) {
    const folded = tag.toLowerCase();
    if (folded.endsWith('*')) {
      prefixes.push(folded.slice(0, -1));
    } else {
      exact.add(folded);
    }
  }
  const stripped = (name: string) => exact.has(name) || prefixes.some((prefix) => name.startsWith(prefix));
  const kept = new Map<string, string | undefined>();
  for (const [name, value] of params) {
    const folded = name.toLowerCase();
    if (stripped(folded)) {
      continue;
    }
    if ((folded !== ICSI_TAG && folded !== IARI_TAG) || value === undefined) {
      kept.set(name, value);
      continue;
    }
    const items = value.split(',');
    const rest = items.filter((item) => !stripped(suffixOf(item)));
    if (rest.length === items.length) {
      kept.set(name, value);
    } else if (rest.length > 0) {
      kept.set(name, requote(value, rest));
    }
  }
  return kept;
}

function suffixOf(item: string): string {
  const urn = percentDecode(item.replaceAll('"', '').trim()).toLowerCase();
  for (const prefix of [ICSI_PREFIX, IARI_PREFIX]) {
    if (urn.startsWith(prefix)) {
      return urn.slice(prefix.length);
    }
  }
  return urn;
}

/** The quotes around a list may go with its first or last item. */
function requote(value: string, items: readonly string[]): string {
  const list = items.map((item) => item.replaceAll('"', '')).join(',');
  return value.includes('"') ? `"${list}"` : list;
}
