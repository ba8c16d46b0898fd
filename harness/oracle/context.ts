import { Buffer } from 'node:buffer';
import type { Case } from '../../matrix/schema/case.ts';
import type {
  EndEntry,
  EventEntry,
  FrameEntry,
  StateEntry,
  StepEntry,
  StoreEntry,
  TraceEntry,
  WorldEntry,
} from '../../reports/trace.ts';
import { bytesOf } from './dissect/flow.ts';
import { dissectWire, type Wire } from './dissect/wire.ts';
import { type MessageStory, tellMessages } from './message-story.ts';
import { type Parcel, parcelsOf } from './parcels.ts';
import { type ReceiptFault, receiptFaultsOf } from './receipts.ts';
import { type Sealing, sealingOf } from './sealing.ts';
import { type Sighting, sightingsOf } from './search/sightings.ts';
import type { MessageSubject, Subject } from './subjects.ts';

/** What is looked for in every byte: the marker of a message, or its wire id. */
export interface Marker {
  readonly message: string;
  readonly kind: 'content' | 'wire-id';
}

/** Everything that the rules and invariants look at, worked out once for a trace. */
export interface OracleContext {
  readonly testCase: Case;
  readonly trace: readonly TraceEntry[];
  readonly subjects: readonly Subject[];
  readonly world: WorldEntry;
  readonly end: EndEntry;
  readonly steps: readonly StepEntry[];
  readonly frames: readonly FrameEntry[];
  readonly events: readonly EventEntry[];
  readonly states: readonly StateEntry[];
  readonly stores: readonly StoreEntry[];
  readonly wire: Wire;
  readonly messages: readonly MessageStory[];
  readonly parcels: ReadonlyMap<string, Parcel>;
  readonly sealing: Sealing;
  readonly receiptFaults: readonly ReceiptFault[];
  /** Occurrences of what no carrier may see, earliest first. */
  readonly sightings: readonly Sighting<Marker>[];
  /** The side that a host belongs to; `link:unknown` for a host that the world entry doesn't name. */
  readonly sideOf: (host: string) => string;
  /** The last view of a side at or before a step; without a step, the last of all. */
  readonly stateOf: (side: string, stepIndex?: number) => StateEntry | undefined;
  /** The step that was running when entry `n` was written; 0 before the first. */
  readonly stepAt: (n: number) => number;
}

export function buildContext(
  testCase: Case,
  trace: readonly TraceEntry[],
  world: WorldEntry,
  end: EndEntry,
  subjects: readonly Subject[],
): OracleContext {
  const steps: StepEntry[] = [];
  const frames: FrameEntry[] = [];
  const events: EventEntry[] = [];
  const states: StateEntry[] = [];
  const stores: StoreEntry[] = [];
  for (const entry of trace) {
    if (entry.kind === 'step') steps.push(entry);
    else if (entry.kind === 'frame') frames.push(entry);
    else if (entry.kind === 'event') events.push(entry);
    else if (entry.kind === 'state') states.push(entry);
    else if (entry.kind === 'store') stores.push(entry);
  }
  const sides = new Map(world.hosts.map(({ host, side }) => [host, side]));
  const wire = dissectWire(frames);
  const partial = {
    testCase,
    trace,
    subjects,
    world,
    end,
    steps,
    frames,
    events,
    states,
    stores,
    wire,
    sideOf: (host: string) => sides.get(host) ?? 'link:unknown',
    stateOf: (side: string, stepIndex = Infinity) =>
      states.findLast((entry) => entry.side === side && entry.stepIndex <= stepIndex),
    stepAt: (n: number) => steps.findLast((entry) => entry.n <= n)?.index ?? 0,
  };
  const messages = tellMessages(partial);
  const told = { ...partial, messages, parcels: parcelsOf(partial) };
  return {
    ...told,
    sealing: sealingOf(told),
    receiptFaults: receiptFaultsOf(told),
    sightings: lookForMarkers(messages, wire, stores),
  };
}

function lookForMarkers(
  messages: readonly MessageStory[],
  wire: Wire,
  stores: readonly StoreEntry[],
): Sighting<Marker>[] {
  const markers: { text: string; marker: Marker }[] = [];
  for (const { subject, marker, wireIds } of messages) {
    const sees = carrierSees(subject);
    const message = subject.name;
    if (marker !== undefined && (sees === 'ciphertext' || sees === 'nothing')) {
      markers.push({ text: marker, marker: { message, kind: 'content' } });
    }
    if (sees === 'nothing')
      for (const id of wireIds) markers.push({ text: id, marker: { message, kind: 'wire-id' } });
  }
  if (markers.length === 0) return [];
  const joined = wire.sms
    .filter((sms) => sms.text !== undefined && sms.facts.tpdu?.part !== undefined)
    .map((sms) => ({ n: sms.entry.n, bytes: Buffer.from(sms.text!, 'utf8') }));
  const kept = stores.map((store) => ({ n: store.n, bytes: bytesOf(store.bytes) }));
  // Chunks may divide a marker.
  const large = wire.msrpMessages.flatMap(({ bytes, chunks }) =>
    bytes && chunks.length > 1 ? [{ n: chunks.at(-1)!.entry.n, bytes }] : [],
  );
  return sightingsOf(markers, wire.flows, [...joined, ...kept, ...large]);
}

export function carrierSees(subject: MessageSubject): 'ciphertext' | 'plaintext' | 'nothing' | undefined {
  const then = subject.decision?.rule.then;
  return then === undefined || 'unsupported' in then ? undefined : then.carrierSees;
}
