/** MLS messages put together octet by octet from RFC 9420 and docs/rcc16.md, with noise where ciphertext and signatures are. */

export const GROUP_ID = 'group-1';
export const AUTHENTICATOR = 'bb'.repeat(32);

const uint = (octets: number, value: number) =>
  Buffer.from(value.toString(16).padStart(octets * 2, '0'), 'hex');

/** `opaque<V>` (RFC 9420 section 2.1.2). */
export function vector(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content as string);
  const length = bytes.length < 64 ? uint(1, bytes.length) : uint(2, 0x4000 + bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Always the same octets for the same name, and none that could be recognised. */
export function noise(name: string, octets: number): Buffer {
  return Buffer.from(
    Array.from({ length: octets }, (_, i) => (name.charCodeAt(i % name.length) * 31 + i * 97) & 0xff),
  );
}

export interface SealedLook {
  readonly groupId?: string;
  readonly epoch?: number;
  /** The id that authenticated_data binds. */
  readonly boundId?: string;
  readonly era?: number;
  /** Octets of ciphertext; the default holds 144 octets of content, which is a Padmé length. */
  readonly length?: number;
  /** What the noise is made from. */
  readonly name?: string;
}

export function privateMessage(messageId: string, look: SealedLook = {}): Buffer {
  const { groupId = GROUP_ID, epoch = 1, boundId = messageId, era = 1, name = messageId } = look;
  const bound = Buffer.concat([uint(2, 1), vector(boundId), uint(4, era), uint(1, 0)]);
  return Buffer.concat([
    Buffer.from('00010002', 'hex'),
    vector(groupId),
    uint(8, epoch),
    uint(1, 1),
    vector(bound),
    vector(noise(name, 28)),
    vector(noise(name, look.length ?? 2 + 144 + 2 + 70 + 16)),
  ]);
}

export function welcome(name: string): Buffer {
  const secrets = [noise(name, 32), noise(name, 65), noise(name, 84)].map(vector);
  return Buffer.concat([
    Buffer.from('000100030002', 'hex'),
    vector(Buffer.concat(secrets)),
    vector(noise(name, 700)),
  ]);
}

/** The signature of a delivered or displayed receipt: an rcs_signature proposal in a PublicMessage. */
export function receiptSignature(ownId: string, about: string, kind: 'delivery' | 'display'): Buffer {
  const statement = Buffer.concat([
    uint(2, 1),
    vector(ownId),
    uint(4, 1),
    uint(1, kind === 'display' ? 2 : 1),
    uint(2, 1),
    uint(2, 1),
    vector(about),
    kind === 'display' ? Buffer.alloc(0) : uint(2, 0),
    uint(1, 0),
  ]);
  return Buffer.concat([
    Buffer.from('00010001', 'hex'),
    vector(GROUP_ID),
    uint(8, 1),
    Buffer.from('0100000001', 'hex'),
    vector(statement),
    uint(1, 2),
    uint(2, 0xf002),
    vector(noise(ownId, 70)),
    vector(noise(ownId, 32)),
  ]);
}
