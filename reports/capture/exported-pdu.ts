/** Circuit-switched SMS for Wireshark: its "exported PDU" names the dissector, since no link type carries bare RP units. */
import { concat } from './pcapng.ts';

/** Tags of Wireshark's exported PDU, from epan/exported_pdu.h. */
const TAG = { end: 0, dissector: 12, ipv4Source: 20, ipv4Destination: 21 } as const;
/** GSM A-I/F RP: 3GPP TS 24.011, with the TPDUs of TS 23.040 in it. */
const RP = 'gsm_a_rp';

/** `from` and `to`: IPv4 addresses, four octets. */
export function relayUnit(from: Uint8Array, to: Uint8Array, unit: Uint8Array): Uint8Array {
  return concat([
    tag(TAG.dissector, new TextEncoder().encode(RP)),
    tag(TAG.ipv4Source, from),
    tag(TAG.ipv4Destination, to),
    tag(TAG.end, new Uint8Array()),
    unit,
  ]);
}

/** Big-endian; every value here is a multiple of four octets long, as it has to be. */
function tag(type: number, value: Uint8Array): Uint8Array {
  return concat([Uint8Array.of(0, type, 0, value.length), value]);
}
