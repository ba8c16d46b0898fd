/** Short messages: 3GPP TS 23.040 units, TS 24.011 relay. */
export { type ReassembledText, Reassembler } from './reassembler.ts';
export {
  CS_PORT,
  type RelayOutcome,
  ShortMessageRelay,
  type ShortMessageRelayOptions,
} from './relay.ts';
export { parseRp, RP_CAUSE, type RpMessage, type RpSide, writeRp } from './rp.ts';
export { type Arrival, SmsBearer } from './sms-bearer.ts';
export { SmsError } from './sms-error.ts';
export { deliverSubmitted, deliverText, splitText, submitText } from './text.ts';
export {
  parseTpdu,
  type SmsDeliver,
  type SmsStatusReport,
  type SmsSubmit,
  statusDelivered,
  type Tpdu,
  writeTpdu,
} from './tpdu.ts';
export { concatenationOf, DCS_DATA, destinationPort, portElement, type UserData } from './user-data.ts';
