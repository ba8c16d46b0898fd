import type { Failure } from '../../../reports/result.ts';
import type { OracleContext } from '../context.ts';
import type { Finding, Invariant } from '../finding.ts';

/** No frame and no carrier store holds, in any encoding, a marker of a message that the carriers may not read. */
export const confidentiality: Invariant = {
  id: 'I1-confidentiality',
  title: 'what should be ciphertext is nowhere in clear',
  clause: 'RCC.16; RFC 9420 sections 6.3 and 16.2',
  check,
};

/** The earliest sighting of each marker names who left its contract; later ones follow from it. */
function check(context: OracleContext): Finding {
  const failures: Failure[] = [];
  const told = new Set<string>();
  for (const { marker, n, encoding } of context.sightings) {
    if (marker.kind !== 'content' || told.has(marker.message)) continue;
    told.add(marker.message);
    const entry = context.trace[n];
    const inStore = entry?.kind === 'store';
    const side = inStore ? entry.side : entry?.kind === 'frame' ? context.sideOf(entry.from) : 'link:unknown';
    const place = inStore ? `the store of ${side} (${entry.key})` : `a frame that ${side} sent`;
    failures.push({
      rule: confidentiality.id,
      clause: confidentiality.clause,
      stepIndex: context.stepAt(n),
      expected: `the content of "${marker.message}" is ciphertext on every wire and in every store`,
      actual: `its marker stands in ${place}, ${encoding}`,
      blame: { side, entry: n, evidence: `the marker of "${marker.message}" is in ${place}, ${encoding}` },
    });
  }
  // Finding nothing proves nothing, so this invariant adds no evidence.
  return { failures, evidence: 0 };
}
