/** Recorded traces of real cells, and ways to make another world of them. */
import { runCase } from '../../../harness/world/run-case.ts';
import { buildCase } from '../../../matrix/expand/build-case.ts';
import { loadMatrix } from '../../../matrix/index.ts';
import type { Case } from '../../../matrix/schema/case.ts';
import type { DeviceView, FrameEntry, TraceEntry } from '../../../reports/trace.ts';

export const matrix = loadMatrix();

export interface Recording {
  readonly cell: Case;
  readonly trace: readonly TraceEntry[];
}

/**
 * Alice's and Bob's UP 3.0 phones on carriers with E2EE and pager mode alone, in the scenario; `change` makes another
 * cell of it. The cell doesn't depend on what else the matrix holds.
 */
export async function recorded(
  scenario: string,
  change: (cell: Case) => Case = (c) => c,
): Promise<Recording> {
  const phones = { sender: 'pixel-up30', recipient: 'iphone-up30' };
  const carriers = { carrierA: 'tls-only', carrierB: 'tls-only' };
  const axes = { scenario, ...phones, ...carriers, network: 'lte', policy: 'default' };
  const cell = change(buildCase(matrix, axes, '1'));
  return { cell, trace: (await runCase(cell)).trace };
}

export const isFrame = (entry: TraceEntry): entry is FrameEntry => entry.kind === 'frame';

export const textOf = (entry: TraceEntry): string =>
  isFrame(entry) && entry.bytes && 'text' in entry.bytes ? entry.bytes.text : '';

/** The wire id that Alice or Bob gave to a message of the scenario. */
export function wireId(trace: readonly TraceEntry[], message: string): string {
  for (const entry of trace) {
    const bubble =
      entry.kind === 'state' &&
      entry.view.bubbles.find((one) => one.message === message && one.direction === 'out');
    if (bubble) return bubble.wireId;
  }
  throw new Error(`nobody sent ${message}`);
}

/** Which content a MESSAGE carries: the Message-ID of its CPIM envelope. */
export const envelopeId = (entry: TraceEntry): string | undefined =>
  /\nimdn\.Message-ID: (\S+)\r/i.exec(textOf(entry))?.[1];

export const sideOf = (trace: readonly TraceEntry[], host: string): string =>
  trace[0]?.kind === 'world' ? trace[0].hosts.find((one) => one.host === host)!.side : '';

/** Entries changed, taken out (undefined) or put in (a list), and numbered anew. */
export function remade(
  trace: readonly TraceEntry[],
  change: (entry: TraceEntry, index: number) => TraceEntry | readonly TraceEntry[] | undefined,
): TraceEntry[] {
  return trace
    .flatMap((entry, index) => change(entry, index) ?? [])
    .map((entry, n) => ({ ...(entry as TraceEntry), n }) as TraceEntry);
}

/** The body of each MESSAGE rewritten, whoever sends it on; Content-Length follows. */
export function rewriteBodies(
  trace: readonly TraceEntry[],
  rewrite: (body: string, frame: FrameEntry) => string,
): TraceEntry[] {
  let changes = 0;
  const out = remade(trace, (entry) => {
    const text = textOf(entry);
    const at = text.indexOf('\r\n\r\n') + 4;
    if (!isFrame(entry) || !text.startsWith('MESSAGE ')) return entry;
    const body = rewrite(text.slice(at), entry);
    if (body === text.slice(at)) return entry;
    changes += 1;
    return withBody(entry, body);
  });
  if (changes === 0) throw new Error('the rewriting changed nothing');
  return out;
}

export function withBody(entry: FrameEntry, body: string): FrameEntry {
  const text = textOf(entry);
  const head = text
    .slice(0, text.indexOf('\r\n\r\n') + 4)
    .replace(/^(Content-Length|l): \d+/im, `$1: ${Buffer.byteLength(body)}`);
  return { ...entry, bytes: { text: head + body } };
}

/** The Base64 content of the body of one sealed message or Welcome, changed as bytes. */
export function rewriteContent(
  trace: readonly TraceEntry[],
  id: string,
  rewrite: (content: Buffer) => Buffer,
): TraceEntry[] {
  return rewriteBodies(trace, (body, frame) => {
    if (envelopeId(frame) !== id) return body;
    const at = body.lastIndexOf('\r\n\r\n') + 4;
    const content = rewrite(Buffer.from(body.slice(at), 'base64')).toString('base64');
    return body
      .slice(0, at)
      .replace(/Content-Length: \d+/, `Content-Length: ${content.length}`)
      .concat(content);
  });
}

/** Every view of one phone, changed. */
export function review(
  trace: readonly TraceEntry[],
  role: string,
  change: (view: DeviceView) => DeviceView,
): TraceEntry[] {
  return remade(trace, (entry) =>
    entry.kind === 'state' && entry.side === `device:${role}`
      ? { ...entry, view: change(entry.view) }
      : entry,
  );
}

/** Every frame of these transactions, request and responses, taken out. */
export function withoutMessages(
  trace: readonly TraceEntry[],
  isGone: (frame: FrameEntry) => boolean,
): TraceEntry[] {
  const gone = new Set(
    trace
      .filter(isFrame)
      .flatMap((frame) => (envelopeId(frame) !== undefined && isGone(frame) ? [branchOf(frame)] : [])),
  );
  if (gone.size === 0) throw new Error('nothing was taken out');
  return remade(trace, (entry) => (isFrame(entry) && gone.has(branchOf(entry)) ? undefined : entry));
}

export const branchOf = (entry: TraceEntry): string => /;branch=([^;\s,]+)/.exec(textOf(entry))?.[1] ?? '';
