import { every } from '../../ports/system-clock.ts';
import type { FloodFigures } from './load-job.ts';
import type { LoadPhone } from './load-phone.ts';

export interface FloodOptions {
  readonly pairs: readonly (readonly [LoadPhone, LoadPhone])[];
  readonly perSecond: number;
  readonly ms: number;
  readonly graceMs: number;
  readonly now: () => number;
  readonly nextId: () => string;
}

interface Text {
  readonly to: LoadPhone;
  status: number;
  retryAfter: boolean;
  ms: number;
}

const TICK_MS = 5;

/** Texts at a fixed rate, whatever is answered, and what became of each. */
export async function flood(options: FloodOptions): Promise<FloodFigures> {
  const { pairs, perSecond, ms, graceMs, now, nextId } = options;
  const texts = new Map<string, Text>();
  const phones = pairs.flat();
  const again = () => phones.reduce((sum, phone) => sum + phone.retransmissions + phone.repetitions, 0);
  const before = again();
  const began = now();
  const send = () => {
    const [from, to] = pairs[texts.size % pairs.length]!;
    const id = nextId();
    const text: Text = { to, status: 0, retryAfter: false, ms: 0 };
    const at = now();
    texts.set(id, text);
    from.text(to.account.msisdn, id, (status, answer) => {
      text.status = status;
      text.ms = now() - at;
      text.retryAfter = /^Retry-After: \d+/m.test(answer);
    });
  };
  const deliveriesOf = (id: string) => texts.get(id)!.to.deliveries.get(id)?.size ?? 0;
  const isOver = () =>
    [...texts].every(([id, { status }]) => status !== 0 && (status !== 202 || deliveriesOf(id) > 0));
  const { promise, resolve } = Promise.withResolvers<void>();
  let quietSince = 0;
  const stop = every(TICK_MS, () => {
    const passed = now() - began;
    if (passed < ms) {
      for (let due = (passed * perSecond) / 1_000 - texts.size; due >= 1; due -= 1) send();
    } else if (passed - quietSince > 250) {
      quietSince = passed;
      if (passed > ms + graceMs || isOver()) resolve();
    }
  });
  await promise;
  stop();
  const all = [...texts.entries()];
  const count = (wanted: (text: Text, deliveries: number) => boolean) =>
    all.filter(([id, text]) => wanted(text, deliveriesOf(id))).length;
  const latencies = (wanted: number) =>
    Float64Array.from(all.flatMap(([, { status, ms: took }]) => (status === wanted ? [took] : [])));
  return {
    ms,
    sent: all.length,
    accepted: count(({ status }) => status === 202),
    refused: count(({ status, retryAfter }) => status === 503 && retryAfter),
    otherwise: count(
      ({ status, retryAfter }) => ![0, 202].includes(status) && !(status === 503 && retryAfter),
    ),
    unanswered: count(({ status }) => status === 0),
    delivered: count(({ status }, deliveries) => status === 202 && deliveries === 1),
    lost: count(({ status }, deliveries) => status === 202 && deliveries === 0),
    repeated: count((_, deliveries) => deliveries > 1),
    uninvited: count(({ status }, deliveries) => status >= 300 && deliveries > 0),
    retransmissions: again() - before,
    acceptedMs: latencies(202),
    refusedMs: latencies(503),
  };
}
