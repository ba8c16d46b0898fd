/** The results of a run as plain data: what `results.jsonl` and `summary.json` hold. */

export const OUTCOMES = ['passed', 'failed', 'unsupported', 'skipped', 'infra-error', 'not-run'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Who left its contract, and the first thing that shows it. */
export interface Blame {
  /** `device:<role>`, `carrier:<A|B>`, `hub` or `link:<name>`. */
  readonly side: string;
  /** The trace entry (`n`) that is the evidence. */
  readonly entry: number;
  /** One sentence: what was seen there. */
  readonly evidence: string;
}

export interface Failure {
  /** An expectation's rule name or an invariant's id (`I1-confidentiality`). */
  readonly rule: string;
  readonly clause: string;
  readonly stepIndex: number;
  readonly expected: string;
  readonly actual: string;
  readonly blame: Blame;
}

/** Every outcome but `passed` carries a reason; `failed` carries at least one failure, the earliest first. */
export interface Verdict {
  readonly outcome: Outcome;
  /** The expectation rules that judged it, by message or device. */
  readonly rules: Readonly<Record<string, string>>;
  readonly reason?: string;
  readonly failures: readonly Failure[];
  /** How many positive facts were established (messages read, states agreed ...). Zero can't pass. */
  readonly evidence: number;
}

export interface CellResult {
  readonly id: string;
  /** Content hash of the case: 16 hex digits. */
  readonly hash: string;
  readonly axes: Readonly<Record<string, string>>;
  readonly outcome: Outcome;
  readonly rule?: string;
  readonly blame?: Blame;
  readonly reason?: string;
  readonly failures: readonly Failure[];
  readonly rules: Readonly<Record<string, string>>;
  readonly evidence: number;
  /** Wall milliseconds to run and judge. */
  readonly durationMs: number;
  /** Virtual milliseconds that passed inside. */
  readonly virtualMs: number;
  /** Wall milliseconds spent in primitives, counted by the crypto provider. */
  readonly cryptoMs: number;
  readonly seed: string;
  /** Set when the world ran on real sockets: running it again gives another trace. Absent: simulated, deterministic. */
  readonly network?: 'sockets';
  /** Relative to the run's folder; absent when the cell did not run. */
  readonly casePath?: string;
  readonly tracePath?: string;
  /** Why another run of the same case need not give the same trace; absent where it does. */
  readonly nondeterministic?: string;
  /** Set on a canary cell: it has a planted fault and must fail with this rule and blame. */
  readonly canary?: { readonly rule: string; readonly side: string; readonly caught: boolean };
  /** Set when an entry of the known-failures file matches. */
  readonly known?: { readonly because: string; readonly link?: string; readonly until: string };
}

export interface RunSummary {
  readonly run: string;
  readonly plan: string;
  readonly seed: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly startedAt: string;
  readonly wallMs: number;
  readonly cells: number;
  /** Canary cells are not in these counts. */
  readonly counts: Readonly<Record<Outcome, number>>;
  readonly canaries: { readonly planted: number; readonly caught: number };
  /** What makes the run red: new failures, known failures that pass, expired ones, canaries missed. */
  readonly news: readonly { readonly id: string; readonly what: string }[];
  /** The decision table's rules that judged a cell, by `message:RULE` or `device:RULE`: what each asked for. */
  readonly rules: Readonly<Record<string, { readonly clause: string; readonly expected: string }>>;
  /** Combinations that never became cells, by the constraint that removed them. */
  readonly removed: readonly { readonly because: string; readonly combinations: number }[];
  readonly exitCode: number;
  /** As in the results. */
  readonly network?: 'sockets';
  readonly filter?: string;
  readonly shard?: string;
}
