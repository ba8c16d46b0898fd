import { durationMs } from '../../../matrix/schema/common.ts';
import type { Failure } from '../../../reports/result.ts';
import type { OracleContext } from '../context.ts';
import { statusOfHop } from '../dissect/wire.ts';
import type { Hop } from '../message-story.ts';

/** Timer F (RFC 3261 section 17.1.2.2): a client that has no answer by then may send again, ms. */
const TIMER_F = 32_000;
/** A segment may be lost 8 times, each time waiting twice as long as before, from 200 ms. */
const RETRANSMISSIONS = 200 * (2 ** 8 - 1);

/**
 * A message handed to a host again, in a transaction of its own, though that host took it with a 2xx (RFC 3428 section
 * 7; rcs-signalling 4.6: every device gets a message once). Excused is who can't have had the answer yet and had
 * reason to think the first attempt lost: its flow changed, or 32 s went by.
 */
export function sentAgain(context: OracleContext): Pick<Failure, 'expected' | 'actual' | 'blame'>[] {
  const failures: Pick<Failure, 'expected' | 'actual' | 'blame'>[] = [];
  const longest = longestAnswer(context);
  for (const { id, hops } of context.parcels.values()) {
    const attempts = attemptsOf(hops);
    for (const [i, again] of attempts.entries()) {
      const earlier = attempts
        .slice(0, i)
        .find((hop) => sameWay(hop, again) && wasTakenBefore(context, hop, again, longest));
      if (!earlier) continue;
      const evidence = `${again.from} hands ${id} to ${again.to} again here; it was taken in entry ${earlier.entry.n}`;
      failures.push({
        expected: `${again.from} hands ${id} to ${again.to} once`,
        actual: 'it does so again after a 2xx',
        blame: { side: again.from, entry: again.entry.n, evidence },
      });
      break;
    }
  }
  return failures;
}

/** One a transaction: retransmissions are the same attempt. */
function attemptsOf(hops: readonly Hop[]): Hop[] {
  return [
    ...new Map(hops.map((hop) => [hop.sip!.facts.branches[0], hop] as const).reverse()).values(),
  ].reverse();
}

function sameWay(a: Hop, b: Hop): boolean {
  return a.from === b.from && a.entry.to === b.entry.to;
}

function wasTakenBefore(context: OracleContext, hop: Hop, again: Hop, longest: number): boolean {
  const answer = statusOfHop(context.wire, hop.entry, hop.sip!);
  if (!answer || answer.status >= 300) return false;
  const { fate, t } = answer.seen.entry;
  if (fate !== 'delivered' || t > again.entry.t) return false;
  const hadToWait = hop.entry.connection === again.entry.connection && again.entry.t - hop.entry.t < TIMER_F;
  return hadToWait || t + longest <= again.entry.t;
}

/** How long an answer that was not lost can be on its way. */
function longestAnswer({ testCase }: OracleContext): number {
  const { access, interconnect } = testCase.network;
  const each = [access, interconnect].map(
    ({ latency, jitter, loss }) =>
      durationMs(latency) + durationMs(jitter) + (loss > 0 ? RETRANSMISSIONS : 0),
  );
  return Math.max(...each);
}
