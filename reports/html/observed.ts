import { readSms } from '../sms-pdu.ts';
import type { Bubble, FrameEntry, StateEntry, StepEntry, TraceEntry, WorldEntry } from '../trace.ts';
import { traceBytes } from '../trace-lines.ts';

/** What a trace shows of a subject of the decision table, in the words of an expectation. */
export interface Observed {
  /** `message:NAME` or `device:ROLE`. */
  readonly subject: string;
  readonly text: string;
}

/** In order of the steps. A reading aid beside the verdict: it judges nothing. */
export function observed(trace: readonly TraceEntry[]): Observed[] {
  const steps = trace.filter((entry): entry is StepEntry => entry.kind === 'step');
  return steps.flatMap(({ step }): Observed[] => {
    const send = step['send'] as { message: string; from: string; to: string } | undefined;
    const expected = step['expect'] as { device?: string } | undefined;
    if (send !== undefined)
      return [
        { subject: `message:${send.message}`, text: messageText(trace, send.message, send.from, send.to) },
      ];
    if (expected?.device !== undefined)
      return [{ subject: `device:${expected.device}`, text: deviceText(trace, expected.device) }];
    return [];
  });
}

function messageText(trace: readonly TraceEntry[], name: string, from: string, to: string): string {
  const bubble = (role: string, direction: Bubble['direction']) =>
    lastView(trace, role)?.bubbles.findLast((one) => one.message === name && one.direction === direction);
  const out = bubble(from, 'out');
  const shown =
    out === undefined
      ? ['no bubble']
      : [`channel ${out.channel}`, `badge ${out.badge}`, `state ${out.state}`];
  const received = `received ${bubble(to, 'in') === undefined ? 'no' : 'yes'}`;
  return [...shown, received, markerText(trace, name)].join(', ');
}

/** How far the message's marker can be read on the wire as it stands, without looking into any encoding. */
function markerText(trace: readonly TraceEntry[], name: string): string {
  const world = trace.find((entry): entry is WorldEntry => entry.kind === 'world');
  const marker = world?.markers[name];
  if (marker === undefined) return 'no marker';
  const readable = trace.filter(
    (entry) => entry.kind === 'frame' && readableText(entry).includes(marker),
  ).length;
  if (readable === 0) return 'its marker readable in no frame';
  return `its marker readable in ${readable} frame${readable === 1 ? '' : 's'}`;
}

function readableText({ protocol, bytes }: FrameEntry): string {
  if (bytes === undefined) return '';
  if (protocol === 'cs') return readSms(traceBytes(bytes)).text ?? '';
  return 'text' in bytes ? bytes.text : Buffer.from(bytes.base64, 'base64').toString('latin1');
}

function deviceText(trace: readonly TraceEntry[], role: string): string {
  const view = lastView(trace, role);
  if (view === undefined) return 'no view';
  const peers = Object.values(view.capabilities).map(
    ({ rcs, mls }) => `peer rcs ${rcs}, peer mls ${mls ? 'yes' : 'no'}`,
  );
  return [`registration ${view.registration}`, ...(peers.length > 0 ? peers : ['peer unknown'])].join(', ');
}

function lastView(trace: readonly TraceEntry[], role: string): StateEntry['view'] | undefined {
  const state = trace.findLast(
    (entry): entry is StateEntry => entry.kind === 'state' && entry.side === `device:${role}`,
  );
  return state?.view;
}
