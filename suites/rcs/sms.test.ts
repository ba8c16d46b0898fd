import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromSeptets, packSeptets, toSeptets, unpackSeptets } from '../../stack/rcs/sms/gsm7.ts';
import {
  concatenationOf,
  deliverSubmitted,
  deliverText,
  destinationPort,
  parseRp,
  parseTpdu,
  portElement,
  Reassembler,
  SmsError,
  type SmsSubmit,
  splitText,
  statusDelivered,
  submitText,
  type Tpdu,
  type UserData,
  writeTpdu,
} from '../../stack/rcs/sms/index.ts';
import { alphabetOf } from '../../stack/rcs/sms/user-data.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex').toUpperCase();
const unhex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

describe('the GSM 7-bit default alphabet (3GPP TS 23.038 6)', () => {
  it.each([
    ['hellohello', 'E8329BFD4697D9EC37'],
    ['hello', 'E8329BFD06'],
    ['@', '00'],
    ['€', '9B32'],
    ['', ''],
  ])('packs %j as %s', (text, packed) => {
    expect(hex(packSeptets(toSeptets(text)!))).toBe(packed);
  });

  it('has 127 characters and 10 in the extension table', () => {
    const all = Array.from({ length: 128 }, (_, septet) => fromSeptets(Uint8Array.of(septet)));
    expect(new Set(all.filter((c) => c !== '')).size).toBe(127);
    expect(toSeptets('\f^{}\\[~]|€')).toHaveLength(20);
    expect(toSeptets('`')).toBeUndefined();
    expect(toSeptets('ç')).toBeUndefined();
  });

  it.each([
    [[0x1b, 0x41], 'A'],
    [[0x1b, 0x1b], ' '],
    [[0x41, 0x1b], 'A'],
  ])('reads the unknown escape %j as %j (6.2.1.1)', (septets, text) => {
    expect(fromSeptets(Uint8Array.from(septets))).toBe(text);
  });

  it('packs and unpacks any septets after any fill bits', () => {
    const septets = fc.uint8Array({ max: 127, maxLength: 160 });
    fc.assert(
      fc.property(septets, fc.integer({ min: 0, max: 6 }), (given, fill) => {
        expect(Array.from(unpackSeptets(packSeptets(given, fill), given.length, fill))).toEqual(
          Array.from(given),
        );
      }),
    );
  });
});

