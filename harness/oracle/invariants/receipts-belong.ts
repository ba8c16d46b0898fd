import type { Failure } from '../../../reports/result.ts';
import type { OracleContext } from '../context.ts';

/** Disposition notifications for messages that nobody had sent before (RFC 5438 section 7.2.1: the original Message-ID). */
export function receiptFailures(context: OracleContext): Pick<Failure, 'expected' | 'actual' | 'blame'>[] {
  const failures: Pick<Failure, 'expected' | 'actual' | 'blame'>[] = [];
  const sent = new Set<string>();
  const told = new Set<string>();
  for (const { entry, facts, cpim } of context.wire.sip) {
    if (facts.kind !== 'request' || !cpim) continue;
    if (cpim.receipts.length === 0 && cpim.messageId !== undefined) sent.add(cpim.messageId);
    for (const { about, kind, status } of cpim.receipts) {
      if (sent.has(about) || told.has(about)) continue;
      told.add(about);
      const side = context.sideOf(entry.from);
      failures.push({
        expected: 'every receipt belongs to a message that was sent before',
        actual: `a ${kind} receipt (${status}) for ${about}, which nobody sent`,
        blame: { side, entry: entry.n, evidence: `${side} sent a receipt for ${about} here` },
      });
    }
  }
  return failures;
}
