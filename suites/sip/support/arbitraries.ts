import fc from 'fast-check';
import type { SipHeader, SipMessage, SipRequest, SipResponse } from '../../../stack/rcs/sip/message.ts';

const TOKEN_CHARS = [..."abcXYZ019-.!%*_+`'~"];

export const token = fc
  .array(fc.constantFrom(...TOKEN_CHARS), { minLength: 1, maxLength: 12 })
  .map((chars) => chars.join(''));

/** A header value as parsing gives it: no control characters, no white space at either end. */
export const headerValue = fc
  .array(fc.oneof(fc.constantFrom(' ', '  ', '\t', '"', '\\', ';', ',', '<', '>', ':', 'é', '😀'), token), {
    maxLength: 20,
  })
  .map((parts) => parts.join('').replace(/^[ \t]+|[ \t]+$/g, ''));

const knownName = fc.constantFrom(
  ...[
    'Via',
    'v',
    'FROM',
    'f',
    'To',
    'Call-ID',
    'i',
    'cSeQ',
    'Contact',
    'm',
    'Subject',
    's',
    'Accept-Contact',
    'Event',
  ],
);

const someHeader: fc.Arbitrary<SipHeader> = fc.record({
  name: fc.oneof(knownName, token),
  value: headerValue,
});

const body = fc.uint8Array({ maxLength: 80 });

const request: fc.Arbitrary<SipRequest> = fc.record({
  kind: fc.constant('request' as const),
  method: token,
  uri: fc.constantFrom('sip:a@b', 'tel:+999900200002', 'sips:[::1]:5061;lr?x=%20', 'urn:service:sos'),
  headers: fc.array(someHeader, { maxLength: 12 }),
  body,
});

const response: fc.Arbitrary<SipResponse> = fc.record({
  kind: fc.constant('response' as const),
  status: fc.integer({ min: 100, max: 699 }),
  reason: headerValue,
  headers: fc.array(someHeader, { maxLength: 12 }),
  body,
});

/** Any message, with the Content-Length that it has on the wire somewhere among its headers. */
export const sipMessage: fc.Arbitrary<SipMessage> = fc
  .tuple(fc.oneof(request, response), fc.constantFrom('Content-Length', 'l', 'CONTENT-length'), fc.nat(12))
  .map(([message, name, at]) => {
    const others = message.headers.filter((h) => !/^(?:l|content-length)$/i.test(h.name));
    const length: SipHeader = { name, value: String(message.body.length) };
    const headers = [...others.slice(0, at), length, ...others.slice(at)];
    return message.kind === 'request' ? { ...message, headers } : { ...message, headers };
  });
