/** What tshark, the dissectors of Wireshark, reads in a capture of ours. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Fields of one packet; several values of one field stand in order. */
export type Dissected = Readonly<Record<(typeof FIELDS)[number], readonly string[]>>;

const FIELDS = [
  'frame.protocols',
  'frame.comment',
  'ip.src_host',
  'ip.dst_host',
  'frame.time_epoch',
  'sip.Method',
  'sip.Status-Code',
  'sip.Content-Type',
  'http.request.method',
  'http.response.code',
  'http.content_type',
  'gsm_a.rp.msg_type',
  'websocket.opcode',
  'msrp.method',
  'msrp.status.code',
  'msrp.content.type',
  '_ws.expert.message',
  '_ws.expert.severity',
  '_ws.malformed',
] as const;

/** Checksums are no default of Wireshark's, since real captures see packets before the hardware fills them in. */
const PREFERENCES = ['ip', 'tcp', 'udp'].flatMap((protocol) => ['-o', `${protocol}.check_checksum:TRUE`]);
const BETWEEN = { fields: '\u001e', values: '\u001f' } as const;
const MAX_OUTPUT = 64 * 1024 * 1024;

export async function dissect(path: string): Promise<Dissected[]> {
  const { stdout } = await run(
    'tshark',
    [
      ...['-r', path, '-N', 'n', ...PREFERENCES, '-T', 'fields', '-E', 'occurrence=a'],
      ...['-E', `separator=${BETWEEN.fields}`, '-E', `aggregator=${BETWEEN.values}`],
      ...FIELDS.flatMap((field) => ['-e', field]),
    ],
    { maxBuffer: MAX_OUTPUT },
  );
  return stdout.split('\n').filter(Boolean).map(packet);
}

function packet(line: string): Dissected {
  const values = line.split(BETWEEN.fields).map((field) => (field === '' ? [] : field.split(BETWEEN.values)));
  return Object.fromEntries(FIELDS.map((name, i) => [name, values[i] ?? []])) as unknown as Dissected;
}

/** From "warning" up (epan/proto.h): what Wireshark takes for wrong, and not merely for worth a note. */
const WARNING = 0x600000;
/** A warning of what the trace tells, too. */
const RESET = 'Connection reset (RST)';

export function complaints(packets: readonly Dissected[]): string[] {
  return packets.flatMap((one, index) => {
    const severities = one['_ws.expert.severity'];
    const told = one['_ws.expert.message'].filter(
      (text, i) => Number(severities[i]) >= WARNING && text !== RESET,
    );
    return [...told, ...one['_ws.malformed']].map(
      (text) =>
        `packet ${index + 1} (${one['frame.protocols'].join()}, ${one['frame.comment'].join()}): ${text}`,
    );
  });
}
