import { readSms } from './sms-pdu.ts';
import type { FrameEntry } from './trace.ts';
import { traceBytes } from './trace-lines.ts';

/** Longest URI or path shown. */
const TARGET_LENGTH = 60;

/** Octets of the frame's payload; 0 for a frame that only opens or closes a stream. */
export function frameSize(frame: FrameEntry): number {
  return frame.bytes === undefined ? 0 : traceBytes(frame.bytes).length;
}

/**
 * One line that names what a frame carries, such as `MESSAGE tel:+4915... message/mls 812 B`. A reading aid: it
 * reads liberally, judges nothing and never throws.
 */
export function frameSummary(frame: FrameEntry): string {
  if (frame.event === 'open' || frame.event === 'close' || frame.event === 'reset')
    return `${frame.protocol} ${frame.event}`;
  if (frame.event === 'alert') return `TLS alert: ${alertOf(frame)}`;
  if (frame.bytes === undefined) return `${frame.protocol} ${frame.event}`;
  const octets = traceBytes(frame.bytes);
  if (frame.protocol === 'cs') {
    const { type } = readSms(octets);
    return type === 'RP-ACK' || type === 'RP-SMMA' ? type : `${type} ${octets.length} B`;
  }
  if (/^\s*$/.test(latin1(octets.subarray(0, 8))) && octets.length <= 8) return 'keep-alive';
  if (isStun(octets)) return 'keep-alive (STUN)';
  const text = latin1(octets);
  return msrpFrames(text) ?? messages(text) ?? `${octets.length} B`;
}

/** RFC 8489 section 5: two zero bits, and the magic cookie. */
function isStun(octets: Uint8Array): boolean {
  return octets.length >= 20 && octets[0]! < 0x40 && latin1(octets.subarray(4, 8)) === '\x21\x12\xa4\x42';
}

/** RFC 8446 section 6.2, as far as a certificate is concerned. */
const ALERTS: Readonly<Record<number, string>> = {
  42: 'bad certificate',
  45: 'certificate expired or not yet valid',
  48: 'unknown issuer',
};

function alertOf(frame: FrameEntry): string {
  const description = frame.bytes === undefined ? undefined : traceBytes(frame.bytes)[1];
  return ALERTS[description ?? -1] ?? `description ${description}`;
}

const latin1 = (octets: Uint8Array): string =>
  Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('latin1');

/** RFC 4975: `SEND 1-2048/5200 message/cpim 2048 B`; further frames in the same chunk of the stream are counted. */
function msrpFrames(text: string): string | undefined {
  const frames = [
    ...text.matchAll(/MSRP (\S+) (?:([A-Z]+)|(\d{3} ?[^\r]*))\r\n([\s\S]*?)\r\n-------\1[$+#]\r\n/g),
  ];
  const first = frames[0];
  if (first === undefined || first.index !== 0) return undefined;
  const [, , method, status, rest = ''] = first;
  const more = frames.length > 1 ? ` (+${frames.length - 1} more)` : '';
  if (method === undefined) return `MSRP ${status}${more}`;
  const head = rest.split('\r\n\r\n', 1)[0]!;
  const header = (name: string) => new RegExp(`^${name}:\\s*([^\\s;]+)`, 'im').exec(head)?.[1];
  const type = header('Content-Type');
  const data = type === undefined ? [] : [type, `${rest.length - head.length - 4} B`];
  return (
    ['MSRP', method, header('Byte-Range'), ...data].filter((part) => part !== undefined).join(' ') + more
  );
}

/** A stream's chunk may hold several messages: the first is described, the others counted. */
function messages(text: string): string | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = text
    .slice(0, end)
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  const header = (...names: string[]): string | undefined => {
    for (const line of head.slice(1)) {
      const colon = line.indexOf(':');
      if (names.includes(line.slice(0, colon).trim().toLowerCase())) return line.slice(colon + 1).trim();
    }
    return undefined;
  };
  const start = startLine(head[0] ?? '', header('cseq'));
  if (start === undefined) return undefined;
  const present = text.length - end - 4;
  const declared = Number(header('content-length', 'l') ?? present);
  const length = Number.isInteger(declared) && declared <= present ? declared : present;
  const type = header('content-type', 'c')?.split(';')[0]?.trim();
  const inner = cpimContent(text.slice(end + 4, end + 4 + length), type);
  const body = length > 0 ? ` ${[type, inner].filter((t) => t !== undefined).join(' > ')} ${length} B` : '';
  const rest = text.length - end - 4 - length;
  return `${start}${body}${rest > 0 ? ` (+${rest} B more)` : ''}`;
}

function startLine(line: string, cseq: string | undefined): string | undefined {
  const response = /^(SIP|HTTP)\/\d\.\d (\d{3}) ?(.*)$/.exec(line);
  if (response) {
    const method = cseq?.split(/\s+/)[1];
    return [response[2], response[3], method === undefined ? '' : `(${method})`]
      .filter((part) => part !== '')
      .join(' ');
  }
  const request = /^([A-Z]{3,12}) (\S+) (SIP|HTTP)\/\d\.\d$/.exec(line);
  return request ? `${request[1]} ${shortened(request[2] ?? '', request[3] === 'SIP')}` : undefined;
}

/** RFC 3862: message headers, then the content's own headers, each block ended by an empty line. */
function cpimContent(body: string, type: string | undefined): string | undefined {
  if (type?.toLowerCase() !== 'message/cpim') return undefined;
  const blocks = body.split('\r\n\r\n', 2);
  return /^content-type:\s*([^;\s]+)/im.exec(blocks[1] ?? '')?.[1];
}

/** Whom or what a request is for: without the parameters of a SIP URI, which route it, and not too long. */
function shortened(target: string, isSip: boolean): string {
  const plain = isSip ? target.split(';', 1)[0]! : target;
  return plain.length <= TARGET_LENGTH ? plain : `${plain.slice(0, TARGET_LENGTH - 1)}…`;
}
