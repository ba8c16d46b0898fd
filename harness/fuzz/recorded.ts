/** What real conversations put on the wire: the inputs that the text targets are altered from. */
import { expandPlan, loadMatrix } from '../../matrix/index.ts';
import type { FrameEntry } from '../../reports/trace.ts';
import { traceBytes } from '../../reports/trace-lines.ts';
import { header } from '../../stack/rcs/sip/headers.ts';
import { parseSipMessage } from '../../stack/rcs/sip/message.ts';
import { runCase } from '../world/run-case.ts';

export interface Recorded {
  readonly sip: readonly Uint8Array[];
  readonly cpim: readonly Uint8Array[];
  readonly xml: readonly Uint8Array[];
}

/** Of each kind of first line, and of each content type, so many. */
const EACH = 4;

let once: Promise<Recorded> | undefined;

/** A few of every kind of message that the smoke plan's cells send; they run once in a thread. */
export function recorded(): Promise<Recorded> {
  once ??= record();
  return once;
}

async function record(): Promise<Recorded> {
  const matrix = loadMatrix();
  const { cells } = expandPlan(matrix, matrix.plans.get('smoke')!, {});
  const chosen = cells.filter((cell) => cell.canary === undefined);
  const sip = new Kinds();
  const cpim = new Kinds();
  const xml = new Kinds();
  for (const cell of chosen) {
    const { trace } = await runCase(cell);
    for (const entry of trace) {
      if (entry.kind !== 'frame' || entry.bytes === undefined) continue;
      const bytes = traceBytes(entry.bytes);
      if (isSip(entry)) keepSip(bytes, sip, cpim, xml);
      else keepXml(bytes, xml);
    }
  }
  return { sip: sip.all, cpim: cpim.all, xml: xml.all };
}

class Kinds {
  readonly #counts = new Map<string, number>();
  readonly all: Uint8Array[] = [];

  keep(kind: string, bytes: Uint8Array): void {
    const count = this.#counts.get(kind) ?? 0;
    if (count >= EACH || this.all.some((known) => Buffer.compare(known, bytes) === 0)) return;
    this.#counts.set(kind, count + 1);
    this.all.push(bytes);
  }
}

function isSip({ protocol, event }: FrameEntry): boolean {
  return ['udp', 'tcp', 'tls', 'ws', 'wss'].includes(protocol) && event === 'data';
}

/** Keep-alives and what isn't SIP are left out; every element writes whole messages. */
function keepSip(bytes: Uint8Array, sip: Kinds, cpim: Kinds, xml: Kinds): void {
  const start = Buffer.from(bytes.subarray(0, 16)).toString('latin1');
  if (!/^(SIP\/2\.0 |[A-Z]+ (sip|tel))/.test(start)) return;
  const message = parseSipMessage(bytes);
  const type = header(message, 'Content-Type')?.toLowerCase() ?? 'none';
  sip.keep(`${start.split(/ (?:sip|tel)/)[0]} ${type}`, bytes);
  if (type === 'message/cpim') {
    const text = Buffer.from(message.body).toString('latin1');
    cpim.keep(/content-type: *([^;\r]+)/i.exec(text)?.[1] ?? 'none', message.body);
    const document = text.indexOf('<?xml');
    if (document >= 0) keepXml(message.body.subarray(document), xml);
  } else if (type.endsWith('xml')) keepXml(message.body, xml);
}

function keepXml(bytes: Uint8Array, xml: Kinds): void {
  const at = Buffer.from(bytes).indexOf('<?xml');
  if (at < 0) return;
  const document = bytes.subarray(at);
  const text = Buffer.from(document).toString('latin1');
  const root = /<([a-z-]+)[ >]/i.exec(text.slice(text.indexOf('?>')))?.[1] ?? 'none';
  // A document of the same root that is twice as long says other things.
  xml.keep(`${root} ${Math.round(Math.log2(document.length))}`, document);
}
