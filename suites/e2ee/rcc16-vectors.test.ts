import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeAuthenticatedData, encodeAuthenticatedData } from '../../stack/e2ee/authenticated-data.ts';
import { E2eeError } from '../../stack/e2ee/e2ee-error.ts';
import { decodeEra, encodeEra } from '../../stack/e2ee/era.ts';
import { padmeLength } from '../../stack/e2ee/padme.ts';
import { decodeReceiptStatement, encodeReceiptStatement } from '../../stack/e2ee/receipt.ts';
import { decodeSecretPayload, encodeSecretPayload } from '../../stack/e2ee/secret-payload.ts';
import { DecodeError } from '../../stack/mls/index.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));
const A22 = '41'.repeat(22);
const B22 = '42'.repeat(22);

describe('RCC.16 7.5.3: authenticated data, as captured from deployed clients', () => {
  it.each([
    ['MxaDOv6I6QTwGK2Xj6V-Ubhw', 6, '0001184d7861444f76364936515477474b32586a36562d556268770000000600'],
    ['MxHjYubZBiQYuA9DqODpyQiw', 7, '0001184d78486a5975625a4269515975413944714f4470795169770000000700'],
    [
      '5FF9708B-07D8-48D4-AB27-8167531C35AA',
      1,
      '00012435464639373038422d303744382d343844342d414232372d3831363735333143333541410000000100',
    ],
  ])('message id %s in era %i', (messageId, era, wire) => {
    expect(hex(encodeAuthenticatedData({ messageId, era }))).toBe(wire);
    expect(decodeAuthenticatedData(bytes(wire))).toEqual({ messageId, era });
  });
});

describe('RCC.16 7.11.1.1: the era extension', () => {
  it('is a bare u32', () => expect(hex(encodeEra(0x13))).toBe('00000013'));
  it('is unsigned: era 0xffffffff survives', () =>
    expect(decodeEra(encodeEra(0xffff_ffff))).toBe(0xffff_ffff));
  it('refuses era 0', () => {
    expect(() => decodeEra(bytes('00000000'))).toThrow(E2eeError);
    expect(() => encodeEra(0)).toThrow(E2eeError);
  });
});

describe('RCC.16 7.6.3: the statement that a receipt signs', () => {
  const ownId = `Mx${'A'.repeat(22)}`;
  const reportedId = `Mx${'B'.repeat(22)}`;

  it('delivered in era 5', () => {
    const wire = `0001184d78${A22}000000050100010001184d78${B22}000000`;
    expect(hex(encodeReceiptStatement({ ownId, era: 5, status: 'delivered', reportedId }))).toBe(wire);
    expect(decodeReceiptStatement(bytes(wire))).toEqual({ ownId, era: 5, status: 'delivered', reportedId });
  });

  it('displayed: type 2, and the inner struct ends after the id', () => {
    const wire = `0001184d78${A22}000000050200010001184d78${B22}00`;
    expect(hex(encodeReceiptStatement({ ownId, era: 5, status: 'displayed', reportedId }))).toBe(wire);
  });

  it('the negative form carries its reason and the u16 0 tail that deployed peers demand', () => {
    const statement = { ownId, era: 5, status: 'failed', reportedId, reason: 'failed-to-decrypt' } as const;
    const wire = encodeReceiptStatement(statement);
    expect(hex(wire).endsWith('0004000000')).toBe(true);
    expect(decodeReceiptStatement(wire)).toEqual(statement);
  });
});

describe('RCC.16 SecretPayload', () => {
  it('holds a text as deployed clients write it', () => {
    const body = new TextEncoder().encode('hi');
    const wire = encodeSecretPayload({ generation: 3, contentType: 'text/plain;charset=UTF-8', body });
    expect(hex(wire.subarray(0, 10))).toBe('0001000100000003405e');
    expect(new TextDecoder().decode(wire.subarray(10))).toBe(
      '\r\nContent-Type: text/plain;charset=UTF-8\r\nContent-Disposition: inline\r\nContent-Length: 2\r\n\r\nhi',
    );
    expect(decodeSecretPayload(wire)).toEqual({
      generation: 3,
      contentType: 'text/plain;charset=UTF-8',
      body,
    });
  });
});

describe('Padmé', () => {
  it.each([
    [0, 0],
    [1, 1],
    [2, 2],
    [5, 5],
    [9, 10],
    [33, 36],
    [100, 104],
    [255, 256],
    [1000, 1024],
    [1300, 1344],
    [65537, 67584],
  ])('%i octets become %i', (length, padded) => expect(padmeLength(length)).toBe(padded));

  it('never shortens, and adds at most about 12 %', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), (length) => {
        const padded = padmeLength(length);
        expect(padded).toBeGreaterThanOrEqual(length);
        expect(padded).toBeLessThanOrEqual(Math.ceil(length * 1.12));
      }),
    );
  });
});

describe('every decoder of RCC.16 structures', () => {
  const decoders = { decodeAuthenticatedData, decodeEra, decodeReceiptStatement, decodeSecretPayload };

  it.each(Object.entries(decoders))(
    '%s throws nothing but DecodeError or E2eeError, whatever the bytes',
    (_, decode) => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 200 }), (input) => {
          try {
            decode(input);
          } catch (error) {
            expect(error instanceof DecodeError || error instanceof E2eeError, String(error)).toBe(true);
          }
        }),
      );
    },
  );

  it('refuses trailing bytes and lengths that are not the shortest', () => {
    expect(() => decodeAuthenticatedData(bytes('000102414200000001' + '00' + '00'))).toThrow(/1 more bytes/);
    expect(() => decodeAuthenticatedData(bytes('000140024142' + '00000001' + '00'))).toThrow(
      /shortest length encoding/,
    );
  });
});
