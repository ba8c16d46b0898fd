import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCommit, writeCommit } from '../../stack/mls/commit-codec.ts';
import {
  commit,
  createProposal,
  createUpdateProposal,
  DecodeError,
  decodeKeyPackage,
  decodeMlsMessage,
  encodeKeyPackage,
  encodeMlsMessage,
  encodeRatchetTree,
  MlsError,
  process,
  protect,
} from '../../stack/mls/index.ts';
import { readProposal, writeProposal } from '../../stack/mls/proposal.ts';
import { decodeRatchetTree } from '../../stack/mls/ratchet-tree-codec.ts';
import { decodeAll, maxInputLength, Reader } from '../../stack/mls/reader.ts';
import { readGroupSecrets } from '../../stack/mls/welcome.ts';
import { encode, Writer } from '../../stack/mls/writer.ts';
import { found, fromHex, hex, join, person, utf8 } from './members.ts';

const alice = person('alice', 2);
const bob = person('bob', 2);
const added = commit(alice.context, found(alice), { add: [bob.verified] });
const bobState = join(bob, added.welcome);

/** One real message of each kind. */
const messages: Record<string, Uint8Array> = {
  commit: added.commit,
  'private commit': commit(alice.context, added.state, { wireFormat: 'private' }).commit,
  welcome: added.welcome!,
  groupInfo: added.groupInfo,
  keyPackage: encodeMlsMessage({ kind: 'keyPackage', keyPackage: bob.bundle.keyPackage }),
  'update proposal': createUpdateProposal(bob.context, bobState).message,
  'remove proposal': createProposal(bob.context, bobState, { type: 3, removed: 0 }).message,
  application: protect(alice.context, added.state, utf8('hello')).message,
};
const decoders: Record<string, (bytes: Uint8Array) => unknown> = {
  MLSMessage: decodeMlsMessage,
  KeyPackage: decodeKeyPackage,
  RatchetTree: decodeRatchetTree,
  Proposal: (bytes) => decodeAll(bytes, 'Proposal', readProposal),
  Commit: (bytes) => decodeAll(bytes, 'Commit', readCommit),
  GroupSecrets: (bytes) => decodeAll(bytes, 'GroupSecrets', readGroupSecrets),
};

function outcome(work: () => unknown): string {
  try {
    work();
    return 'decoded';
  } catch (error) {
    return error instanceof Error ? error.name : 'a thrown non-error';
  }
}

describe('variable-size vectors, RFC 9420 section 2.1', () => {
  it('keep every length in its shortest form', () => {
    fc.assert(
      fc.property(fc.oneof(fc.nat(200), fc.integer({ min: 16_000, max: 17_000 })), (length) => {
        const encoded = new Writer().opaque(new Uint8Array(length)).finish();
        const prefix = length < 64 ? 1 : length < 16_384 ? 2 : 4;
        expect(encoded.length).toBe(prefix + length);
        expect(new Reader(encoded).opaque('x').length).toBe(length);
      }),
    );
  });

  it.each(['4000', '403f', '80000000', '80003fff', 'c0', 'ff', ''])(
    'refuse the length prefix %j',
    (prefix) => {
      expect(() => new Reader(fromHex(prefix)).length('x')).toThrow(DecodeError);
    },
  );

  it('refuse a length that reaches past the vector they are in, before allocating', () => {
    const huge = fromHex('bfffffff');
    expect(() => new Reader(huge).opaque('x')).toThrow(/1073741823 bytes, found 0 bytes left/);
    const nested = new Writer().prefixed((w) => w.raw(fromHex('05ff'))).finish();
    expect(() => new Reader(Buffer.concat([nested, nested])).within('a').opaque('b')).toThrow(DecodeError);
  });

  it('say where they broke, in which field, and what was expected', () => {
    const error = (() => {
      try {
        decodeMlsMessage(fromHex('0001000700'));
      } catch (caught) {
        return caught;
      }
    })();
    expect(error).toMatchObject({ offset: 2, field: 'MLSMessage.wire_format', expected: '1 to 5' });
  });
});

