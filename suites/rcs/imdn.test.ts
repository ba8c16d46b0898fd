import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CpimParseError } from '../../stack/rcs/cpim.ts';
import { type Imdn, ImdnParseError, parseImdn, parseImdns, writeImdn } from '../../stack/rcs/imdn.ts';
import { MimeError } from '../../stack/rcs/mime.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (b: Uint8Array) => new TextDecoder().decode(b);

/** In the form of RFC 5438 7.2.1.1, whitespace between elements included. */
const RFC_5438_DELIVERED = `<?xml version="1.0" encoding="UTF-8"?>
   <imdn xmlns="urn:ietf:params:xml:ns:imdn">
        <message-id>34jk324j</message-id>
        <datetime>2008-04-04T12:16:49-05:00</datetime>
        <recipient-uri>im:bob@example.com</recipient-uri>
        <original-recipient-uri
        >im:bob@example.com</original-recipient-uri>
        <delivery-notification>
             <status>
                 <delivered/>
             </status>
        </delivery-notification>
   </imdn>
`;

/** In the form of docs/rcs-signalling.md 4.3. */
const DELIVERED =
  '<?xml version="1.0" encoding="UTF-8"?>\r\n<imdn xmlns="urn:ietf:params:xml:ns:imdn"><message-id>MxA1b2C3d4E5f6G7h8I9j0K1l2</message-id><datetime>2025-05-04T10:00:00.000Z</datetime><delivery-notification><status><delivered/></status></delivery-notification></imdn>';

const failed = (inner: string) =>
  bytes(
    `<imdn xmlns="urn:ietf:params:xml:ns:imdn"><message-id>m</message-id><datetime>t</datetime><delivery-notification>${inner}</delivery-notification></imdn>`,
  );

describe('a disposition notification (RFC 5438 7.2)', () => {
  it('is read with the URIs of its recipient', () => {
    expect(parseImdn(bytes(RFC_5438_DELIVERED))).toEqual({
      messageId: '34jk324j',
      dateTime: '2008-04-04T12:16:49-05:00',
      kind: 'delivery',
      status: 'delivered',
      recipientUri: 'im:bob@example.com',
      originalRecipientUri: 'im:bob@example.com',
    });
  });

  it('is written as deployed stacks write it', () => {
    const imdn: Imdn = {
      messageId: 'MxA1b2C3d4E5f6G7h8I9j0K1l2',
      dateTime: '2025-05-04T10:00:00.000Z',
      kind: 'delivery',
      status: 'delivered',
    };
    expect(text(writeImdn(imdn))).toBe(DELIVERED);
  });

  it.each([
    ['display', 'displayed'],
    ['processing', 'stored'],
    ['delivery', 'forbidden'],
  ] as const)('of kind %s tells %s', (kind, status) => {
    const imdn: Imdn = { messageId: 'm', dateTime: 't', kind, status };
    expect(parseImdn(writeImdn(imdn))).toEqual(imdn);
  });

  it('is read under any prefix and inside comments, CDATA and character references', () => {
    const document =
      '<i:imdn xmlns:i="urn:ietf:params:xml:ns:imdn"><!-- x --><i:message-id><![CDATA[a&b]]></i:message-id>' +
      '<i:datetime>2025&#45;05&amp;</i:datetime><i:display-notification><i:status><i:displayed/></i:status></i:display-notification></i:imdn>';
    expect(parseImdn(bytes(document))).toEqual({
      messageId: 'a&b',
      dateTime: '2025-05&',
      kind: 'display',
      status: 'displayed',
    });
  });

  it('escapes what its id holds', () => {
    const imdn: Imdn = { messageId: '<&">', dateTime: 't', kind: 'display', status: 'displayed' };
    expect(parseImdn(writeImdn(imdn)).messageId).toBe('<&">');
  });
});

