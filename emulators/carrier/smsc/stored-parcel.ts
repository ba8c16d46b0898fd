import { parseTpdu, SmsError, writeTpdu } from '../../../stack/rcs/sms/index.ts';
import type { Parcel } from './smsc.ts';

/** A parcel as the store keeps it; its TPDU beside it. `sender` only of a message. */
export interface StoredParcel {
  readonly recipient: string;
  readonly acceptedAt: number;
  readonly reference: number;
  readonly sender?: string;
}

export function storedParcel(parcel: Parcel): { readonly data: StoredParcel; readonly octets: Uint8Array } {
  const { recipient, acceptedAt, reference } = parcel;
  const data = { recipient, acceptedAt, reference };
  return parcel.kind === 'message'
    ? { data: { ...data, sender: parcel.sender }, octets: writeTpdu(parcel.submit) }
    : { data, octets: writeTpdu(parcel.report) };
}

/** Throws SmsError for a TPDU that no centre keeps. */
export function parcelOf({ sender, ...envelope }: StoredParcel, octets: Uint8Array): Parcel {
  const tpdu = parseTpdu(octets);
  if (tpdu.type === 'submit' && sender !== undefined) {
    return { kind: 'message', sender, submit: tpdu, ...envelope };
  }
  if (tpdu.type === 'status-report') return { kind: 'report', report: tpdu, ...envelope };
  throw new SmsError('TP-MTI', 'SMS-SUBMIT of a sender, or SMS-STATUS-REPORT');
}
