/** What stands between carriers, each kind by itself (docs/rcs-signalling.md 10.3 and its hazards). */
import { describe, expect, test } from 'vitest';
import { passRequest, passResponse } from '../../emulators/carrier/interconnect/middleboxes/chain.ts';
import type { Middlebox, Passage } from '../../emulators/carrier/interconnect/middleboxes/middlebox.ts';
import { CPIM_CHANGES } from '../../emulators/carrier/interconnect/middleboxes/reframe-cpim.ts';
import { CPIM_CHANGES as CHANGES_OF_YAML } from '../../matrix/schema/middlebox.ts';
import { messageIdOf, sealedBody, sealedHeaders, textBody } from '../../stack/client/message-bodies.ts';
import { capabilitiesOf } from '../../stack/rcs/capabilities/index.ts';
import { cpimContent, parseCpim } from '../../stack/rcs/cpim.ts';
import { header } from '../../stack/rcs/sip/headers.ts';
import { parseSipMessage, type SipRequest, writeSipMessage } from '../../stack/rcs/sip/message.ts';
import { makeResponse } from '../../stack/rcs/sip/responses.ts';

const NOW = Date.parse('2026-05-04T12:00:00Z');
const ENVELOPE = { messageId: 'MxOwn', dateTime: '2026-05-04T10:00:00.000Z' };
const TEXT = textBody(ENVELOPE, 'Grüße');
const SEALED = sealedBody(ENVELOPE, {
  message: Uint8Array.of(1, 2, 3),
  era: 1,
  epochAuthenticator: new Uint8Array(32),
});
const CONTACT =
  '<sip:a@ue.example>;+sip.instance="<urn:uuid:1>";+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.session,urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.msg";+g.gsma.rcs.mls.mls-kds="2"';

function request(method: string, body = new Uint8Array(0)): SipRequest {
  const headers = [
    { name: 'Via', value: 'SIP/2.0/TLS a.example;branch=z9hG4bK1' },
    { name: 'Via', value: 'SIP/2.0/TLS b.example;branch=z9hG4bK2' },
    { name: 'Max-Forwards', value: '60' },
    { name: 'From', value: '<sip:a@a.example>;tag=1' },
    { name: 'To', value: '<tel:+999002000001>' },
    { name: 'Call-ID', value: 'one' },
    { name: 'CSeq', value: `1 ${method}` },
    { name: 'P-Asserted-Identity', value: '<tel:+999001000001>' },
    { name: 'X-Private', value: 'kept' },
    { name: 'Contact', value: CONTACT },
    ...(body.length > 0 ? [{ name: 'Content-Type', value: 'message/cpim' }] : []),
  ];
  return { kind: 'request', method, uri: 'tel:+999002000001', headers, body };
}

function passed(boxes: Middlebox[], given: SipRequest): SipRequest {
  const passage = passRequest(boxes, given, NOW);
  if (passage.kind !== 'passes') throw new Error(passage.kind);
  return passage.request;
}
const kept = (boxes: Middlebox[], body: Uint8Array): Passage['kind'] =>
  passRequest(boxes, request('MESSAGE', new Uint8Array(body)), NOW).kind;
const overTheWire = (sent: SipRequest) => parseSipMessage(writeSipMessage(sent)) as SipRequest;

describe('headers', () => {
  test('in another order are the same message, and fields of one name keep theirs', () => {
    const given = request('MESSAGE', new Uint8Array(TEXT));
    const { headers } = overTheWire(passed([{ kind: 'reorder-headers' }], given));
    expect(headers.map(({ name }) => name)).not.toEqual(given.headers.map(({ name }) => name));
    expect(headers.filter(({ name }) => name === 'Via')).toEqual(given.headers.slice(0, 2));
    expect(
      headers
        .filter(({ name }) => name !== 'Content-Length')
        .map((h) => h.value)
        .sort(),
    ).toEqual(given.headers.map((h) => h.value).sort());
  });

  test('in another case are read as before (R21), feature tags too (R14)', () => {
    const given = request('OPTIONS');
    for (const to of ['upper', 'lower'] as const) {
      const sent = overTheWire(passed([{ kind: 'change-case', to }], given));
      expect(sent.headers.some(({ name }) => name === (to === 'upper' ? 'CALL-ID' : 'call-id'))).toBe(true);
      expect(capabilitiesOf(sent)).toMatchObject({ chat: true, standalone: true, mlsKds: '2' });
    }
  });

  test('are set anew where they are, with what was there, or taken away', () => {
    const headers = [
      { name: 'p-asserted-identity', value: 'Somebody{value}' },
      { name: 'x-private' },
      { name: 'X-Absent', value: 'no' },
    ];
    const sent = passed([{ kind: 'rewrite-headers', headers }], request('MESSAGE'));
    expect(header(sent, 'P-Asserted-Identity')).toBe('Somebody<tel:+999001000001>');
    expect(header(sent, 'X-Private')).toBeUndefined();
    expect(header(sent, 'X-Absent')).toBeUndefined();
  });
});

