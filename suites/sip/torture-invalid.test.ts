import { describe, expect, it } from 'vitest';
import { header } from '../../stack/rcs/sip/headers.ts';
import { parseSipMessage } from '../../stack/rcs/sip/message.ts';
import { octets, parse, parseErrorOf } from './support/text.ts';
import { twoHosts } from './support/two-hosts.ts';

/** Messages after those of RFC 4475 sections 3.1.2, 3.2 and 3.3, sent to a server: what it answers. */

interface Parts {
  readonly startLine?: string;
  readonly via?: string;
  readonly from?: string;
  readonly to?: string;
  readonly callId?: string;
  readonly cseq?: string;
  readonly more?: string;
  readonly length?: string;
  readonly body?: string;
}

const VIA = 'Via: SIP/2.0/UDP mallory.example;branch=z9hG4bK-t;rport';

function message(parts: Parts): string {
  const lines = [
    parts.startLine ?? 'OPTIONS sip:user@example.com SIP/2.0',
    parts.via ?? VIA,
    parts.from ?? 'From: <sip:caller@example.net>;tag=3',
    parts.to ?? 'To: <sip:user@example.com>',
    parts.callId ?? 'Call-ID: torture@example.net',
    parts.cseq ?? 'CSeq: 8 OPTIONS',
    'Max-Forwards: 7',
    parts.more ?? '',
    parts.length ?? 'Content-Length: 0',
  ];
  return `${lines.filter((line) => line !== '').join('\n')}\n\n${parts.body ?? ''}`;
}

/** Sends a datagram to Bob and gives the first lines he answers with. */
async function answersTo(text: string): Promise<string[]> {
  const { clock, wire } = twoHosts();
  const socket = wire.host('mallory.example').datagram(5060);
  const answers: string[] = [];
  socket.onMessage = (_from, bytes) => answers.push(new TextDecoder().decode(bytes));
  socket.send({ host: 'bob.example', port: 5060 }, octets(text));
  await clock.advance(100);
  return answers;
}

async function statusFor(text: string): Promise<number | undefined> {
  const [answer] = await answersTo(text);
  const parsed = answer === undefined ? undefined : parseSipMessage(new TextEncoder().encode(answer));
  return parsed?.kind === 'response' ? parsed.status : undefined;
}

describe('a server refuses what RFC 4475 3.1.2 calls invalid', () => {
  it.each<[string, number, Parts]>([
    ['.1 separators with nothing between in Via', 400, { via: `${VIA};;,;,,` }],
    [
      '.1 separators with nothing between in Contact',
      400,
      { more: 'Contact: "Joe" <sip:joe@example.org>;;;;' },
    ],
    ['.2 Content-Length beyond the datagram', 400, { length: 'Content-Length: 9999', body: 'v=0' }],
    ['.3 a negative Content-Length', 400, { length: 'Content-Length: -999' }],
    ['.4 a CSeq number of 2^31 or more', 400, { cseq: 'CSeq: 36893488147419103232 OPTIONS' }],
    ['.4 Max-Forwards above 255', 400, { more: 'Max-Forwards: 300' }],
    ['.6 an open quote in a display name', 400, { to: 'To: "Mr. J. User <sip:j.user@example.com>' }],
    ['.7 < > around the Request-URI', 400, { startLine: 'OPTIONS <sip:user@example.com> SIP/2.0' }],
    ['.8 white space in the Request-URI', 400, { startLine: 'OPTIONS sip:user@example.com; lr SIP/2.0' }],
    ['.9 several spaces in the request line', 400, { startLine: 'OPTIONS  sip:user@example.com  SIP/2.0' }],
    [
      '.10 spaces at the end of the request line',
      400,
      { startLine: 'OPTIONS sip:user@example.com SIP/2.0  ' },
    ],
    [
      '.11 headers in the Request-URI',
      400,
      { startLine: 'OPTIONS sip:user@example.com?Route=%3Csip:x%3E SIP/2.0' },
    ],
    [
      '.13 a Contact URI with ? outside < >',
      400,
      { more: 'Contact: sip:user@example.com?Route=%3Csip:x%3E' },
    ],
    ['.14 spaces within < >', 400, { to: 'To: "Watson, Thomas" < sip:t.watson@example.org >' }],
    [
      '.15 a comma in an unquoted display name',
      400,
      { from: 'From: Bell, Alexander <sip:a@example.com>;tag=43' },
    ],
    ['.16 an unknown protocol version', 505, { startLine: 'OPTIONS sip:user@example.com SIP/7.0' }],
    ['.17 another method in CSeq', 400, { cseq: 'CSeq: 8 INVITE' }],
    [
      '.18 an unknown method, and another in CSeq',
      400,
      { startLine: 'NEWMETHOD sip:user@example.com SIP/2.0' },
    ],
  ])('3.1.2%s: %i', async (_what, status, parts) => {
    expect(await statusFor(message(parts))).toBe(status);
  });

  it.each([
    [
      '.5 a response with a CSeq number of 2^31 or more',
      'SIP/2.0 200 OK',
      'CSeq: 9292394834772304023312 OPTIONS',
    ],
    ['.19 a response code above 699', 'SIP/2.0 4294967301 better not break the receiver', 'CSeq: 8 OPTIONS'],
  ])('3.1.2%s is dropped', async (_what, startLine, cseq) => {
    expect(await answersTo(message({ startLine, cseq }))).toEqual([]);
  });
});

