/**
 * The statement that a receipt signs (RCC.16 sections 7.6.2 and 7.6.3, as deployed; docs/rcc16.md 7.1). It travels as
 * the authenticated_data of an `rcs_signature` proposal that is never committed nor cached.
 *
 *   u16 1, opaque receipt_own_id<V>, u32 era, u8 type, inner, u8 0
 *   type 1 delivery: u16 1, u16 status, opaque reported_id<V>, u16 failure_reason [, u16 0 when the reason is not 0]
 *   type 2 display:  u16 1, u16 status, opaque reported_id<V>
 */
import { Reader, Writer } from '../mls/index.ts';
import { E2eeError } from './e2ee-error.ts';
import { asciiBytes, readId } from './message-id.ts';

/** Proposal type of the signature carrier (RCC.16 section 7.11); its body is empty and bare. */
export const RCS_SIGNATURE_PROPOSAL = 0xf002;

export type ReceiptStatus = 'delivered' | 'failed' | 'displayed';

/** Failure reasons that a client reports (RCC.16 section 7.6.3.2). */
export const CLIENT_FAILURE_REASONS = {
  'message-from-non-member': 1,
  'invalid-credential': 2,
  'invalid-commit': 3,
  'failed-to-decrypt': 4,
  'commit-in-privatemessage': 5,
} as const;
export type ClientFailureReason = keyof typeof CLIENT_FAILURE_REASONS;

export interface ReceiptStatement {
  /** The receipt's own message id. */
  readonly ownId: string;
  readonly era: number;
  readonly status: ReceiptStatus;
  /** The message reported on. */
  readonly reportedId: string;
  /** With `failed` only. */
  readonly reason?: ClientFailureReason;
}

const VERSION = 1;
const DELIVERY = 1;
const DISPLAY = 2;
const STATUS_CODES = { delivered: 1, failed: 2, displayed: 1 } as const;

export function encodeReceiptStatement(statement: ReceiptStatement): Uint8Array {
  const { ownId, era, status, reportedId, reason } = statement;
  const writer = new Writer().u16(VERSION).opaque(asciiBytes(ownId)).u32(era);
  writer.u8(status === 'displayed' ? DISPLAY : DELIVERY);
  writer.u16(VERSION).u16(STATUS_CODES[status]).opaque(asciiBytes(reportedId));
  if (status !== 'displayed') {
    const code = reason ? CLIENT_FAILURE_REASONS[reason] : 0;
    writer.u16(code);
    // An absent optional that peers demand on the negative form only (docs/rcc16.md 7.1).
    if (code !== 0) writer.u16(0);
  }
  return writer.u8(0).finish();
}

/** Throws DecodeError or E2eeError. */
export function decodeReceiptStatement(bytes: Uint8Array): ReceiptStatement {
  const reader = new Reader(bytes);
  expectValue(reader.u16('ReceiptStatement.version'), VERSION, 'version');
  const ownId = readId(reader, 'ReceiptStatement.receipt_own_id');
  const era = reader.u32('ReceiptStatement.era');
  const type = reader.u8('ReceiptStatement.type');
  if (type !== DELIVERY && type !== DISPLAY)
    throw new E2eeError('receipt statement', `type ${type}`, 'type 1 or 2');
  expectValue(reader.u16('ReceiptStatement.inner version'), VERSION, 'inner version');
  const code = reader.u16('ReceiptStatement.status');
  const reportedId = readId(reader, 'ReceiptStatement.reported_id');
  const status = statusOf(type, code);
  const reasonCode = type === DELIVERY ? reader.u16('ReceiptStatement.failure_reason') : 0;
  if (reasonCode !== 0)
    expectValue(reader.u16('ReceiptStatement.tail of the negative form'), 0, 'tail of the negative form');
  expectValue(reader.u8('ReceiptStatement.trailing octet'), 0, 'trailing octet');
  reader.finish('ReceiptStatement');
  const reason = reasonName(reasonCode);
  return { ownId, era, status, reportedId, ...(reason && { reason }) };
}

function statusOf(type: number, code: number): ReceiptStatus {
  if (code === 1) return type === DELIVERY ? 'delivered' : 'displayed';
  if (type === DELIVERY && code === 2) return 'failed';
  throw new E2eeError(
    'receipt statement',
    `status ${code} of type ${type}`,
    'delivered, failed or displayed',
  );
}

function reasonName(code: number): ClientFailureReason | undefined {
  if (code === 0) return undefined;
  const entry = Object.entries(CLIENT_FAILURE_REASONS).find(([, value]) => value === code);
  if (!entry) throw new E2eeError('receipt statement', `failure reason ${code}`, '0 to 5');
  return entry[0] as ClientFailureReason;
}

function expectValue(found: number, expected: number, field: string): void {
  if (found !== expected) throw new E2eeError(`receipt statement, ${field}`, String(found), String(expected));
}