describe('a length cap on OPTIONS (R16)', () => {
  const boxes: Middlebox[] = [{ kind: 'truncate-options', octets: 160 }];

  test('cuts the Contact of an answer off, which is read as far as it goes and known to be cut', () => {
    const answer = makeResponse(request('OPTIONS'), 200, { headers: [{ name: 'Contact', value: CONTACT }] });
    const cut = passResponse(boxes, answer, NOW);
    expect(header(cut, 'Contact')).toBe(CONTACT.slice(0, 160));
    expect(capabilitiesOf(cut)).toMatchObject({ chat: true, standalone: false, truncated: true });
  });

  test('leaves whole parameters out of a request, which stays well-formed; other methods it lets alone', () => {
    const sent = passed(boxes, request('OPTIONS'));
    expect(header(sent, 'Contact')).toBe('<sip:a@ue.example>;+sip.instance="<urn:uuid:1>"');
    expect(header(passed(boxes, request('MESSAGE')), 'Contact')).toBe(CONTACT);
  });
});

describe('what does not cross', () => {
  test('content types, alone or by their beginning, outside and inside CPIM (R41)', () => {
    const drop = (types: string[]): Middlebox[] => [{ kind: 'drop-content-types', types, answer: 415 }];
    expect(kept(drop(['message/mls']), SEALED)).toBe('refused');
    expect(kept(drop(['message/*']), TEXT)).toBe('refused');
    expect(kept(drop(['text/plain']), TEXT)).toBe('refused');
    expect(kept(drop(['message/mls*']), TEXT)).toBe('passes');
    expect(kept([{ kind: 'drop-content-types', types: ['message/mls'], answer: 'silent' }], SEALED)).toBe(
      'lost',
    );
  });

  test('bodies over a size', () => {
    expect(kept([{ kind: 'limit-size', octets: TEXT.length }], TEXT)).toBe('passes');
    expect(
      passRequest([{ kind: 'limit-size', octets: 10 }], request('MESSAGE', new Uint8Array(TEXT)), NOW),
    ).toMatchObject({ kind: 'refused', status: 413 });
  });

  test('the first box that keeps it decides', () => {
    const boxes: Middlebox[] = [
      { kind: 'limit-size', octets: 10 },
      { kind: 'drop-content-types', types: ['message/mls'], answer: 'silent' },
    ];
    expect(kept(boxes, SEALED)).toBe('refused');
    expect(kept(boxes.toReversed(), SEALED)).toBe('lost');
  });
});

describe('an envelope written anew', () => {
  const reframed = (changes: (typeof CPIM_CHANGES)[number][], body = SEALED) =>
    parseCpim(passed([{ kind: 'reframe-cpim', changes }], request('MESSAGE', new Uint8Array(body))).body);

  test.each(['parties', 'namespace-space', 'prefixes', 'name-case', 'media-type'] as const)(
    '%s: means the same to a tolerant reader (R36, R38 to R40, R42)',
    (change) => {
      const cpim = reframed([change]);
      expect(cpim.headers).not.toEqual(change === 'media-type' ? [] : parseCpim(SEALED).headers);
      expect(messageIdOf(cpim)).toBe('MxOwn');
      expect(sealedHeaders(cpim)).toEqual({ era: 1, epochAuthenticator: new Uint8Array(32) });
      expect([...cpimContent(cpim).bytes]).toEqual([1, 2, 3]);
    },
  );

  test('without what is not of IMDN an encrypted message is none any more (R40)', () => {
    const cpim = reframed(['imdn-only']);
    expect(messageIdOf(cpim)).toBe('MxOwn');
    expect(sealedHeaders(cpim)).toBeUndefined();
  });

  test('with a Message-ID or a DateTime of its own (R37)', () => {
    expect(messageIdOf(reframed(['message-id'], TEXT))).toBe('gw-MxOwn');
    expect(reframed(['date-time'], TEXT).dateTime).toBe('2026-05-04T12:00:00.000Z');
  });

  test('what is no CPIM passes as it is', () => {
    const given = { ...request('MESSAGE'), body: new TextEncoder().encode('no envelope') };
    const sent = { ...given, headers: [...given.headers, { name: 'Content-Type', value: 'message/cpim' }] };
    expect(passed([{ kind: 'reframe-cpim', changes: ['imdn-only'] }], sent)).toEqual(sent);
  });

  test('the matrix knows every change there is', () => {
    expect([...CHANGES_OF_YAML]).toEqual([...CPIM_CHANGES]);
  });
});
