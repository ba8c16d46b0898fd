import type { TappedFrame } from '../../emulators/network/tap.ts';
import type { VirtualClock } from '../../emulators/network/virtual-clock.ts';
import type { FrameEntry, TraceBytes, TraceEntry } from '../../reports/trace.ts';
import { CS_PORT } from '../../stack/rcs/sms/index.ts';
import { redactHttp, redactRp, redactTpdu } from './redact.ts';

export type Unnumbered = TraceEntry extends infer Entry
  ? Entry extends TraceEntry
    ? Omit<Entry, 'n' | 't'>
    : never
  : never;

/** Appends to the trace of one case; nothing in it ever changes. */
export class TraceRecorder {
  readonly entries: TraceEntry[] = [];
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  add(entry: Unnumbered): void {
    this.entries.push({ n: this.entries.length, t: this.#clock.elapsed(), ...entry } as TraceEntry);
  }

  frame(frame: TappedFrame): void {
    this.add(frameEntry(frame));
  }

  /** What a carrier keeps; under `sms/` TPDUs. */
  store(side: string, key: string, bytes: Uint8Array): void {
    this.add({
      kind: 'store',
      side,
      key,
      bytes: toTraceBytes(key.startsWith('sms/') ? redactTpdu(bytes) : bytes),
    });
  }
}

/** A frame as a trace has it, secrets masked. */
export function frameEntry(frame: TappedFrame): Omit<FrameEntry, 'n' | 't'> {
  const { from, to, bytes, protocol, connection, event, fate, link } = frame;
  const circuitSwitched = protocol === 'udp' && (from.port === CS_PORT || to.port === CS_PORT);
  return {
    kind: 'frame',
    protocol: circuitSwitched ? 'cs' : protocol,
    from: from.host,
    to: to.host,
    fromPort: from.port,
    toPort: to.port,
    connection,
    event,
    fate,
    link,
    ...(bytes && { bytes: redacted(bytes, circuitSwitched ? 'cs' : protocol) }),
  };
}

function redacted(bytes: Uint8Array, protocol: FrameEntry['protocol']): TraceBytes {
  if (protocol === 'cs') return toTraceBytes(redactRp(bytes));
  if (protocol !== 'http' && protocol !== 'https') return toTraceBytes(bytes);
  const readable = toTraceBytes(bytes);
  return 'text' in readable ? { text: redactHttp(readable.text) } : readable;
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Text where it is text: a person reads traces. */
export function toTraceBytes(bytes: Uint8Array): TraceBytes {
  if (!bytes.includes(0)) {
    try {
      return { text: strictUtf8.decode(bytes) };
    } catch {
      // Not UTF-8: Base64 below.
    }
  }
  return { base64: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64') };
}
