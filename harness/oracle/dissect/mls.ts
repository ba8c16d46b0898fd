/**
 * The framing of MLS messages (RFC 9420 sections 2.1, 6 and 12.4.3.1) and what RCC.16 puts into authenticated_data
 * (docs/rcc16.md 4.7 and 7.1). Nothing is decrypted: only what any carrier could read is read.
 */
import { Buffer } from 'node:buffer';

export type MlsFacts = MlsPrivate | MlsPublic | MlsWelcome | { readonly form: 'other' };

interface Framed {
  readonly groupId: string;
  readonly epoch: string;
  readonly contentType: number;
  readonly authenticatedData: Uint8Array;
}

export interface MlsPrivate extends Framed {
  readonly form: 'private';
  /** Octets of ciphertext, the AEAD's tag included. */
  readonly sealedLength: number;
}

export interface MlsPublic extends Framed {
  readonly form: 'public';
  /** The type of a proposal; of any but `rcs_signature` nothing behind it is read. */
  readonly proposal?: number;
}

export interface MlsWelcome {
  readonly form: 'welcome';
  readonly newMembers: number;
}

export type DissectedMls = { readonly facts: MlsFacts } | { readonly malformed: string };

export const APPLICATION = 1;
/** docs/rcc16.md 7.1: its body is empty and bare. */
export const RCS_SIGNATURE = 0xf002;
const PROPOSAL = 2;
const COMMIT = 3;

/** Reads an MLSMessage. Never throws. */
export function dissectMls(bytes: Uint8Array): DissectedMls {
  return attempt(bytes, (reader) => {
    reader.expect(2, 1, 'ProtocolVersion');
    const form = reader.uint(2, 'wire_format');
    if (form === 1) return publicMessage(reader);
    if (form === 2) return privateMessage(reader);
    if (form === 3) return welcome(reader);
    if (form !== 4 && form !== 5) throw new Malformed(`wire_format ${form}`);
    reader.rest();
    return { form: 'other' };
  });
}

function privateMessage(reader: Reader): MlsPrivate {
  const groupId = reader.text('group_id');
  const epoch = reader.bigint('epoch');
  const contentType = contentTypeOf(reader);
  const authenticatedData = reader.vector('authenticated_data');
  reader.vector('encrypted_sender_data');
  const sealedLength = reader.vector('ciphertext').length;
  return { form: 'private', groupId, epoch, contentType, authenticatedData, sealedLength };
}

function publicMessage(reader: Reader): MlsPublic {
  const groupId = reader.text('group_id');
  const epoch = reader.bigint('epoch');
  const sender = reader.uint(1, 'sender type');
  if (sender < 1 || sender > 4) throw new Malformed(`sender type ${sender}`);
  if (sender < 3) reader.uint(4, 'sender index');
  const authenticatedData = reader.vector('authenticated_data');
  const contentType = contentTypeOf(reader);
  const framed = { form: 'public', groupId, epoch, contentType, authenticatedData } as const;
  if (contentType === APPLICATION) throw new Malformed('application data in a PublicMessage');
  const proposal = contentType === PROPOSAL ? reader.uint(2, 'proposal type') : undefined;
  if (proposal === RCS_SIGNATURE) {
    reader.vector('signature');
    if (sender === 1) reader.vector('membership_tag');
  } else reader.rest();
  return { ...framed, ...(proposal !== undefined && { proposal }) };
}

function welcome(reader: Reader): MlsWelcome {
  reader.uint(2, 'cipher_suite');
  let newMembers = 0;
  const secrets = new Reader(reader.vector('secrets'));
  while (!secrets.atEnd) {
    for (const field of ['new_member', 'kem_output', 'ciphertext']) secrets.vector(field);
    newMembers += 1;
  }
  if (newMembers === 0) throw new Malformed('a Welcome for nobody');
  reader.vector('encrypted_group_info');
  return { form: 'welcome', newMembers };
}

