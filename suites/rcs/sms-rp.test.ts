import { describe, expect, it } from 'vitest';
import { parseRp, type RpMessage, SmsError, writeRp } from '../../stack/rcs/sms/index.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex').toUpperCase();
const unhex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

describe('relay units (3GPP TS 24.011 7.3)', () => {
  const tpdu = unhex('0100019 1F1 00 00 00');

  it.each<[string, string, RpMessage]>([
    [
      'RP-DATA from the mobile',
      `00 2A 00 07 91 7283010010F5 08 ${hex(tpdu)}`,
      { type: 'data', from: 'mobile', reference: 42, destination: '+27381000015', userData: tpdu },
    ],
    [
      'RP-DATA from the network',
      `01 2A 07 91 7283010010F5 00 08 ${hex(tpdu)}`,
      { type: 'data', from: 'network', reference: 42, originator: '+27381000015', userData: tpdu },
    ],
    ['RP-ACK to the mobile', '03 FF', { type: 'ack', from: 'network', reference: 255 }],
    [
      'RP-ACK with user data',
      '02 01 41 02 0000',
      { type: 'ack', from: 'mobile', reference: 1, userData: Uint8Array.of(0, 0) },
    ],
    [
      'RP-ERROR: unknown subscriber',
      '05 2A 01 1E',
      { type: 'error', from: 'network', reference: 42, cause: 30 },
    ],
    ['RP-SMMA', '06 07', { type: 'memory-available', from: 'mobile', reference: 7 }],
  ])('%s', (_, octets, message) => {
    expect(parseRp(unhex(octets))).toEqual(message);
    expect(hex(writeRp(message))).toBe(octets.replaceAll(' ', ''));
  });

  it.each([
    '',
    '00',
    '07 01',
    '03 FF 00',
    '00 2A 00 07 91',
    '05 2A 00',
    '05 2A 01',
    '03 01 42 00',
    '01 2A 00 00 01',
  ])('%j is refused', (octets) => {
    expect(() => parseRp(unhex(octets))).toThrow(SmsError);
  });
});
