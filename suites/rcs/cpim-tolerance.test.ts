import { describe, expect, it } from 'vitest';
import { CpimParseError, cpimContent, cpimHeader, IMDN_NAMESPACE, parseCpim } from '../../stack/rcs/cpim.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (b: Uint8Array) => new TextDecoder().decode(b);
const crlf = (...lines: string[]) => bytes(lines.join('\r\n'));

describe('what peers get wrong (hazard R38) is read and named', () => {
  const read = (...lines: string[]) => parseCpim(crlf(...lines));

  it('NS without a space before the URI', () => {
    const message = read(
      'From: <a:b>',
      'NS: imdn<urn:ietf:params:imdn>',
      'imdn.Message-ID: m1',
      '',
      'Content-Type: a/b',
      '',
      '',
    );
    expect(cpimHeader(message, IMDN_NAMESPACE, 'Message-ID')).toBe('m1');
  });

  it('no empty line between message headers and MIME headers, as RFC 5438 prints its examples', () => {
    const message = read(
      'From: Alice <im:alice@example.com>',
      'NS: imdn <urn:ietf:params:imdn>',
      'imdn.Message-ID: 34jk324j',
      'Content-type: text/plain',
      'Content-length: 12',
      '',
      'Hello World',
    );
    expect(text(cpimContent(message).bytes)).toBe('Hello World');
    expect(message.deviations).toEqual(['no empty line between message headers and content headers']);
  });

  it('no empty line before the content', () => {
    const message = read('From: <a:b>', '', 'Content-Type: text/plain', 'Hello, world');
    expect(text(message.content)).toBe('Hello, world');
    expect(message.deviations).toEqual(['no empty line before the content']);
  });

  it('no MIME headers at all', () => {
    const message = read('From: <a:b>', '', 'Hello, world');
    expect(cpimContent(message)).toEqual({ contentType: 'text/plain', bytes: bytes('Hello, world') });
  });

  it('a From that is cut off', () => {
    const message = read('From: <sip:anonymous@anonym', 'To: <a:b>', '', 'Content-Type: text/plain', '', 'x');
    expect(message.from).toBe('sip:anonymous@anonym');
    expect(message.deviations).toEqual(['address cut off before ">"']);
  });

  it('line breaks without CR', () => {
    const message = parseCpim(bytes('From: <a:b>\nTo: <c:d>\n\nContent-Type: text/plain\n\nHello\n'));
    expect(message.to).toBe('c:d');
    expect(text(message.content)).toBe('Hello\n');
    expect(message.deviations).toEqual(['line break LF, not CRLF']);
  });

  it('the Content-Type of the envelope repeated inside', () => {
    const message = read(
      'Content-type: Message/CPIM',
      '',
      'From: <a:b>',
      '',
      'Content-Type: text/plain',
      '',
      'x',
    );
    expect(message.from).toBe('a:b');
    expect(text(message.content)).toBe('x');
  });

  it('a display name with no space before the URI (hazard R30)', () => {
    expect(read('From: "Al"<tel:+99>', '', 'Content-Type: a/b', '', '').from).toBe('tel:+99');
  });

  it('a Content-Length that counts characters: the text stays whole (hazard R27)', () => {
    const message = read('From: <a:b>', '', 'Content-Type: text/plain', 'Content-Length: 2', '', '👍👍');
    expect(text(cpimContent(message).bytes)).toBe('👍👍');
  });

  it('a line break after the content that Content-Length leaves out', () => {
    const message = read('From: <a:b>', '', 'Content-Type: text/plain', 'Content-Length: 2', '', 'Hi', '');
    expect(text(cpimContent(message).bytes)).toBe('Hi');
    expect(text(message.content)).toBe('Hi\r\n');
  });

  it('MIME headers in any case, folded, with quoted-printable content', () => {
    const message = read(
      'from: <a:b>',
      '',
      'CONTENT-TYPE: text/plain;',
      ' charset=utf-8',
      'content-transfer-encoding: Quoted-Printable',
      '',
      'caf=C3=A9 =',
      'au lait',
    );
    const content = cpimContent(message);
    expect(content.contentType).toBe('text/plain; charset=utf-8');
    expect(text(content.bytes)).toBe('café au lait');
  });
});

describe('what can be neither read nor guessed fails as CpimParseError', () => {
  it.each([
    ['nothing', ''],
    ['line breaks alone', '\r\n\r\n\r\n'],
    ['a line without colon', 'From: <a:b>\r\nnonsense\r\n\r\nx'],
    ['message headers without end', 'From: <a:b>\r\nTo: <a:b>\r\n'],
    ['a name with a space', 'From us: <a:b>\r\n\r\nContent-Type: a/b\r\n\r\n'],
  ])('%s', (_, input) => {
    expect(() => parseCpim(bytes(input))).toThrow(CpimParseError);
  });

  it('headers that are not UTF-8', () => {
    expect(() => parseCpim(Uint8Array.of(0x46, 0x3a, 0xff, 0x0a, 0x0a))).toThrow(/offset 0: expected UTF-8/);
  });

  it('more than its limits allow', () => {
    const header = (n: number) => `From: <a:b>\r\n${'X: y\r\n'.repeat(n)}\r\nContent-Type: a/b\r\n\r\n`;
    expect(() => parseCpim(bytes(header(128)))).toThrow(/at most 128 headers/);
    expect(() => parseCpim(bytes(`X: ${'y'.repeat(70_000)}\r\n\r\n`))).toThrow(/at most 65536 bytes/);
    expect(() => parseCpim(new Uint8Array(11), { maxBytes: 10, maxHeaderBytes: 10, maxHeaders: 1 })).toThrow(
      /at most 10/,
    );
  });

  it.each([
    ['base64', 'AAEC*'],
    ['base64', 'AAECA'],
    ['quoted-printable', 'a=ZZ'],
    ['x-uuencode', 'abc'],
  ])('content that is not in its %s', (encoding, content) => {
    const message = parseCpim(crlf('From: <a:b>', '', `Content-Transfer-Encoding: ${encoding}`, '', content));
    expect(() => cpimContent(message)).toThrow(CpimParseError);
  });
});