function contentTypeOf(reader: Reader): number {
  const type = reader.uint(1, 'content_type');
  if (type < APPLICATION || type > COMMIT) throw new Malformed(`content_type ${type}`);
  return type;
}

export interface BoundData {
  readonly messageId: string;
  readonly era: number;
}

/** The authenticated_data of a sealed message (docs/rcc16.md 4.7). */
export function readBoundData(bytes: Uint8Array): BoundData | { readonly malformed: string } {
  const read = attempt(bytes, (reader) => {
    reader.expect(2, 1, 'version');
    const messageId = reader.text('message_id');
    const era = reader.uint(4, 'era');
    reader.expect(1, 0, 'component');
    return { messageId, era };
  });
  return 'facts' in read ? read.facts : read;
}

export interface ReceiptStatement {
  readonly ownId: string;
  readonly era: number;
  readonly kind: 'delivery' | 'display';
  readonly positive: boolean;
  readonly about: string;
}

/** The authenticated_data of a receipt's signature (docs/rcc16.md 7.1). */
export function readReceiptStatement(bytes: Uint8Array): ReceiptStatement | { readonly malformed: string } {
  const read = attempt(bytes, (reader): ReceiptStatement => {
    reader.expect(2, 1, 'version');
    const ownId = reader.text('receipt_own_id');
    const era = reader.uint(4, 'era');
    const kind = reader.uint(1, 'type') === 2 ? 'display' : 'delivery';
    reader.expect(2, 1, 'inner version');
    const positive = reader.uint(2, 'status') === 1;
    const about = reader.text('reported_id');
    if (kind === 'delivery' && reader.uint(2, 'failure_reason') !== 0) reader.expect(2, 0, 'tail');
    reader.expect(1, 0, 'last octet');
    return { ownId, era, kind, positive, about };
  });
  return 'facts' in read ? read.facts : read;
}

class Malformed extends Error {}

function attempt<T>(
  bytes: Uint8Array,
  read: (reader: Reader) => T,
): { readonly facts: T } | { readonly malformed: string } {
  const reader = new Reader(bytes);
  try {
    const facts = read(reader);
    if (!reader.atEnd) throw new Malformed(`${bytes.length - reader.at} octets behind its end`);
    return { facts };
  } catch (error) {
    if (error instanceof Malformed) return { malformed: error.message };
    throw error;
  }
}

class Reader {
  readonly #bytes: Buffer;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get atEnd(): boolean {
    return this.at === this.#bytes.length;
  }

  rest(): void {
    this.at = this.#bytes.length;
  }

  uint(octets: 1 | 2 | 4, field: string): number {
    return this.#take(octets, field).readUIntBE(0, octets);
  }

  bigint(field: string): string {
    return this.#take(8, field).readBigUInt64BE().toString();
  }

  expect(octets: 1 | 2 | 4, value: number, field: string): void {
    const found = this.uint(octets, field);
    if (found !== value) throw new Malformed(`${field} ${found}, not ${value}`);
  }

  text(field: string): string {
    return Buffer.from(this.vector(field)).toString('utf8');
  }

  /** `opaque<V>`: its length is written in the fewest octets (RFC 9420 section 2.1.2). */
  vector(field: string): Uint8Array {
    const first = this.#take(1, field)[0]!;
    const size = first >> 6;
    if (size === 3) throw new Malformed(`the length of ${field} begins with 11`);
    let length = first & 0x3f;
    for (const octet of this.#take(2 ** size - 1, field)) length = length * 256 + octet;
    if (size > 0 && length < (size === 1 ? 64 : 16_384)) {
      throw new Malformed(`the length of ${field}, ${length}, takes ${2 ** size} octets`);
    }
    return this.#take(length, field);
  }

  #take(octets: number, field: string): Buffer {
    if (this.at + octets > this.#bytes.length) throw new Malformed(`it ends inside ${field}`);
    this.at += octets;
    return this.#bytes.subarray(this.at - octets, this.at);
  }
}
