import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dissectCpim, dissectImdn } from '../../harness/oracle/dissect/cpim.ts';
import { unpackGsm7 } from '../../harness/oracle/dissect/gsm7.ts';
import { dissectHttp } from '../../harness/oracle/dissect/http.ts';
import { dissectMls, readBoundData } from '../../harness/oracle/dissect/mls.ts';
import { dissectSip } from '../../harness/oracle/dissect/sip.ts';
import { dissectSms } from '../../harness/oracle/dissect/sms.ts';
import { dissectWire } from '../../harness/oracle/dissect/wire.ts';
import type { FrameEntry } from '../../reports/trace.ts';
import { noise, privateMessage, receiptSignature, vector, welcome } from './support/mls-bytes.ts';
import { frame, healthy, numbered, WELCOME } from './support/trace.ts';

const crlf = (...lines: string[]) => Buffer.from(lines.join('\r\n'));
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('SIP', () => {
  test('the INVITE of RFC 3261 section 24.2 (F1) is read and nothing is wrong with it', () => {
    const { facts, malformed } = dissectSip(
      crlf(
        'INVITE sip:bob@biloxi.com SIP/2.0',
        'Via: SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bKnashds8',
        'Max-Forwards: 70',
        'To: Bob <sip:bob@biloxi.com>',
        'From: Alice <sip:alice@atlanta.com>;tag=1928301774',
        'Call-ID: a84b4c76e66710',
        'CSeq: 314159 INVITE',
        'Contact: <sip:alice@pc33.atlanta.com>',
        'Content-Type: application/sdp',
        'Content-Length: 0',
        '',
        '',
      ),
      0,
      'datagram',
    );
    expect(malformed).toEqual([]);
    expect(facts).toMatchObject({
      kind: 'request',
      method: 'INVITE',
      branches: ['z9hG4bKnashds8'],
      cseq: { number: 314159, method: 'INVITE' },
      callId: 'a84b4c76e66710',
      fromTag: '1928301774',
    });
    expect(facts?.toTag).toBeUndefined();
  });

  test('compact and folded headers are the same headers (RFC 3261 sections 7.3.1 and 7.3.3)', () => {
    const { facts, malformed } = dissectSip(
      crlf(
        'SIP/2.0 200 OK',
        'v: SIP/2.0/TCP b.example;branch=z9hG4bKtwo , ',
        '  SIP/2.0/TCP a.example',
        '\t;branch=z9hG4bKone',
        'f: "A, quoted; tag=no" <sip:a@a;tag=no>',
        ' ; tag=f1',
        't:<sip:b@b>;tag=t1',
        'i : call',
        'cseq: 7',
        ' MESSAGE',
        'l: 0',
        '',
        '',
      ),
      0,
      'stream',
    );
    expect(malformed).toEqual([]);
    expect(facts).toMatchObject({
      branches: ['z9hG4bKtwo', 'z9hG4bKone'],
      fromTag: 'f1',
      toTag: 't1',
      callId: 'call',
      cseq: { number: 7, method: 'MESSAGE' },
    });
  });

  test('messages are found in a stream however it is cut, keep-alives between them', () => {
    const texts = healthy().flatMap((d) =>
      d.kind === 'frame' && d.from === 'alice' && d.bytes && 'text' in d.bytes ? [d.bytes.text] : [],
    );
    const whole = Buffer.from(texts.join('\r\n\r\n'));
    for (const size of [1, 7, 100, 5000]) {
      const pieces = Array.from({ length: Math.ceil(whole.length / size) }, (_, i) =>
        frame('alice', 'core.alpha', whole.subarray(i * size, (i + 1) * size), { link: String(i * size) }),
      );
      const frames = numbered(pieces) as FrameEntry[];
      const wire = dissectWire(frames);
      expect(wire.sip.map(({ facts }) => facts.callId)).toEqual(
        texts.map((text) => /Call-ID: (.*)\r/.exec(text)?.[1]),
      );
      if (size === 1) expect(wire.malformed).toEqual([]);
    }
  });

  test('a STUN keep-alive on the port of SIP is no SIP, and what only begins like one is malformed (RFC 8489 5)', () => {
    const request = Buffer.from(`000100002112a442${'5'.repeat(24)}`, 'hex');
    const wireOf = (bytes: Buffer) => {
      const datagram = { ...frame('alice', 'core.alpha', bytes, {}), protocol: 'udp' as const };
      return dissectWire(numbered([datagram]) as FrameEntry[]);
    };
    expect(wireOf(request)).toMatchObject({ sip: [], malformed: [] });
    expect(wireOf(Buffer.concat([request, Buffer.from('!')])).malformed).toHaveLength(1);
  });

  test('after a wrong Content-Length reading goes on at the next message', () => {
    const texts = healthy().flatMap((d) =>
      d.kind === 'frame' && d.from === 'alice' && d.bytes && 'text' in d.bytes ? [d.bytes.text] : [],
    );
    for (const length of ['0', '9999', '20', 'x', '']) {
      const spoilt = texts.map((text, i) =>
        i === 1 ? text.replace(/Content-Length: \d+/, `Content-Length: ${length}`) : text,
      );
      const wire = dissectWire(
        numbered(spoilt.map((text) => frame('alice', 'core.alpha', text))) as FrameEntry[],
      );
      expect(wire.sip).toHaveLength(texts.length);
      expect(wire.malformed.map(({ what, entry }) => [entry.n, what])).toEqual([
        [1, expect.stringContaining('Content-Length')],
      ]);
      expect(wire.sip[1]?.cpim?.messageId).toBe(WELCOME);
    }
  });

  test("a message that a reset cut short is nobody's mistake", () => {
    const text = 'MESSAGE sip:b@b SIP/2.0\r\nVia: SIP/2.0/TCP a;bra';
    const cut = [frame('alice', 'core.alpha', text), frame('core.alpha', 'alice', '', { event: 'reset' })];
    expect(dissectWire(numbered(cut) as FrameEntry[]).malformed).toEqual([]);
    expect(dissectWire(numbered(cut.slice(0, 1)) as FrameEntry[]).malformed).not.toEqual([]);
  });
});