describe('known units (3GPP TS 23.040 9.2.2)', () => {
  it('SMS-SUBMIT to +46708251358, valid four days, "hellohello"', () => {
    const octets = '11000B916407281553F80000AA0AE8329BFD4697D9EC37';
    const submit: SmsSubmit = {
      type: 'submit',
      messageReference: 0,
      destination: '+46708251358',
      statusReportRequested: false,
      protocol: 0,
      dcs: 0,
      validityPeriod: { format: 'relative', value: 0xaa },
      userData: { alphabet: 'gsm7', header: [], text: 'hellohello' },
    };
    expect(parseTpdu(unhex(octets))).toEqual(submit);
    expect(hex(writeTpdu(submit))).toBe(octets);
  });

  it('SMS-DELIVER of 1999-03-29 15:16:59 two hours east, from a subscriber number', () => {
    expect(parseTpdu(unhex('040BC87238880900F10000993092516195800AE8329BFD4697D9EC37'))).toEqual({
      type: 'deliver',
      originator: '27838890001',
      protocol: 0,
      dcs: 0,
      timestamp: Date.UTC(1999, 2, 29, 13, 16, 59),
      userData: { alphabet: 'gsm7', header: [], text: 'hellohello' },
    });
  });

  it('SMS-DELIVER with status report indication, from an international number', () => {
    expect(parseTpdu(unhex('240C914477581006500000916042113312800AE8329BFD4697D9EC37'))).toMatchObject({
      originator: '+447785016005',
      statusReport: true,
      timestamp: Date.UTC(2019, 5, 24, 9, 33, 21),
    });
  });

  it('a time three hours west of Greenwich has its sign in bit 3 of the zone (9.2.3.11)', () => {
    const west = parseTpdu(unhex('0401A1F10000 52504001000029 00'));
    expect(west).toMatchObject({ timestamp: Date.UTC(2025, 4, 4, 13) });
  });

  it('the first part of three carries reference, total and sequence, then one fill bit', () => {
    const [first] = splitText('hello'.repeat(80), 3);
    const submit: SmsSubmit = {
      type: 'submit',
      messageReference: 1,
      destination: '+77777777777',
      statusReportRequested: true,
      protocol: 0,
      dcs: 0,
      userData: first!,
    };
    // Of 7-bit text after a 6-octet header: 153 septets and 7 for the header.
    expect(hex(writeTpdu(submit))).toMatch(
      /^61010B917777777777F70000A0050003030301D06536FB8D2EB3D96F7499CD7EA3CB6CF61B5D66B3DFE8329BFD4697D9EC37BACC66BFD1/,
    );
  });

  it('UCS-2 text is big-endian, its length counted in octets', () => {
    const [submit] = submitText({ to: '+1', text: 'Ж👍', reference: 0 });
    expect(hex(writeTpdu(submit!))).toBe('0100019 1F1 00 08 06 0416 D83D DC4D'.replaceAll(' ', ''));
  });

  it('an alphanumeric originator counts its useful semi-octets', () => {
    const [deliver] = deliverText({ from: 'Parley', text: 'x', reference: 0, timestamp: 0 });
    const octets = writeTpdu(deliver!);
    expect(hex(octets)).toMatch(/^040BD0/);
    expect(parseTpdu(octets)).toMatchObject({ originator: 'Parley', timestamp: 0 });
  });

  it('SMS-STATUS-REPORT tells whether the message arrived, and may have optional parameters', () => {
    const report = parseTpdu(
      unhex('06 2A 0B916407281553F8 52504001000000 52504001000100 00 07 00 08 02 0041'),
    );
    expect(report).toEqual({
      type: 'status-report',
      messageReference: 0x2a,
      recipient: '+46708251358',
      timestamp: Date.UTC(2025, 4, 4, 10),
      dischargeTime: Date.UTC(2025, 4, 4, 10, 0, 10),
      status: 0,
    });
    expect(report.type === 'status-report' && statusDelivered(report)).toBe(true);
  });

  it('a binary message names its port, as the OTP of RCC.14 does', () => {
    const otp: UserData = { alphabet: 'data', header: [portElement(37273, 0)], data: Uint8Array.of(1, 2) };
    const deliver: Tpdu = {
      type: 'deliver',
      originator: '7000',
      protocol: 0,
      dcs: 4,
      timestamp: 0,
      userData: otp,
    };
    const read = parseTpdu(writeTpdu(deliver));
    expect(read).toEqual(deliver);
    expect(read.type === 'deliver' && destinationPort(read.userData)).toBe(37273);
  });
});

describe('the data coding scheme (TS 23.038 4)', () => {
  it.each([
    [0x00, 'gsm7'],
    [0x04, 'data'],
    [0x08, 'ucs2'],
    [0x11, 'gsm7'],
    [0x19, 'ucs2'],
    [0x48, 'ucs2'],
    [0x20, 'data'],
    [0xc0, 'gsm7'],
    [0xd8, 'gsm7'],
    [0xe0, 'ucs2'],
    [0xf1, 'gsm7'],
    [0xf5, 'data'],
  ])('%i is %s', (dcs, alphabet) => {
    expect(alphabetOf(dcs)).toBe(alphabet);
  });
});

