/**
 * The statement that a receipt signs (RCC.16 sections 7.6.2 and 7.6.3, as deployed; docs/rcc16.md 7.1). It travels as
 * the authenticated_data of an `rcs_signature` proposal that is never committed nor cached.
 *
 *   u16 1, opaque receipt_own_id<V>, u32 era, u8 type, inner, u8 0
 *   type 1 delivery: u16 1, u16 status, opaque reported_id<V>, u16 failure_reason [, u16 0 when the reason is not 0]
 *   type 2 display:  u16 1, u16 status, opaque reported_id<V>
 */
import { ByteReader, ByteWriter } from './bytes.ts';
import { E2eeError } from './e2ee-error.ts';

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
  const writer = new ByteWriter().uint(2, VERSION).ascii(ownId).uint(4, era);
  writer.uint(1, status === 'displayed' ? DISPLAY : DELIVERY);
  writer.uint(2, VERSION).uint(2, STATUS_CODES[status]).ascii(reportedId);
  if (status !== 'displayed') {
    const code = reason ? CLIENT_FAILURE_REASONS[reason] : 0;
    writer.uint(2, code);
    // An absent optional that peers demand on the negative form only (docs/rcc16.md 7.1).
    if (code !== 0) writer.uint(2, 0);
  }
  return writer.uint(1, 0).finish();
}

/** Throws E2eeError. */
export function decodeReceiptStatement(bytes: Uint8Array): ReceiptStatement {
  const reader = new ByteReader(bytes, 'receipt statement');
  expectValue(reader.uint(2, 'version'), VERSION, 'version');
  const ownId = reader.ascii('receipt_own_id');
  const era = reader.uint(4, 'era');
  const type = reader.uint(1, 'type');
  if (type !== DELIVERY && type !== DISPLAY)
    throw new E2eeError('receipt statement', `type ${type}`, 'type 1 or 2');
  expectValue(reader.uint(2, 'inner version'), VERSION, 'inner version');
  const code = reader.uint(2, 'status');
  const reportedId = reader.ascii('reported_id');
  const status = statusOf(type, code);
  const reasonCode = type === DELIVERY ? reader.uint(2, 'failure_reason') : 0;
  if (reasonCode !== 0)
    expectValue(reader.uint(2, 'tail of the negative form'), 0, 'tail of the negative form');
  expectValue(reader.uint(1, 'trailing octet'), 0, 'trailing octet');
  reader.end();
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