describe('CPIM and IMDN', () => {
  test('the prefix of a header is what its NS header binds (RFC 3862 section 3.4)', () => {
    const cpim = dissectCpim(
      crlf(
        'From: <im:a@a>',
        'NS: mine <urn:ietf:params:imdn>',
        'mine.Message-ID: 34jk324j',
        '',
        'Content-Type: text/plain; charset=utf-8',
        '',
        'Hello World',
      ),
    );
    expect(cpim).toMatchObject({ messageId: '34jk324j', contentType: 'text/plain' });
    expect(Buffer.from(cpim.content).toString()).toBe('Hello World');
  });

  test('base64 content is decoded', () => {
    const cpim = dissectCpim(
      crlf(
        'NS: imdn <urn:ietf:params:imdn>',
        '',
        'Content-Type: message/mls',
        'Content-Transfer-Encoding: BASE64',
        '',
        'AQID',
        'BA==',
      ),
    );
    expect([...cpim.content]).toEqual([1, 2, 3, 4]);
  });

  test('the delivery notification of RFC 5438 section 7.2.1.1 is read', () => {
    const xml = `<?xml version="1.0" encoding="UTF-8"?>
      <imdn xmlns="urn:ietf:params:xml:ns:imdn">
        <message-id>34jk324j</message-id>
        <datetime>2008-04-04T12:16:49-05:00</datetime>
        <display-notification><status><displayed/></status></display-notification>
      </imdn>`;
    expect(dissectImdn(xml)).toEqual([{ about: '34jk324j', kind: 'display', status: 'displayed' }]);
  });

  test('several bundled notifications, with a prefix', () => {
    const one = (id: string, kind: string, status: string) =>
      `<i:imdn xmlns:i="urn:ietf:params:xml:ns:imdn"><i:message-id>${id}</i:message-id><i:${kind}-notification><i:status><i:${status}/></i:status></i:${kind}-notification></i:imdn>`;
    expect(dissectImdn(one('a', 'delivery', 'delivered') + one('b', 'processing', 'stored'))).toEqual([
      { about: 'a', kind: 'delivery', status: 'delivered' },
      { about: 'b', kind: 'processing', status: 'stored' },
    ]);
  });

  test('a body that ends in the headers is malformed', () => {
    expect(dissectCpim(crlf('From: <im:a@a>', 'no colon here')).malformed).toBeDefined();
  });
});