describe('splitting a text (9.2.3.24.1; hazard R81)', () => {
  const lengths = (text: string) =>
    splitText(text, 1).map((part) => (part.alphabet === 'data' ? 0 : part.text.length));

  it.each([
    ['160 GSM characters', 'a'.repeat(160), [160]],
    ['161 GSM characters', 'a'.repeat(161), [153, 8]],
    ['80 euro signs', '€'.repeat(80), [80]],
    ['81 euro signs: no escape pair is cut', '€'.repeat(81), [76, 5]],
    ['70 UCS-2 units', 'Ж'.repeat(70), [70]],
    ['71 UCS-2 units', 'Ж'.repeat(71), [67, 4]],
    ['36 emoji: no surrogate pair is cut', '👍'.repeat(36), [66, 6]],
    ['nothing', '', [0]],
  ])('%s', (_, text, expected) => {
    expect(lengths(text)).toEqual(expected);
  });

  it('ends at 255 parts', () => {
    expect(splitText('a'.repeat(153 * 255), 0)).toHaveLength(255);
    expect(() => splitText('a'.repeat(153 * 255 + 1), 0)).toThrow(SmsError);
  });

  it('numbers the parts and their message references', () => {
    const parts = submitText({ to: '+99', text: 'a'.repeat(400), reference: 254, statusReport: true });
    expect(parts.map((part) => part.messageReference)).toEqual([254, 255, 0]);
    expect(parts.map((part) => concatenationOf(part.userData))).toEqual([
      { reference: 254, total: 3, sequence: 1, bits: 8 },
      { reference: 254, total: 3, sequence: 2, bits: 8 },
      { reference: 254, total: 3, sequence: 3, bits: 8 },
    ]);
  });

  it('and joining the delivered parts, in any order and some twice, gives the text', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '€', 'é', 'Ж', '👍', '\n', '@'), maxLength: 600 });
    fc.assert(
      fc.property(text, fc.array(fc.nat(), { maxLength: 20 }), (given, order) => {
        const wire = submitText({ to: '+99', text: given, reference: 7 }).map((submit) =>
          writeTpdu(deliverSubmitted(parseTpdu(writeTpdu(submit)) as SmsSubmit, '+98', 1_700_000_000_123)),
        );
        const shuffled = [...order.map((i) => wire[i % wire.length]!), ...wire];
        const reassembler = new Reassembler();
        const texts: string[] = [];
        for (const octets of shuffled) {
          const whole = reassembler.add(parseTpdu(octets) as SmsSubmit);
          if (whole !== undefined) {
            texts.push(whole.text);
          }
        }
        expect(texts[0]).toBe(given);
      }),
    );
  });
});

describe('reassembly (9.2.3.24.1, 9.2.3.24.8)', () => {
  const parts = (from: string, reference: number, text = 'a'.repeat(200)) =>
    deliverText({ from, text, reference, timestamp: 0 });

  it('keeps parties, references and totals apart', () => {
    const reassembler = new Reassembler();
    const [a1, a2] = parts('+1', 1);
    const [b1] = parts('+2', 1);
    const [c1] = parts('+1', 2);
    const [d1] = parts('+1', 1, 'a'.repeat(400));
    for (const part of [a1, b1, c1, d1]) {
      expect(reassembler.add(part!)).toBeUndefined();
    }
    expect(reassembler.add(a2!)?.text).toBe('a'.repeat(200));
    expect(reassembler.incomplete).toBe(3);
  });

  it('heals a surrogate pair that a sender cut in two (hazard R81)', () => {
    const cut = (sequence: number, text: string): Tpdu => ({
      type: 'deliver',
      originator: '+1',
      protocol: 0,
      dcs: 8,
      timestamp: 0,
      userData: { alphabet: 'ucs2', header: [{ id: 0, data: Uint8Array.of(9, 2, sequence) }], text },
    });
    const reassembler = new Reassembler();
    const deliver = (tpdu: Tpdu) => reassembler.add(parseTpdu(writeTpdu(tpdu)) as SmsSubmit);
    expect(deliver(cut(2, '\udc4d!'))).toBeUndefined();
    expect(deliver(cut(1, 'ok \ud83d'))?.text).toBe('ok 👍!');
  });

  it('reads 16-bit references', () => {
    const part = (sequence: number): SmsSubmit => ({
      ...(submitText({ to: '+1', text: `part${sequence} `, reference: 0 })[0] as SmsSubmit),
      userData: {
        alphabet: 'gsm7',
        header: [{ id: 8, data: Uint8Array.of(1, 2, 2, sequence) }],
        text: `part${sequence} `,
      },
    });
    const reassembler = new Reassembler();
    reassembler.add(part(2));
    expect(reassembler.add(part(1))?.text).toBe('part1 part2 ');
  });

  it('ignores a concatenation element out of range', () => {
    const [deliver] = parts('+1', 0, 'x');
    for (const data of [
      Uint8Array.of(1, 0, 1),
      Uint8Array.of(1, 2, 3),
      Uint8Array.of(1, 2, 0),
      Uint8Array.of(1),
    ]) {
      const broken = {
        ...deliver!,
        userData: { ...deliver!.userData, header: [{ id: 0, data }] },
      } as typeof deliver;
      expect(new Reassembler().add(broken!)?.text).toBe('x');
    }
  });

  it('drops the message that waits longest when too many are incomplete', () => {
    const reassembler = new Reassembler(2);
    const [oldest, rest] = parts('+1', 1);
    reassembler.add(oldest!);
    reassembler.add(parts('+2', 1)[0]!);
    reassembler.add(parts('+3', 1)[0]!);
    expect(reassembler.incomplete).toBe(2);
    expect(reassembler.add(rest!)).toBeUndefined();
  });
});

