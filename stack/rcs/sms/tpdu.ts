/**
 * 3GPP TS 23.040 9.2.2: SMS-SUBMIT, SMS-DELIVER and SMS-STATUS-REPORT. The report and command units of the other
 * direction, which share the type codes, aren't carried here.
 */

import { readTpAddress, writeTpAddress } from './address.ts';
import { OctetReader } from './octet-reader.ts';
import { SmsError } from './sms-error.ts';
import { readTimestamp, writeTimestamp } from './timestamp.ts';
import { readUserData, type UserData, writeUserData } from './user-data.ts';

/** From a phone to its service centre. */
export interface SmsSubmit {
  readonly type: 'submit';
  /** TP-MR, 0 to 255; a status report names it again. */
  readonly messageReference: number;
  readonly destination: string;
  readonly statusReportRequested: boolean;
  readonly rejectDuplicates?: boolean;
  readonly replyPath?: boolean;
  /** TP-PID. */
  readonly protocol: number;
  /** TP-DCS. */
  readonly dcs: number;
  /** TP-VP as coded: 1 octet relative, 7 octets absolute or enhanced. */
  readonly validityPeriod?:
    | { readonly format: 'relative'; readonly value: number }
    | { readonly format: 'absolute' | 'enhanced'; readonly octets: Uint8Array };
  readonly userData: UserData;
}

/** From a service centre to a phone. */
export interface SmsDeliver {
  readonly type: 'deliver';
  readonly originator: string;
  /** TP-MMS told the other way round: more messages wait. */
  readonly moreMessages?: boolean;
  readonly statusReport?: boolean;
  readonly replyPath?: boolean;
  readonly protocol: number;
  readonly dcs: number;
  /** TP-SCTS in milliseconds since the Unix epoch, whole seconds. */
  readonly timestamp: number;
  readonly userData: UserData;
}

/** From a service centre to the phone that submitted. */
export interface SmsStatusReport {
  readonly type: 'status-report';
  readonly messageReference: number;
  readonly recipient: string;
  readonly moreMessages?: boolean;
  /** When the service centre got the message; milliseconds since the Unix epoch. */
  readonly timestamp: number;
  readonly dischargeTime: number;
  /** TP-ST: 0x00 to 0x1f completed, 0x20 to 0x3f still trying, from 0x40 failed. */
  readonly status: number;
}

export type Tpdu = SmsSubmit | SmsDeliver | SmsStatusReport;

const MTI = 0x03;
const MTI_DELIVER = 0;
const MTI_SUBMIT = 1;
const MTI_STATUS_REPORT = 2;
const NO_MORE_MESSAGES = 0x04;
const REJECT_DUPLICATES = 0x04;
const VPF_SHIFT = 3;
const STATUS_REPORT = 0x20;
const HEADER = 0x40;
const REPLY_PATH = 0x80;
const VALIDITY_FORMATS = [undefined, 'enhanced', 'relative', 'absolute'] as const;

/** Whether a status report says that the message arrived. */
export function statusDelivered(report: SmsStatusReport): boolean {
  return report.status < 0x20;
}

/** Reads one unit and nothing after it; throws SmsError, whatever the bytes. */
export function parseTpdu(bytes: Uint8Array): Tpdu {
  const reader = new OctetReader(bytes);
  const first = reader.octet('TP-MTI');
  let tpdu: Tpdu;
  switch (first & MTI) {
    case MTI_DELIVER:
      tpdu = readDeliver(reader, first);
      break;
    case MTI_SUBMIT:
      tpdu = readSubmit(reader, first);
      break;
    case MTI_STATUS_REPORT:
      tpdu = readStatusReport(reader, first);
      break;
    default:
      throw new SmsError('TP-MTI', 'DELIVER, SUBMIT or STATUS-REPORT', 0);
  }
  reader.end('TP-UD');
  return tpdu;
}

/** Throws SmsError when a value doesn't fit its field. */
export function writeTpdu(tpdu: Tpdu): Uint8Array {
  switch (tpdu.type) {
    case 'submit':
      return writeSubmit(tpdu);
    case 'deliver':
      return writeDeliver(tpdu);
    case 'status-report':
      return joined(
        [
          MTI_STATUS_REPORT | (tpdu.moreMessages ? 0 : NO_MORE_MESSAGES),
          octet(tpdu.messageReference, 'TP-MR'),
        ],
        writeTpAddress(tpdu.recipient, 'TP-RA'),
        writeTimestamp(tpdu.timestamp, 'TP-SCTS'),
        writeTimestamp(tpdu.dischargeTime, 'TP-DT'),
        [octet(tpdu.status, 'TP-ST')],
      );
  }
}