describe('SMS', () => {
  test('"hellohello" in seven bits (3GPP TS 23.038 clause 6.1.2.1)', () => {
    expect(unpackGsm7(hex('E8329BFD4697D9EC37'), 0, 10)).toBe('hellohello');
  });

  test('the extension table: € is ESC e (clause 6.2.1.1)', () => {
    // Septets 1B 65: 0011011 1100101 packed from the low bit.
    expect(unpackGsm7(hex('9B32'), 0, 2)).toBe('€');
  });

  test('an RP-DATA with a SUBMIT of seven-bit text', () => {
    // RP-DATA MS to network, reference 5, no originator, SMSC +1234, TPDU.
    const tpdu = '11 00 0B 91 5155214365F7 00 00 AA 0A E8329BFD4697D9EC37';
    const length = hex(tpdu).length.toString(16).padStart(2, '0');
    expect(dissectSms(hex(`00 05 00 03 91 2143 ${length} ${tpdu}`))).toEqual({
      facts: {
        kind: 'rp-data',
        fromMobile: true,
        reference: 5,
        tpdu: { type: 'submit', address: '+15551234567', coding: 'gsm7', text: 'hellohello' },
      },
    });
  });

  test('a DELIVER in UCS-2 that is a part of two', () => {
    const tpdu = '44 0B 91 5155214365F7 00 08 52500141000000 0A 05 00 03 2A 02 01 00E9 4E2D';
    const length = hex(tpdu).length.toString(16).padStart(2, '0');
    expect(dissectSms(hex(`01 07 03 91 2143 00 ${length} ${tpdu}`))).toMatchObject({
      facts: {
        fromMobile: false,
        tpdu: { type: 'deliver', text: 'é中', part: { reference: 42, total: 2, index: 1 } },
      },
    });
  });

  test('the parts of a long text are joined in their order, at the part that completes it', () => {
    const part = (index: number, text: string) => {
      const body = Buffer.from(text, 'utf16le').swap16().toString('hex');
      const ud = `0500032A03${index.toString(16).padStart(2, '0')}${body}`;
      const tpdu = `440B915155214365F7000852500141000000${(ud.length / 2).toString(16).padStart(2, '0')}${ud}`;
      return hex(`01070391214300${(tpdu.length / 2).toString(16).padStart(2, '0')}${tpdu}`);
    };
    const frames = [part(2, 'two '), part(3, 'three'), part(1, 'one ')].map((pdu) =>
      frame('core.beta', 'bob', pdu, { protocol: 'cs' }),
    );
    const wire = dissectWire(numbered(frames) as FrameEntry[]);
    expect(wire.malformed).toEqual([]);
    expect(wire.sms.map(({ text }) => text)).toEqual([undefined, undefined, 'one two three']);
  });

  test.each([
    ['an empty PDU', ''],
    ['a length past the end', '00 05 00 00 20 01'],
    ['octets behind the user data', '00 05 00 00 02 01 00 FF FF'],
    ['a reserved message type', '07 00'],
  ])('%s is malformed, and told', (_, pdu) => {
    expect(dissectSms(hex(pdu))).toHaveProperty('malformed');
  });
});

describe('HTTP', () => {
  test('a request and its parts', () => {
    expect(
      dissectHttp(crlf('GET /?vers=0 HTTP/1.1', 'host: config.example', 'content-length: 2', '', 'ab')),
    ).toMatchObject({
      kind: 'request',
      method: 'GET',
      target: '/?vers=0',
    });
  });

  test('a wrong Content-Length is told', () => {
    expect(dissectHttp(crlf('HTTP/1.1 200 OK', 'content-length: 3', '', 'ab'))?.malformed).toContain(
      'Content-Length 3',
    );
  });
});

describe('MLS framing (RFC 9420 sections 2.1.2, 6 and 12.4.3.1)', () => {
  const messages = {
    PrivateMessage: privateMessage('MxOne'),
    Welcome: welcome('bob'),
    'PublicMessage with rcs_signature': receiptSignature('MxTwo', 'MxOne', 'display'),
  };

  test.each(Object.entries(messages))('%s is read whole, and neither with less nor with more', (_, bytes) => {
    expect(dissectMls(bytes)).toHaveProperty('facts');
    for (let length = 0; length < bytes.length; length += 1) {
      expect(dissectMls(bytes.subarray(0, length)), `${length} octets`).toHaveProperty('malformed');
    }
    expect(dissectMls(Buffer.concat([bytes, Buffer.alloc(1)]))).toHaveProperty('malformed');
  });

  test('what any carrier can read of a PrivateMessage', () => {
    const read = dissectMls(privateMessage('MxOne', { groupId: 'g', epoch: 7, era: 3 }));
    expect(read).toMatchObject({ facts: { form: 'private', groupId: 'g', epoch: '7', contentType: 1 } });
    const { facts } = read as { facts: { authenticatedData: Uint8Array } };
    expect(readBoundData(facts.authenticatedData)).toEqual({ messageId: 'MxOne', era: 3 });
  });

  test('a length takes as few octets as it can (section 2.1.2)', () => {
    const short = vector('g');
    const long = Buffer.concat([Buffer.from([0x40, 0x01]), Buffer.from('g')]);
    const bytes = privateMessage('MxOne', { groupId: 'g' });
    const spoilt = Buffer.concat([bytes.subarray(0, 4), long, bytes.subarray(4 + short.length)]);
    expect(dissectMls(spoilt)).toEqual({ malformed: 'the length of group_id, 1, takes 2 octets' });
  });

  test('whatever the bytes, there is an answer', () => {
    const start = fc.constantFrom(...Object.values(messages), noise('x', 40));
    fc.assert(
      fc.property(start, fc.nat(200), fc.uint8Array({ maxLength: 40 }), (bytes, at, more) => {
        const spoilt = Buffer.concat([bytes.subarray(0, at), more]);
        expect(Object.keys(dissectMls(spoilt))).toHaveLength(1);
      }),
    );
  });
});
