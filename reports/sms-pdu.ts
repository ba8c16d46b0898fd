/** SMS on the circuit-switched channel as a person reads it: RP layer (3GPP TS 24.011 section 7.3), TPDU (TS 23.040 section 9.2). */

export interface SmsPdu {
  /** `RP-DATA SMS-SUBMIT`, `RP-ACK` ...; `SMS` where the octets are none of these. */
  readonly type: string;
  /** The text of an SMS-SUBMIT or SMS-DELIVER, or of this part of one. */
  readonly text?: string;
}

/** By RP message type; those from the phone are even. */
const RP_TYPES = ['RP-DATA', 'RP-DATA', 'RP-ACK', 'RP-ACK', 'RP-ERROR', 'RP-ERROR', 'RP-SMMA'];
/** By TP-MTI, from the phone and to it (TS 23.040 section 9.2.3.1). */
const TPDU_TYPES = [
  ['SMS-DELIVER-REPORT', 'SMS-SUBMIT', 'SMS-COMMAND'],
  ['SMS-DELIVER', 'SMS-SUBMIT-REPORT', 'SMS-STATUS-REPORT'],
];

/** Reads liberally, judges nothing and never throws. */
export function readSms(octets: Uint8Array): SmsPdu {
  const messageType = octets[0] ?? 7;
  const rp = RP_TYPES[messageType];
  if (rp === undefined) return { type: 'SMS' };
  if (rp !== 'RP-DATA') return { type: rp };
  const toPhone = messageType & 1;
  // RP-Originator and RP-Destination Address, then RP-User-Data, each after its length.
  let at = 2;
  at += 1 + (octets[at] ?? 0);
  at += 1 + (octets[at] ?? 0);
  const tpdu = octets.subarray(at + 1);
  const kind = TPDU_TYPES[toPhone]![(tpdu[0] ?? 3) & 3];
  if (kind === undefined) return { type: rp };
  const text = kind === 'SMS-SUBMIT' || kind === 'SMS-DELIVER' ? textOf(tpdu, kind) : undefined;
  return { type: `${rp} ${kind}`, ...(text === undefined ? {} : { text }) };
}

/** Length of TP-VP by TP-VPF (TS 23.040 section 9.2.3.3): absent, enhanced, relative, absolute. */
const VALIDITY_LENGTHS = [0, 7, 1, 7];
const TIME_STAMP_LENGTH = 7;

function textOf(tpdu: Uint8Array, kind: 'SMS-SUBMIT' | 'SMS-DELIVER'): string | undefined {
  const submit = kind === 'SMS-SUBMIT';
  const first = tpdu[0]!;
  // TP-MR of a submit, the address (digits, type, two digits an octet), TP-PID.
  let at = submit ? 2 : 1;
  at += 2 + Math.ceil((tpdu[at] ?? 0) / 2) + 1;
  const coding = tpdu[at];
  at += 1 + (submit ? VALIDITY_LENGTHS[(first >> 3) & 3]! : TIME_STAMP_LENGTH);
  const length = tpdu[at];
  if (coding === undefined || length === undefined) return undefined;
  const data = tpdu.subarray(at + 1);
  const header = (first & 0x40) === 0 ? 0 : 1 + (data[0] ?? 0);
  switch (coding & 0x0c) {
    case 0x00:
      return unpackGsm7(data, length)
        .slice(Math.ceil((header * 8) / 7))
        .join('');
    case 0x08:
      return new TextDecoder('utf-16be').decode(data.subarray(header, length));
    default:
      return undefined;
  }
}

/** The default alphabet of TS 23.038 section 6.2.1; its escape gives way to what stands after it. */
const GSM7 =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const GSM7_ESCAPED: Readonly<Record<string, string>> = {
  Λ: '^',
  '(': '{',
  ')': '}',
  '/': '\\',
  '<': '[',
  '=': '~',
  '>': ']',
  '¡': '|',
  e: '€',
};

/** A character for each septet, an escape standing as nothing. */
function unpackGsm7(data: Uint8Array, septets: number): string[] {
  const found: string[] = [];
  for (let i = 0; i < septets; i += 1) {
    const bit = i * 7;
    const pair = (data[bit >> 3] ?? 0) | ((data[(bit >> 3) + 1] ?? 0) << 8);
    const character = GSM7[(pair >> (bit & 7)) & 0x7f]!;
    const escaped = found.at(-1) === '\u001b';
    if (escaped) found[i - 1] = '';
    found.push(escaped ? (GSM7_ESCAPED[character] ?? character) : character);
  }
  return found;
}