describe('a server goes on where RFC 4475 says it may', () => {
  it.each<[string, Parts]>([
    ['3.1.2.12 a Date in another zone than GMT', { more: 'Date: Fri, 01 Jan 2010 16:00:00 EST' }],
    [
      '3.2.1 a branch of the magic cookie alone',
      { via: 'Via: SIP/2.0/UDP mallory.example;branch=z9hG4bK;rport' },
    ],
    ['3.3.15 a request of RFC 2543, without branch', { via: 'Via: SIP/2.0/UDP mallory.example' }],
    ['3.3.3 a URI of unknown scheme in To', { to: 'To: isbn:2983792873' }],
    [
      'an unknown header and an unknown parameter',
      { more: 'X-Any: thing', to: 'To: <sip:user@example.com>;new=1' },
    ],
    ['compact and folded headers', { via: VIA.replace('Via:', 'v\t:\r\n\t').replace('\r\n', '\n') }],
  ])('%s', async (_what, parts) => {
    expect(await statusFor(message(parts))).toBe(200);
  });
});

describe('a server refuses what RFC 4475 3.3 calls invalid', () => {
  it.each<[string, Parts]>([
    ['3.3.1 no Call-ID', { callId: 'X: y' }],
    ['3.3.1 no From', { from: 'X: y' }],
    ['3.3.1 no To', { to: 'X: y' }],
    ['3.3.1 no CSeq', { cseq: 'X: y' }],
    ['3.3.1 no Via', { via: 'X: y' }],
    ['3.3.8 two Call-IDs', { more: 'i: other@example.net' }],
    ['3.3.8 two CSeqs', { more: 'CSeq: 59 OPTIONS' }],
    ['3.3.8 two Tos', { more: 't: <sip:other@example.com>' }],
    ['3.3.9 two Content-Lengths', { more: 'l: 5', body: 'abcde' }],
    ['a bare LF in a header', { more: 'Subject: a\rb' }],
    ['a control character in a header', { more: 'Subject: a\u0007b' }],
    ['a header without a colon', { more: 'Subject' }],
    ['a header name with a space', { more: 'Sub ject: x' }],
    ['a first header line that is folded', { via: ` ${VIA}` }],
  ])('%s: 400', async (_what, parts) => {
    expect(await statusFor(message(parts))).toBe(400);
  });

  it('the answer copies what the request had, and names the field and what was expected', async () => {
    const [answer = ''] = await answersTo(message({ length: 'Content-Length: -999' }));
    const response = parseSipMessage(new TextEncoder().encode(answer));
    expect(response).toMatchObject({ status: 400, reason: expect.stringContaining('Content-Length') });
    expect(header(response, 'Call-ID')).toBe('torture@example.net');
    expect(header(response, 'From')).toBe('<sip:caller@example.net>;tag=3');
    expect(header(response, 'To')).toMatch(/^<sip:user@example\.com>;tag=[0-9a-f]+$/);
    expect(header(response, 'Via')).toContain('received=mallory.example');
  });

  it('a malformed ACK and a malformed response are never answered', async () => {
    expect(await answersTo(message({ startLine: 'ACK sip:a SIP/2.0 ', cseq: 'CSeq: 8 ACK' }))).toEqual([]);
    expect(await answersTo(message({ startLine: 'SIP/2.0 200' }))).toEqual([]);
    expect(await answersTo('\u0000\u0001 junk')).toEqual([]);
  });

  it('the retransmission of a refused request gets the same answer, with the same tag', async () => {
    const { clock, wire } = twoHosts();
    const socket = wire.host('mallory.example').datagram(5060);
    const answers: string[] = [];
    socket.onMessage = (_from, bytes) => answers.push(new TextDecoder().decode(bytes));
    for (const via of [VIA, VIA, `${VIA};;`, `${VIA};;`]) {
      socket.send({ host: 'bob.example', port: 5060 }, octets(message({ via, cseq: 'CSeq: x OPTIONS' })));
      await clock.advance(500);
    }
    expect(answers).toHaveLength(4);
    expect(answers[1]).toBe(answers[0]);
    expect(answers[3]).toBe(answers[2]);
  });
});

describe('a SipParseError says what was wrong and where', () => {
  it.each([
    ['OPTIONS sip:a@b SIP/2.0\nFrom: a', 'header section', 'RFC 3261 7', 32],
    ['OPTIONS sip:a@b SIP/2.0\nX: é\nBad header\n\n', 'header section', 'RFC 3261 7.3.1', 32],
    ['SIP/2.0 99 X\n\n', 'start line', 'RFC 3261 7.2', 8],
    ['\n\nOPTIONS a:b SIP/3.0\n\n', 'start line', 'RFC 3261 21.5.6', 16],
    ['OPTIONS sip:a@b SIP/2.0\nl: 3\n\nab', 'body', 'RFC 3261 18.3', 35],
  ])('%j', (text, field, clause, offset) => {
    expect(parseErrorOf(() => parse(text))).toMatchObject({ field, clause, offset });
  });

  it('at the first octet that is not UTF-8', () => {
    const bytes = new Uint8Array([...octets('OPTIONS sip:a@b SIP/2.0\nX: ä'), 0xff, ...octets('\n\n')]);
    expect(parseErrorOf(() => parseSipMessage(bytes))).toMatchObject({ offset: 30, expected: 'UTF-8' });
  });

  it.each([
    ['the start line', { startLine: 20 }, 414],
    ['the header section', { head: 30 }, 513],
    ['the number of headers', { headerCount: 1 }, 513],
    ['the body', { body: 1 }, 413],
  ])('%s is bounded', (_what, limits, status) => {
    const bytes = octets('OPTIONS sip:a@b SIP/2.0\nX: 1\nl: 2\n\nab');
    expect(parseErrorOf(() => parseSipMessage(bytes, limits)).status).toBe(status);
  });
});