describe('a failure reason (RCC.16 7.7.2)', () => {
  const reason = '<mls-client-failure-reason><failed-to-decrypt/></mls-client-failure-reason>';

  it.each([
    ['beside the status', `<status><failed/></status>${reason}`],
    ['in the status', `<status><failed/>${reason}</status>`],
    ['before the status value', `<status>${reason}<failed/></status>`],
    ['under the failed element', `<status><failed>${reason}</failed></status>`],
    [
      'as text',
      '<status><failed/></status><mls-client-failure-reason> failed-to-decrypt </mls-client-failure-reason>',
    ],
  ])('%s is read', (_, inner) => {
    expect(parseImdn(failed(inner))).toEqual({
      messageId: 'm',
      dateTime: 't',
      kind: 'delivery',
      status: 'failed',
      clientFailureReason: 'failed-to-decrypt',
    });
  });

  it('of the server is kept apart from one of the client', () => {
    const imdn: Imdn = {
      messageId: 'm',
      dateTime: 't',
      kind: 'delivery',
      status: 'failed',
      serverFailureReason: 'incorrect-epoch',
    };
    expect(parseImdn(writeImdn(imdn))).toEqual(imdn);
  });

  it('twice, or on anything but a failed delivery, is refused', () => {
    const server = '<mls-server-failure-reason><incorrect-era/></mls-server-failure-reason>';
    expect(() => parseImdn(failed(`<status><failed/></status>${reason}${server}`))).toThrow(
      /at most one failure reason/,
    );
    expect(() => parseImdn(failed(`<status><delivered/></status>${reason}`))).toThrow(/failed delivery only/);
    const displayed = text(failed(`<status><failed/></status>${reason}`)).replaceAll(
      'delivery-n',
      'display-n',
    );
    expect(() => parseImdn(bytes(displayed))).toThrow(/failed delivery only/);
  });

  it('may be absent from a failed delivery', () => {
    expect(parseImdn(failed('<status><failed/></status>')).clientFailureReason).toBeUndefined();
  });
});

describe('what is not a notification fails as ImdnParseError', () => {
  const bomb = `<!DOCTYPE imdn [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>${DELIVERED.slice(40)}`;
  it.each([
    ['a document type with entities', bomb],
    ['a document type alone', `<!DOCTYPE imdn SYSTEM "http://example.com/x.dtd">${DELIVERED.slice(40)}`],
    ['an undeclared entity', DELIVERED.replace('MxA1', '&x;')],
    ['more than 64 KiB', DELIVERED.replace('MxA1', 'M'.repeat(70_000))],
    ['elements nested too deep', text(failed(`<status>${'<a>'.repeat(50)}${'</a>'.repeat(50)}</status>`))],
    ['too many elements', text(failed(`<status><failed/>${'<a/>'.repeat(200)}</status>`))],
    ['another root', DELIVERED.replaceAll('imdn', 'other')],
    ['another namespace', DELIVERED.replace('urn:ietf:params:xml:ns:imdn', 'urn:other')],
    ['tags that do not match', DELIVERED.replace('</status>', '')],
    ['two roots', `${DELIVERED}<imdn/>`],
    ['no message-id', DELIVERED.replace(/<message-id>.*<\/message-id>/, '')],
    ['an empty message-id', DELIVERED.replace('MxA1b2C3d4E5f6G7h8I9j0K1l2', ' ')],
    ['no status', text(failed(''))],
    ['an empty status', text(failed('<status/>'))],
    ['an unknown kind', DELIVERED.replaceAll('delivery-notification', 'other-notification')],
    ['two kinds at once', text(failed('')).replace('</imdn>', '<display-notification/></imdn>')],
    ['text that is no XML', 'delivered'],
    ['a reserved name', '<__proto__/>'],
  ])('%s', (_, document) => {
    expect(() => parseImdn(bytes(document))).toThrow(ImdnParseError);
  });

  it('bytes that are not UTF-8', () => {
    expect(() => parseImdn(Uint8Array.of(0x3c, 0x61, 0xff, 0x2f, 0x3e))).toThrow(/not UTF-8/);
  });
});