function readSubmit(reader: OctetReader, first: number): SmsSubmit {
  const messageReference = reader.octet('TP-MR');
  const destination = readTpAddress(reader, 'TP-DA');
  const protocol = reader.octet('TP-PID');
  const dcs = reader.octet('TP-DCS');
  const format = VALIDITY_FORMATS[(first >> VPF_SHIFT) & 3];
  const validityPeriod =
    format === undefined
      ? undefined
      : format === 'relative'
        ? { format, value: reader.octet('TP-VP') }
        : { format, octets: reader.take(7, 'TP-VP').slice() };
  return {
    type: 'submit',
    messageReference,
    destination,
    statusReportRequested: (first & STATUS_REPORT) !== 0,
    ...((first & REJECT_DUPLICATES) !== 0 ? { rejectDuplicates: true } : {}),
    ...((first & REPLY_PATH) !== 0 ? { replyPath: true } : {}),
    protocol,
    dcs,
    ...(validityPeriod === undefined ? {} : { validityPeriod }),
    userData: readUserData(reader, dcs, (first & HEADER) !== 0),
  };
}

function writeSubmit(tpdu: SmsSubmit): Uint8Array {
  const validity = tpdu.validityPeriod;
  const first =
    MTI_SUBMIT |
    (tpdu.rejectDuplicates ? REJECT_DUPLICATES : 0) |
    (VALIDITY_FORMATS.indexOf(validity?.format) << VPF_SHIFT) |
    (tpdu.statusReportRequested ? STATUS_REPORT : 0) |
    flags(tpdu);
  const period =
    validity === undefined
      ? []
      : validity.format === 'relative'
        ? [octet(validity.value, 'TP-VP')]
        : validity.octets;
  if (validity !== undefined && validity.format !== 'relative' && validity.octets.length !== 7) {
    throw new SmsError('TP-VP', '7 octets');
  }
  return joined(
    [first, octet(tpdu.messageReference, 'TP-MR')],
    writeTpAddress(tpdu.destination, 'TP-DA'),
    [octet(tpdu.protocol, 'TP-PID'), octet(tpdu.dcs, 'TP-DCS')],
    period,
    writeUserData(tpdu.userData, tpdu.dcs),
  );
}

function readDeliver(reader: OctetReader, first: number): SmsDeliver {
  const originator = readTpAddress(reader, 'TP-OA');
  const protocol = reader.octet('TP-PID');
  const dcs = reader.octet('TP-DCS');
  return {
    type: 'deliver',
    originator,
    ...((first & NO_MORE_MESSAGES) === 0 ? { moreMessages: true } : {}),
    ...((first & STATUS_REPORT) !== 0 ? { statusReport: true } : {}),
    ...((first & REPLY_PATH) !== 0 ? { replyPath: true } : {}),
    protocol,
    dcs,
    timestamp: readTimestamp(reader, 'TP-SCTS'),
    userData: readUserData(reader, dcs, (first & HEADER) !== 0),
  };
}

function writeDeliver(tpdu: SmsDeliver): Uint8Array {
  const first =
    MTI_DELIVER |
    (tpdu.moreMessages ? 0 : NO_MORE_MESSAGES) |
    (tpdu.statusReport ? STATUS_REPORT : 0) |
    flags(tpdu);
  return joined(
    [first],
    writeTpAddress(tpdu.originator, 'TP-OA'),
    [octet(tpdu.protocol, 'TP-PID'), octet(tpdu.dcs, 'TP-DCS')],
    writeTimestamp(tpdu.timestamp, 'TP-SCTS'),
    writeUserData(tpdu.userData, tpdu.dcs),
  );
}

/** TP-PI and what it announces are optional and say nothing that is needed here: read over. */
function readStatusReport(reader: OctetReader, first: number): SmsStatusReport {
  const report: SmsStatusReport = {
    type: 'status-report',
    messageReference: reader.octet('TP-MR'),
    recipient: readTpAddress(reader, 'TP-RA'),
    ...((first & NO_MORE_MESSAGES) === 0 ? { moreMessages: true } : {}),
    timestamp: readTimestamp(reader, 'TP-SCTS'),
    dischargeTime: readTimestamp(reader, 'TP-DT'),
    status: reader.octet('TP-ST'),
  };
  if (reader.remaining > 0) {
    readOptionalParameters(reader, first);
  }
  return report;
}

function readOptionalParameters(reader: OctetReader, first: number): void {
  const indicator = reader.octet('TP-PI');
  for (let more = indicator; (more & 0x80) !== 0; ) {
    more = reader.octet('TP-PI');
  }
  if ((indicator & 0x01) !== 0) {
    reader.octet('TP-PID');
  }
  const dcs = (indicator & 0x02) !== 0 ? reader.octet('TP-DCS') : 0;
  if ((indicator & 0x04) !== 0) {
    readUserData(reader, dcs, (first & HEADER) !== 0);
  }
}

function flags(tpdu: SmsSubmit | SmsDeliver): number {
  return (tpdu.userData.header.length > 0 ? HEADER : 0) | (tpdu.replyPath ? REPLY_PATH : 0);
}

function octet(value: number, field: string): number {
  if (!Number.isInteger(value) || value < 0 || value > 255) {
    throw new SmsError(field, 'an integer from 0 to 255');
  }
  return value;
}

function joined(...parts: ArrayLike<number>[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