describe.each(Object.entries(messages))('a %s message', (_name, bytes) => {
  it('encodes to the bytes it was decoded from', () => {
    expect(hex(encodeMlsMessage(decodeMlsMessage(bytes)))).toBe(hex(bytes));
  });

  it('is refused with any number of bytes cut off, or one byte more', () => {
    const cuts = bytes.length < 600 ? bytes.keys() : [0, 1, 2, 5, 50, bytes.length - 2, bytes.length - 1];
    for (const length of cuts) expect(() => decodeMlsMessage(bytes.slice(0, length))).toThrow(DecodeError);
    expect(() => decodeMlsMessage(Uint8Array.of(...bytes, 0))).toThrow(DecodeError);
  });

  it('with a byte changed decodes to its own canonical form or is a DecodeError', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = bytes.with(at, bytes[at]! ^ flip);
        try {
          expect(hex(encodeMlsMessage(decodeMlsMessage(changed)))).toBe(hex(changed));
        } catch (error) {
          if (!(error instanceof DecodeError)) throw error;
        }
      }),
    );
  });

  it('with a byte changed is never accepted by a member, nor anything thrown but the two error families', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = bytes.with(at, bytes[at]! ^ flip);
        for (const [member, state] of [
          [bob, bobState],
          [alice, added.state],
        ] as const) {
          const result = outcome(() => process(member.context, state, changed));
          expect([DecodeError.name, MlsError.name]).toContain(result);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe.each(Object.entries(decoders))('arbitrary bytes to the decoder of %s', (_name, decode) => {
  it('throw nothing but DecodeError', () => {
    const header = fc.constantFrom(
      '',
      '00010001',
      '00010002',
      '00010003',
      '00010004',
      '00010005',
      '00010001',
    );
    fc.assert(
      fc.property(header, fc.uint8Array({ maxLength: 200 }), (start, bytes) => {
        expect(['decoded', 'DecodeError']).toContain(
          outcome(() => decode(new Uint8Array(Buffer.concat([fromHex(start), bytes])))),
        );
      }),
      { numRuns: 400 },
    );
  });

  it('above the size limit are refused unread', () => {
    expect(() => decode(new Uint8Array(maxInputLength + 1))).toThrow(/at most 16777216 bytes/);
  });
});

describe('structures with their own codecs', () => {
  it('a bare KeyPackage comes back the same', () => {
    const bytes = encodeKeyPackage(alice.bundle.keyPackage);
    expect(decodeKeyPackage(bytes)).toEqual(alice.bundle.keyPackage);
  });

  it('a ratchet tree comes back the same, and one that ends in a blank is refused (12.4.3.3)', () => {
    const bytes = encodeRatchetTree(bobState.tree);
    expect(hex(encodeRatchetTree(decodeRatchetTree(bytes)))).toBe(hex(bytes));
    const blankEnd = new Writer().opaque(Uint8Array.of(...new Reader(bytes).opaque('tree'), 0, 0)).finish();
    expect(() => decodeRatchetTree(blankEnd)).toThrow(/last node that is a leaf and not blank/);
    expect(() => decodeRatchetTree(Uint8Array.of(0)), 'no node at all').toThrow(DecodeError);
  });

  const psk = fc.record({
    type: fc.constant('external' as const),
    id: fc.uint8Array({ maxLength: 80 }),
    nonce: fc.uint8Array({ maxLength: 40 }),
  });
  const extensions = fc.array(fc.record({ type: fc.nat(0xffff), data: fc.uint8Array({ maxLength: 70 }) }), {
    maxLength: 4,
  });
  const proposal = fc.oneof(
    fc.record({ type: fc.constant(3 as const), removed: fc.nat(0xffffffff) }),
    fc.record({ type: fc.constant(4 as const), psk }),
    fc.record({
      type: fc.constant(5 as const),
      groupId: fc.uint8Array(),
      version: fc.nat(0xffff),
      cipherSuite: fc.nat(0xffff),
      extensions,
    }),
    fc.record({ type: fc.constant(6 as const), kemOutput: fc.uint8Array() }),
    fc.record({ type: fc.constant(7 as const), extensions }),
    fc.record({ type: fc.integer({ min: 0x0a0a, max: 0xefff }), body: fc.uint8Array({ maxLength: 99 }) }),
    fc.constant({ type: 0xf002, body: new Uint8Array() }),
    fc.record({ type: fc.constant(0xf004), body: fc.uint8Array({ minLength: 4, maxLength: 4 }) }),
  );

  it('commits of arbitrary proposals come back the same', () => {
    const item = fc.oneof(
      fc.record({ kind: fc.constant('proposal' as const), proposal }),
      fc.record({ kind: fc.constant('reference' as const), reference: fc.uint8Array({ maxLength: 64 }) }),
    );
    fc.assert(
      fc.property(fc.array(item, { maxLength: 6 }), (proposals) => {
        const value = { proposals, path: undefined };
        expect(decodeAll(encode(writeCommit, value), 'Commit', readCommit)).toEqual(value);
      }),
    );
  });

  it('RCC.16 bodies are bare: rcs_signature is two bytes, ServerRemove six; others carry a length', () => {
    const bytes = (type: number, body: string) => hex(encode(writeProposal, { type, body: fromHex(body) }));
    expect(bytes(0xf002, '')).toBe('f002');
    expect(bytes(0xf004, '00000007')).toBe('f00400000007');
    expect(bytes(0xf010, 'abcd')).toBe('f01002abcd');
    expect(() => bytes(0xf002, '00'), 'a mistake of the caller').toThrow(RangeError);
  });
});
