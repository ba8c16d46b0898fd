/** RFC 9420 section 8.4: pre-shared keys. */
import { toHex } from '../crypto/bytes.ts';
import type { CipherSuite } from '../crypto/index.ts';
import { ensure } from './errors.ts';
import { expandWithLabel } from './labels.ts';
import type { Reader } from './reader.ts';
import { encode, Writer } from './writer.ts';

export type ResumptionUsage = 'application' | 'reinit' | 'branch';
const usages: readonly ResumptionUsage[] = ['application', 'reinit', 'branch'];

export type PreSharedKeyId =
  | { readonly type: 'external'; readonly id: Uint8Array; readonly nonce: Uint8Array }
  | {
      readonly type: 'resumption';
      readonly usage: ResumptionUsage;
      readonly groupId: Uint8Array;
      readonly epoch: bigint;
      readonly nonce: Uint8Array;
    };

/** The secret behind an id, or undefined when this client does not hold it. */
export type PskLookup = (id: PreSharedKeyId) => Uint8Array | undefined;

export function writePskId(writer: Writer, id: PreSharedKeyId): void {
  if (id.type === 'external') writer.u8(1).opaque(id.id);
  else
    writer
      .u8(2)
      .u8(usages.indexOf(id.usage) + 1)
      .opaque(id.groupId)
      .u64(id.epoch);
  writer.opaque(id.nonce);
}

export function readPskId(reader: Reader): PreSharedKeyId {
  const start = reader.offset;
  const type = reader.u8('PreSharedKeyID.psktype');
  if (type === 1) {
    const id = reader.opaque('PreSharedKeyID.psk_id');
    return { type: 'external', id, nonce: reader.opaque('PreSharedKeyID.psk_nonce') };
  }
  if (type !== 2) return reader.fail(start, 'PreSharedKeyID.psktype', '1 or 2', String(type));
  const at = reader.offset;
  const code = reader.u8('PreSharedKeyID.usage');
  const usage = usages[code - 1];
  if (usage === undefined) return reader.fail(at, 'PreSharedKeyID.usage', '1, 2 or 3', String(code));
  return {
    type: 'resumption',
    usage,
    groupId: reader.opaque('PreSharedKeyID.psk_group_id'),
    epoch: reader.u64('PreSharedKeyID.psk_epoch'),
    nonce: reader.opaque('PreSharedKeyID.psk_nonce'),
  };
}

/** psk_secret over `ids` in order; hashLength zeros when there are none. */
export function pskSecret(suite: CipherSuite, ids: readonly PreSharedKeyId[], lookup: PskLookup): Uint8Array {
  const zeros = new Uint8Array(suite.hashLength);
  const seen = new Set<string>();
  let secret: Uint8Array = zeros;
  ids.forEach((id, index) => {
    const name = encode(writePskId, id);
    ensure(!seen.has(toHex(name)), 'RFC9420-8.4-3');
    seen.add(toHex(name));
    ensure(id.nonce.length === suite.hashLength, 'RFC9420-8.4-2', undefined, 'PreSharedKeyID.psk_nonce');
    const psk = lookup(id);
    ensure(psk !== undefined, 'RFC9420-8.4-1', id.type === 'external' ? toHex(id.id) : `epoch ${id.epoch}`);
    const label = new Writer(name.length + 4).raw(name).u16(index).u16(ids.length).finish();
    const extracted = suite.extract(zeros, psk);
    const input = expandWithLabel(suite, extracted, 'derived psk', label, suite.hashLength);
    secret = suite.extract(input, secret);
  });
  return secret;
}
