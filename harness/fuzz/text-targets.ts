/** The readers of SIP, CPIM, IMDN, MIME and configuration documents, and what holds for whatever they accept. */
import { deepStrictEqual } from 'node:assert';
import { ConfigError, parseConfigDocument, readRcsConfig } from '../../stack/rcs/config/index.ts';
import { CpimParseError, cpimContent, parseCpim, writeCpim } from '../../stack/rcs/cpim.ts';
import { ImdnParseError, parseImdns } from '../../stack/rcs/imdn.ts';
import { MimeError } from '../../stack/rcs/mime.ts';
import { parseAnyChallenge, parseDigestHeader } from '../../stack/rcs/sip/digest-header.ts';
import { headerValues } from '../../stack/rcs/sip/headers.ts';
import {
  parseSipMessage,
  type SipMessage,
  SipParseError,
  SipWriteError,
  writeSipMessage,
} from '../../stack/rcs/sip/message.ts';
import { parseNameAddr } from '../../stack/rcs/sip/name-addr.ts';
import { checkRequest, checkResponse } from '../../stack/rcs/sip/request-check.ts';
import { salvageRequest } from '../../stack/rcs/sip/salvage.ts';
import { type SipFrame, StreamFramer } from '../../stack/rcs/sip/stream-framer.ts';
import { parseSipUri } from '../../stack/rcs/sip/uri.ts';
import { parseXml, XmlError } from '../../stack/rcs/xml.ts';
import type { Recorded } from './recorded.ts';
import { type FuzzTarget, refusedBy } from './target.ts';

const XML_LIMITS = { maxBytes: 64 * 1024, maxDepth: 16, maxElements: 1024 };

export function textTargets({ sip, cpim, xml }: Recorded): FuzzTarget[] {
  return [
    {
      name: 'sip-message',
      kind: 'text',
      corpus: sip,
      attempt: (input) => {
        salvageRequest(input);
        return refusedBy([SipParseError], () => {
          const message = parseSipMessage(input);
          if (message.kind === 'request') checkRequest(message);
          else checkResponse(message);
          relayed(message);
        });
      },
    },
    { name: 'sip-headers', kind: 'text', corpus: sip, attempt: (input) => headersOf(input) },
    {
      name: 'sip-stream',
      kind: 'text',
      corpus: sip,
      attempt: (input) => {
        const whole = framesOf([input]);
        deepStrictEqual(framesOf(Array.from(input, (octet) => Uint8Array.of(octet))), whole);
        return whole.some((frame) => typeof frame === 'object' && frame.kind === 'malformed') ||
          whole.length === 0
          ? 'refused'
          : 'accepted';
      },
    },
    {
      name: 'cpim',
      kind: 'text',
      corpus: cpim,
      attempt: (input) =>
        refusedBy([CpimParseError], () => {
          const message = parseCpim(input);
          cpimContent(message);
          deepStrictEqual(parseCpim(writeCpim(message)).content, message.content);
        }),
    },
    {
      name: 'imdn',
      kind: 'text',
      corpus: cpim,
      attempt: (input) =>
        refusedBy([ImdnParseError, CpimParseError, MimeError], () => parseImdns('message/cpim', input)),
    },
    {
      name: 'xml',
      kind: 'text',
      corpus: xml,
      attempt: (input) => refusedBy([XmlError], () => parseXml(input, XML_LIMITS)),
    },
    {
      name: 'configuration-document',
      kind: 'text',
      corpus: xml.filter((document) => Buffer.from(document).includes('ap2001')),
      attempt: (input) => refusedBy([ConfigError], () => readRcsConfig(parseConfigDocument(input))),
    },
  ];
}

/** A proxy passes on what it does not know: header fields and body come out as they came in. */
function relayed(message: SipMessage): void {
  let written: Uint8Array;
  try {
    written = writeSipMessage(message);
  } catch (error) {
    if (error instanceof SipWriteError) return;
    throw error;
  }
  const again = parseSipMessage(written);
  deepStrictEqual(again.body, message.body);
  const known = (m: SipMessage) => m.headers.filter(({ name }) => !/^(content-length|l)$/i.test(name));
  deepStrictEqual(known(again), known(message));
}

const ADDRESSES = [
  'From',
  'To',
  'Contact',
  'Route',
  'Record-Route',
  'Path',
  'Service-Route',
  'P-Asserted-Identity',
];

/** Every header value that the stack reads, read by its own reader. */
function headersOf(input: Uint8Array): ReturnType<FuzzTarget['attempt']> {
  return refusedBy([SipParseError], () => {
    const message = parseSipMessage(input);
    for (const name of ['WWW-Authenticate', 'Proxy-Authenticate'])
      headerValues(message, name).map(parseAnyChallenge);
    for (const name of ['Authorization', 'Proxy-Authorization'])
      headerValues(message, name).map(parseDigestHeader);
    for (const name of ADDRESSES) {
      for (const value of headerValues(message, name)) {
        const { uri } = parseNameAddr(value, name);
        if (/^(sips?|tel):/i.test(uri)) parseSipUri(uri);
      }
    }
  });
}

function framesOf(chunks: readonly Uint8Array[]): SipFrame[] {
  const framer = new StreamFramer();
  return chunks.flatMap((chunk) => framer.push(chunk));
}
