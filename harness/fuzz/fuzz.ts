/** Mutation fuzzing: many altered inputs into one target; only its own typed errors may come out, in bounded time. */
import type { Random } from '../../stack/platform.ts';
import { millisecondsSince, nanoseconds } from '../ports/system-clock.ts';
import { mutate } from './mutate.ts';
import { picker } from './pick.ts';
import type { FuzzTarget } from './target.ts';

/** An input that takes longer than this hangs its reader, milliseconds: a thousand times what any does. */
const SLOW_MS = 1_000;
/** Findings kept with their input. */
const MOST_FINDINGS = 20;
/** Every so many inputs one is crafted by the target, if it can. */
const CRAFTED_EVERY = 4;

export interface FuzzFinding {
  readonly what: string;
  /** Base64 of the input. */
  readonly input: string;
}

export interface FuzzReport {
  readonly target: string;
  readonly inputs: number;
  readonly crafted: number;
  readonly accepted: number;
  readonly slowestMs: number;
  readonly findings: readonly FuzzFinding[];
}

/** Tries `inputs` mutations and what the target crafts. The same `random` gives the same inputs. */
export async function fuzz(
  target: FuzzTarget,
  options: { readonly inputs: number; readonly random: Random; readonly signal?: AbortSignal },
): Promise<FuzzReport> {
  const pick = picker(options.random);
  const { corpus, kind } = target;
  const findings: FuzzFinding[] = [];
  let accepted = 0;
  let crafted = 0;
  let slowestMs = 0;
  const found = (what: string, input: Uint8Array): void => {
    if (findings.length < MOST_FINDINGS) {
      findings.push({ what, input: Buffer.from(input).toString('base64') });
    }
  };
  const attempt = async (input: Uint8Array, origin: number): Promise<void> => {
    const started = nanoseconds();
    try {
      if ((await target.attempt(input, origin)) === 'accepted') accepted += 1;
    } catch (error) {
      found(describe(error), input);
    }
    const took = millisecondsSince(started);
    slowestMs = Math.max(slowestMs, took);
    if (took > SLOW_MS) found(`took ${Math.round(took)} ms`, input);
  };
  for (const [origin, input] of corpus.entries()) {
    if ((await target.attempt(input, origin)) !== 'accepted') found('an unaltered input is refused', input);
  }
  accepted = 0;
  let tried = 0;
  for (; tried < options.inputs && options.signal?.aborted !== true; tried += 1) {
    const origin = pick.below(corpus.length);
    await attempt(mutate(corpus[origin]!, pick.of(corpus), kind, pick), origin);
    if (tried % CRAFTED_EVERY !== 0) continue;
    const lie = target.craft?.((bytes) => mutate(bytes, pick.of(corpus), kind, pick), pick);
    if (lie === undefined) continue;
    crafted += 1;
    await attempt(lie.input, lie.origin);
  }
  try {
    await target.finish?.();
  } catch (error) {
    found(`afterwards: ${describe(error)}`, new Uint8Array(0));
  }
  return { target: target.name, inputs: tried, crafted, accepted, slowestMs, findings };
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
