import type { Runtime } from '../../harness/run/runtime.ts';
import type { Case } from '../../matrix/schema/case.ts';
import type { Verdict } from '../../reports/result.ts';
import type { TraceEntry } from '../../reports/trace.ts';
import { fakeTrace } from './fake-trace.ts';

type Fate = 'fails' | 'throws' | 'crashes' | 'hangs' | 'unsupported';

/**
 * A runtime whose cells come out as their two phones say, for tests of what stands around it: the pool, the news,
 * the files and the report. It never judges what a real cell did.
 */
const FATES: readonly { readonly recipient: string; readonly sender?: string; readonly fate: Fate }[] = [
  { recipient: 'joyn-ios', sender: 'pixel-up30', fate: 'fails' },
  { recipient: 'joyn-android', sender: 'pixel-up30', fate: 'throws' },
  { recipient: 'iphone-up24', sender: 'pixel-up30', fate: 'crashes' },
  { recipient: 'galaxy-up24', sender: 'pixel-up30', fate: 'hangs' },
  { recipient: 'aosp-sms', fate: 'unsupported' },
];

/** Undefined: it passes; canaries are always caught. */
export function fateOf({ axes, canary }: Pick<Case, 'axes' | 'canary'>): Fate | undefined {
  if (canary !== undefined) return undefined;
  return FATES.find(
    ({ recipient, sender }) =>
      recipient === axes['recipient'] && (sender === undefined || sender === axes['sender']),
  )?.fate;
}

const never = new Promise<never>(() => {});

async function runCase(cell: Case) {
  const fate = fateOf(cell);
  if (fate === 'throws') throw new RangeError('the world has no such carrier');
  if (fate === 'crashes') process.exit(3);
  if (fate === 'hangs') await never;
  return { trace: fakeTrace(cell), virtualMs: 42_000, cryptoNs: 1_500_000n };
}

function judge(cell: Case, trace: readonly TraceEntry[]): Verdict {
  const rules = { 'message:hello': 'mls-displayed' };
  if (cell.canary !== undefined) return failure(cell.canary.rule, cell.canary.side, trace);
  switch (fateOf(cell)) {
    case 'fails':
      return failure('I3-delivery', 'carrier:B', trace);
    case 'unsupported':
      return { outcome: 'unsupported', rules, reason: 'aosp-sms declares no RCS', failures: [], evidence: 0 };
    default:
      return { outcome: 'passed', rules, failures: [], evidence: 7 };
  }
}

function failure(rule: string, side: string, trace: readonly TraceEntry[]): Verdict {
  const frame = trace.findLast((entry) => entry.kind === 'frame');
  const blame = {
    side,
    entry: frame?.n ?? 0,
    evidence: 'the last hop answered 200 and nothing reached the phone',
  };
  const found = {
    rule,
    clause: 'RFC 3428 section 7',
    stepIndex: 1,
    expected: 'delivered',
    actual: 'sent',
    blame,
  };
  return { outcome: 'failed', rules: {}, failures: [found], evidence: 3 };
}

export const runtime: Runtime = { runCase, judge, explain: () => [] };