describe('what is no unit fails as SmsError', () => {
  it.each([
    ['nothing', ''],
    ['a reserved type', '03'],
    ['cut in the address', '01000B9164'],
    ['an address of 30 digits', '01001E91'],
    ['a digit that is none', '01000291FF0000 00'],
    ['text shorter than its length', '01000191F100000AE832'],
    ['octets after the text', '01000191F1000001E8FF'],
    ['month 13', '0401A1F10000 5231400100000000'],
    ['a header longer than the user data', '41000191F1000002 05 00'],
    ['an element longer than the header', '41000191F1000404 02 00 05 00'],
    ['half a UCS-2 unit', '01000191F1000803 004100'],
    ['161 septets', `01000191F10000A1${'00'.repeat(141)}`],
  ])('%s', (_, octets) => {
    expect(() => parseTpdu(unhex(octets))).toThrow(SmsError);
  });

  it.each<[string, Partial<SmsSubmit>]>([
    ['a message reference of 256', { messageReference: 256 }],
    ['a destination of 21 digits', { destination: `+${'1'.repeat(21)}` }],
    ['a name of 12 characters', { destination: 'abcdefghijkl-' }],
    ['161 characters', { userData: { alphabet: 'gsm7', header: [], text: 'a'.repeat(161) } }],
    ['a character outside the alphabet', { userData: { alphabet: 'gsm7', header: [], text: '👍' } }],
    ['UCS-2 under a GSM coding', { userData: { alphabet: 'ucs2', header: [], text: 'a' } }],
    [
      'an absolute validity of 3 octets',
      { validityPeriod: { format: 'absolute', octets: new Uint8Array(3) } },
    ],
  ])('%s can not be written', (_, part) => {
    const [submit] = submitText({ to: '+1', text: 'x', reference: 0 });
    expect(() => writeTpdu({ ...submit!, ...part })).toThrow(SmsError);
  });

  it('arbitrary octets are read or fail as SmsError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 180 }), (octets) => {
        for (const parse of [parseTpdu, parseRp]) {
          try {
            parse(octets);
          } catch (error) {
            expect(error).toBeInstanceOf(SmsError);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('whatever is read is written to a unit that reads the same', () => {
    const octets = fc
      .tuple(fc.constantFrom(0x01, 0x11, 0x41, 0x04, 0x44), fc.uint8Array({ maxLength: 60 }))
      .map(([first, rest]) => Uint8Array.of(first, ...rest));
    fc.assert(
      fc.property(octets, (given) => {
        let tpdu: Tpdu;
        try {
          tpdu = parseTpdu(given);
        } catch {
          return;
        }
        if (tpdu.type === 'submit' && tpdu.destination !== '') {
          expect(parseTpdu(writeTpdu(tpdu))).toEqual(tpdu);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