describe('several notifications in one body (hazard R49)', () => {
  const multipart = (...parts: string[]) =>
    bytes(
      `--b\r\n${parts.map((part) => `Content-Type: message/imdn+xml\r\n\r\n${part}`).join('\r\n--b\r\n')}\r\n--b--`,
    );

  it('are all read from a multipart', () => {
    const body = multipart(DELIVERED, RFC_5438_DELIVERED);
    expect(parseImdns('multipart/mixed;boundary=b', body).map((imdn) => imdn.messageId)).toEqual([
      'MxA1b2C3d4E5f6G7h8I9j0K1l2',
      '34jk324j',
    ]);
  });

  it('are found by their type, without a Content-Disposition (hazard R44)', () => {
    const cpim = `From: <a:b>\r\n\r\nContent-Type: Message/IMDN+XML; charset=utf-8\r\n\r\n${DELIVERED}`;
    expect(parseImdns('message/CPIM', bytes(cpim))).toHaveLength(1);
  });

  it('may each have a transfer encoding', () => {
    const part = (encoding: string, content: string) =>
      bytes(
        `--b\r\nContent-Type: message/imdn+xml\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${content}\r\n--b--`,
      );
    const encoded = Buffer.from(DELIVERED).toString('base64');
    expect(parseImdns('multipart/mixed;boundary=b', part('BASE64', encoded))).toHaveLength(1);
    expect(() => parseImdns('multipart/mixed;boundary=b', part('base64', '*'))).toThrow(MimeError);
  });

  it('are none in other content', () => {
    expect(parseImdns('text/plain', bytes(DELIVERED))).toEqual([]);
  });

  it('are not looked for below four levels of wrapping (hazard R51)', () => {
    const wrap = (type: string, inner: string) => `From: <a:b>\r\n\r\nContent-Type: ${type}\r\n\r\n${inner}`;
    let body = wrap('message/imdn+xml', DELIVERED);
    for (let level = 1; level < 4; level++) {
      body = wrap('message/cpim', body);
    }
    expect(parseImdns('message/cpim', bytes(body))).toHaveLength(1);
    expect(() => parseImdns('message/cpim', bytes(wrap('message/cpim', body)))).toThrow(/at most 4 levels/);
  });
});

describe('properties', () => {
  const anyText = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 40 })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 can't carry them
    .filter((s) => s.trim() === s && s.isWellFormed() && !/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/.test(s));
  const token = fc.stringMatching(/^[a-z][a-z-]{0,20}$/);

  it('whatever is written is read again', () => {
    const kind = fc.constantFrom('delivery', 'display', 'processing');
    const plain = fc.record({
      messageId: anyText,
      dateTime: anyText,
      kind,
      status: token.filter((t) => !t.startsWith('mls-')),
    });
    const withReason = fc.record({
      messageId: anyText,
      dateTime: anyText,
      kind: fc.constant('delivery'),
      status: fc.constant('failed'),
      clientFailureReason: token,
      recipientUri: anyText,
    });
    fc.assert(
      fc.property(fc.oneof(plain, withReason), (imdn) => {
        expect(parseImdn(writeImdn(imdn as Imdn))).toEqual(imdn);
      }),
    );
  });

  it('arbitrary bytes are read or fail as a typed error, nothing else', () => {
    const near = fc
      .array(
        fc.constantFrom(
          '<imdn>',
          '</imdn>',
          '<status>',
          '</status>',
          '<',
          '>',
          '/',
          '&',
          '"',
          '=',
          'a',
          '<![CDATA[',
          ']]>',
          '<?',
          '--b',
        ),
      )
      .map((parts) => bytes(parts.join('')));
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array({ maxLength: 200 }), near),
        fc.constantFrom('message/imdn+xml', 'message/cpim', 'multipart/mixed; boundary=b', ''),
        (input, type) => {
          try {
            parseImdns(type, input);
          } catch (error) {
            const typed = [ImdnParseError, CpimParseError, MimeError].some((known) => error instanceof known);
            expect(typed, `expected a typed error, got ${error}`).toBe(true);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
