/** TLS certificates that phones did not accept (RFC 8446 section 6.2; RFC 5922 section 7). */
import { untrustedHost } from '../../matrix/facts/index.ts';
import type { Blame } from '../../reports/result.ts';
import type { OracleContext } from './context.ts';

/**
 * Who is to blame that `side` broke off a TLS handshake over a certificate: the carrier that shows one that doesn't
 * hold; the phone itself when the case has it that the carrier's is good. Undefined when it broke off none.
 */
export function blameForCertificate(context: OracleContext, side: string): Blame | undefined {
  const alert = context.frames.find(({ event, from }) => event === 'alert' && context.sideOf(from) === side);
  if (!alert) return undefined;
  const server = context.sideOf(alert.to);
  const { carriers } = context.testCase;
  const isFaulty = (['A', 'B'] as const).some(
    (label) => server === `carrier:${label}` && untrustedHost(carriers[label]) !== 'none',
  );
  return isFaulty
    ? { side: server, entry: alert.n, evidence: `${side} did not accept the certificate of ${alert.to} here` }
    : { side, entry: alert.n, evidence: `${side} refused the certificate of ${alert.to}, which holds, here` };
}
