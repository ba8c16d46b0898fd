import type { Case } from '../../matrix/schema/case.ts';
import { durationMs } from '../../matrix/schema/common.ts';
import type { DeviceView, TraceEntry } from '../../reports/trace.ts';
import { systemClock } from '../ports/system-clock.ts';
import type { Engines } from './engine-source.ts';
import { seatEngines } from './mls-engines.ts';
import type { NetworkKind } from './network-kind.ts';
import { redactText } from './redact.ts';
import { runStep } from './run-step.ts';
import { buildWorld, type Handset, type World } from './world.ts';
import { worldBase } from './world-network.ts';

/** Virtual time that one step's own action may take. */
const STEP_LIMIT_MS = 600_000;
/** After a step the world runs until nothing is due within this: longer than SIP's T2 and a delivery retry. */
const QUIET_MS = 10_000;
/** Before something is judged, and at the end, retries with back-off are waited for too. */
const AT_REST_MS = 65_000;
const SETTLE_LIMIT_MS = 1_800_000;

export interface CaseRun {
  readonly trace: TraceEntry[];
  readonly virtualMs: number;
  readonly cryptoNs: bigint;
  /** Why the same case need not give the same trace; absent where it does. */
  readonly nondeterministic?: string;
}

export interface CaseOptions {
  /** Feeds the providers' account of their own time, and nothing else. */
  readonly nanoseconds?: () => bigint;
  /** MLS implementations besides the stack's own, for the phones that name them. */
  readonly engines?: Engines;
  /** `simulated` unless given. */
  readonly network?: NetworkKind;
}

const NONDETERMINISTIC: Readonly<Record<NetworkKind, string | undefined>> = {
  simulated: undefined,
  sockets: 'real sockets: the kernel has a say in what happens when',
};

/**
 * Runs a case in a world of its own and returns its trace. Deterministic: the case is all there is, and the same case
 * gives the same trace, unless an engine or the network can't promise that. Rejects with UnsupportedByEngine for what an
 * engine declares that it can't do, and when the world can't be built or real sockets are stuck.
 */
export async function runCase(cell: Case, options: CaseOptions = {}): Promise<CaseRun> {
  const network = options.network ?? 'simulated';
  const engines = await seatEngines(cell, options.engines ?? {});
  const nondeterministic =
    [...engines.values()].find((one) => one.nondeterministic)?.nondeterministic ?? NONDETERMINISTIC[network];
  // What lives outside dates its KeyPackages by the real time and judges those of others by it.
  const base = await worldBase(network, nondeterministic === undefined ? undefined : systemClock.now());
  const world = buildWorld(cell, base, { nanoseconds: options.nanoseconds, engines });
  try {
    await world.network.ready();
    const run = await play(world, cell);
    return { ...run, ...(nondeterministic && { nondeterministic }) };
  } finally {
    await world.network.close();
  }
}

async function play(world: World, cell: Case): Promise<CaseRun> {
  const { recorder, clock } = world;
  for (const [index, step] of cell.steps.entries()) {
    recorder.add({ kind: 'step', index, step });
    const failure = await perform(world, step);
    await clock.settle('expect' in step ? AT_REST_MS : QUIET_MS, SETTLE_LIMIT_MS);
    recordStates(world, index);
    if (failure !== undefined) {
      recorder.add({ kind: 'error', stepIndex: index, message: failure });
      break;
    }
  }
  await clock.settle(AT_REST_MS, SETTLE_LIMIT_MS);
  recordStates(world, cell.steps.length);
  const virtualMs = clock.elapsed();
  await close(world);
  const cryptoNs = world.cryptoProviders.reduce((sum, provider) => sum + provider.usage.nanoseconds, 0n);
  return { trace: recorder.entries, virtualMs, cryptoNs };
}

/** Undefined when the step was carried out, else why not. */
async function perform(world: World, step: Case['steps'][number]): Promise<string | undefined> {
  let outcome: { readonly failure?: string } | undefined;
  runStep(world, step).then(
    () => {
      outcome = {};
    },
    (error: unknown) => {
      outcome = { failure: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
    },
  );
  const asked = 'advance' in step ? durationMs(step.advance.by) : 0;
  await world.clock.runUntil(() => outcome !== undefined, asked + STEP_LIMIT_MS);
  return outcome ? outcome.failure : `the step did not end within ${STEP_LIMIT_MS / 1000} s of virtual time`;
}

function recordStates(world: World, stepIndex: number): void {
  for (const handset of world.handsets.values()) {
    world.recorder.add({ kind: 'state', side: handset.side, stepIndex, view: deviceView(world, handset) });
  }
}

function deviceView(world: World, { phone, online }: Handset): DeviceView {
  const view = phone.view();
  const markers = Object.entries(world.markers);
  const nameOf = (text: string) => markers.find(([, marker]) => text.includes(marker))?.[0];
  return {
    registration: view.registration,
    ...(view.registrationReason !== undefined && { registrationReason: view.registrationReason }),
    online,
    bubbles: view.bubbles.map((bubble) => ({
      message: nameOf(bubble.text) ?? bubble.wireId,
      ...bubble,
      text: redactText(bubble.text),
    })),
    capabilities: view.capabilities,
    groups: view.groups,
  };
}

async function close(world: World): Promise<void> {
  for (const { phone } of world.handsets.values()) phone.close();
  for (const carrier of world.carriers.values()) carrier.close();
  world.transit?.close();
  world.interconnect.heal();
  for (const { access } of world.handsets.values()) access.heal();
  const { clock, network, recorder } = world;
  // What is on its way arrives at closed ends; exchanges in flight get their answer or their time-out.
  await clock.runUntil(() => network.use().requests === 0 && network.use().streams === 0, 120_000);
  recorder.add({ kind: 'end', leaks: { timers: clock.pendingTimers, ...network.use() } });
}
