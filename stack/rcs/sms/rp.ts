/** 3GPP TS 24.011 7.3 and 8.2: the relay layer units RP-DATA, RP-ACK, RP-ERROR and RP-SMMA. */

import { readRpAddress, writeRpAddress } from './address.ts';
import { OctetReader } from './octet-reader.ts';
import { SmsError } from './sms-error.ts';

/** `mobile` units go from phone to network, `network` units the other way. */
export type RpSide = 'mobile' | 'network';

export type RpMessage = { readonly from: RpSide /** 0 to 255. */; readonly reference: number } & (
  | {
      readonly type: 'data';
      /** Service centre, on units from the network. */
      readonly originator?: string;
      /** Service centre, on units from the mobile. */
      readonly destination?: string;
      /** The TPDU. */
      readonly userData: Uint8Array;
    }
  | { readonly type: 'ack'; readonly userData?: Uint8Array }
  | { readonly type: 'error'; readonly cause: number; readonly userData?: Uint8Array }
  /** RP-SMMA, from the mobile only. */
  | { readonly type: 'memory-available' }
);

/** 8.2.5.4: the causes that RCS interworking meets. */
export const RP_CAUSE = {
  unassignedNumber: 1,
  operatorBarring: 8,
  callBarred: 10,
  transferRejected: 21,
  memoryExceeded: 22,
  destinationOutOfOrder: 27,
  unidentifiedSubscriber: 28,
  unknownSubscriber: 30,
  networkOutOfOrder: 38,
  temporaryFailure: 41,
  congestion: 42,
  invalidReference: 81,
  semanticallyIncorrect: 95,
  invalidMandatoryInformation: 96,
  messageTypeUnknown: 97,
  protocolError: 111,
  interworking: 127,
} as const;

const MTI = { data: 0, ack: 2, error: 4, 'memory-available': 6 } as const;
const TYPES = ['data', 'ack', 'error', 'memory-available'] as const;
const USER_DATA_IEI = 0x41;
/** 8.2.5.3: octets of RP-User Data in RP-DATA. */
const MAX_USER_DATA = 233;

/** Reads one unit and nothing after it; throws SmsError, whatever the bytes. */
export function parseRp(bytes: Uint8Array): RpMessage {
  const reader = new OctetReader(bytes);
  const mti = reader.octet('RP-MTI') & 0x07;
  const from: RpSide = (mti & 1) === 0 ? 'mobile' : 'network';
  const type = TYPES[mti >> 1]!;
  if (type === 'memory-available' && from === 'network') {
    throw new SmsError('RP-MTI', 'a message type of TS 24.011 8.2.2', 0);
  }
  const reference = reader.octet('RP-Message Reference');
  const message = readBody(reader, type, from, reference);
  reader.end('RP-User Data');
  return message;
}

/** Throws SmsError when a value doesn't fit its field. */
export function writeRp(message: RpMessage): Uint8Array {
  const { reference } = message;
  if (!Number.isInteger(reference) || reference < 0 || reference > 255) {
    throw new SmsError('RP-Message Reference', 'an integer from 0 to 255');
  }
  const head = [MTI[message.type] | (message.from === 'network' ? 1 : 0), reference];
  switch (message.type) {
    case 'data': {
      const originator = writeRpAddress(message.originator, 'RP-Originator Address');
      const destination = writeRpAddress(message.destination, 'RP-Destination Address');
      requireUserData(message.userData);
      return Uint8Array.of(
        ...[...head, originator.length, ...originator, destination.length, ...destination],
        ...[message.userData.length, ...message.userData],
      );
    }
    case 'ack':
      return Uint8Array.of(...head, ...optionalUserData(message.userData));
    case 'error':
      if (!Number.isInteger(message.cause) || message.cause < 0 || message.cause > 127) {
        throw new SmsError('RP-Cause', 'an integer from 0 to 127');
      }
      return Uint8Array.of(...head, 1, message.cause, ...optionalUserData(message.userData));
    case 'memory-available':
      return Uint8Array.of(...head);
  }
}

function readBody(reader: OctetReader, type: RpMessage['type'], from: RpSide, reference: number): RpMessage {
  switch (type) {
    case 'data': {
      const originator = readRpAddress(lengthValue(reader, 'RP-Originator Address'), 'RP-Originator Address');
      const destination = readRpAddress(
        lengthValue(reader, 'RP-Destination Address'),
        'RP-Destination Address',
      );
      const userData = lengthValue(reader, 'RP-User Data');
      requireUserData(userData);
      return {
        type,
        from,
        reference,
        ...(originator === undefined ? {} : { originator }),
        ...(destination === undefined ? {} : { destination }),
        userData,
      };
    }
    case 'ack':
      return { type, from, reference, ...readOptionalUserData(reader) };
    case 'error': {
      const at = reader.offset;
      const cause = lengthValue(reader, 'RP-Cause');
      if (cause.length < 1 || cause.length > 2) {
        throw new SmsError('RP-Cause', '1 or 2 octets', at);
      }
      return { type, from, reference, cause: cause[0]! & 0x7f, ...readOptionalUserData(reader) };
    }
    case 'memory-available':
      return { type, from: 'mobile', reference };
  }
}

function lengthValue(reader: OctetReader, field: string): Uint8Array {
  return reader.take(reader.octet(field), field).slice();
}

function readOptionalUserData(reader: OctetReader): { userData?: Uint8Array } {
  if (reader.remaining === 0) {
    return {};
  }
  const at = reader.offset;
  if (reader.octet('RP-User Data') !== USER_DATA_IEI) {
    throw new SmsError('RP-User Data', 'information element 0x41 or the end', at);
  }
  return { userData: lengthValue(reader, 'RP-User Data') };
}

function optionalUserData(userData: Uint8Array | undefined): number[] {
  if (userData === undefined) {
    return [];
  }
  requireUserData(userData);
  return [USER_DATA_IEI, userData.length, ...userData];
}

function requireUserData(userData: Uint8Array): void {
  if (userData.length > MAX_USER_DATA) {
    throw new SmsError('RP-User Data', `at most ${MAX_USER_DATA} octets`);
  }
}
