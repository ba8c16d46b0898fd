/** RFC 4566 and RFC 4975 section 8: octets into a description. Grammar by the library sdp-transform, bounds by us. */

import sdpTransform from 'sdp-transform';
import type { Direction, MessageMedia, OtherMedia, SessionDescription, Setup } from './description.ts';
import { SdpParseError } from './errors.ts';

export const SDP_LIMITS = { octets: 16_384, lines: 256, lineLength: 2_048, media: 8, values: 128 } as const;

const LINE = /^[a-z]=/;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Liberal where meaning is not in doubt: bare LF, missing `s=` or `t=`, unknown attributes, any order of them. Throws
 * SdpParseError, whatever the octets.
 */
export function parseSessionDescription(bytes: Uint8Array): SessionDescription {
  const text = boundedText(bytes);
  const parsed = sdpTransform.parse(text);
  const { origin, connection, media } = parsed;
  if (parsed.version !== 0) throw fault('v=', '0', 'RFC 4566 5.1');
  // A session id that is no number does not match the library's grammar (hazard R60): it is read here.
  const own = origin ?? looseOrigin(text);
  if (!own) throw fault('o=', 'user, session id, version, IN, IP4 or IP6, and an address', 'RFC 4566 5.2');
  if (media.length > SDP_LIMITS.media)
    throw fault('m=', `at most ${SDP_LIMITS.media} sections`, 'RFC 4566 5.14');
  const host = connection?.ip ?? own.address;
  return {
    sessionId: String(own.sessionId),
    sessionVersion: Number(own.sessionVersion),
    host: own.address,
    media: media.map((section, index) => readMedia(section as Section, host, index)),
  };
}

type Section = ReturnType<typeof sdpTransform.parse>['media'][number] & {
  readonly connectionType?: string;
  readonly invalid?: readonly { readonly value: string }[];
};

function boundedText(bytes: Uint8Array): string {
  if (bytes.length > SDP_LIMITS.octets) throw fault('description', `at most ${SDP_LIMITS.octets} octets`);
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw fault('description', 'UTF-8');
  }
  const lines = text.replace(/(\r?\n)+$/, '').split(/\r?\n/);
  if (lines.length > SDP_LIMITS.lines) throw fault('description', `at most ${SDP_LIMITS.lines} lines`);
  lines.forEach((line, index) => {
    const clause = 'RFC 4566 5';
    if (line.length > SDP_LIMITS.lineLength)
      throw new SdpParseError({
        line: index + 1,
        field: 'line',
        expected: `at most ${SDP_LIMITS.lineLength} characters`,
        clause,
      });
    if (!LINE.test(line) || /[\0\r]/.test(line))
      throw new SdpParseError({
        line: index + 1,
        field: 'line',
        expected: 'a letter, `=` and a value',
        clause,
      });
  });
  return text;
}

function looseOrigin(
  text: string,
): { sessionId: string; sessionVersion: number; address: string } | undefined {
  const match = /^o=\S+ (\S+) (\d{1,15})\S* IN IP[46] (\S+)/m.exec(text);
  return match ? { sessionId: match[1]!, sessionVersion: Number(match[2]), address: match[3]! } : undefined;
}

function readMedia(section: Section, sessionHost: string, index: number): MessageMedia | OtherMedia {
  const { type, port, protocol } = section;
  if (type === undefined || port === undefined || !protocol)
    throw fault(`m= number ${index + 1}`, 'media, port, protocol and formats', 'RFC 4566 5.14');
  if (port > 65_535) throw fault(`m= number ${index + 1}`, 'a port of at most 65535', 'RFC 4566 5.14');
  if (type !== 'message' || !/MSRP$/i.test(protocol))
    return { other: type, protocol, formats: String(section.payloads ?? '') };
  const attributes = attributesOf(section);
  const path = list(attributes.get('path'));
  if (port !== 0 && path.length === 0) throw fault('a=path', 'one MSRP URI or more', 'RFC 4975 8.1');
  const maxSize = attributes.get('max-size');
  const wrapped = attributes.get('accept-wrapped-types');
  const fileSelector = attributes.get('file-selector');
  const { fingerprint } = section;
  const setup = asSetup(section.setup);
  return {
    port,
    protocol,
    host: section.connection?.ip ?? sessionHost,
    path,
    acceptTypes: list(attributes.get('accept-types')),
    ...(wrapped !== undefined && { acceptWrappedTypes: list(wrapped) }),
    ...(maxSize !== undefined && /^\d{1,15}$/.test(maxSize) && { maxSize: Number(maxSize) }),
    ...(setup && { setup }),
    ...(isConnection(section.connectionType) && { connection: section.connectionType }),
    direction: (section.direction as Direction | undefined) ?? 'sendrecv',
    ...(fingerprint && { fingerprint: { algorithm: fingerprint.type, hash: String(fingerprint.hash) } }),
    cema: attributes.has('msrp-cema'),
    ...(fileSelector !== undefined && { fileSelector }),
  };
}

/** What the library keeps as text: all attributes of MSRP. The first of a name counts. */
function attributesOf(section: Section): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const { value } of section.invalid ?? []) {
    const text = String(value);
    const colon = text.indexOf(':');
    const name = (colon < 0 ? text : text.slice(0, colon)).trim().toLowerCase();
    if (!attributes.has(name)) attributes.set(name, colon < 0 ? '' : text.slice(colon + 1).trim());
  }
  return attributes;
}

function list(value: string | undefined): string[] {
  const values = (value ?? '').split(/[ \t]+/).filter((one) => one !== '');
  if (values.length > SDP_LIMITS.values)
    throw fault('attribute', `at most ${SDP_LIMITS.values} values`, 'RFC 4975 9');
  return values;
}

function asSetup(value: string | undefined): Setup | undefined {
  const setup = value?.toLowerCase();
  return setup === 'active' || setup === 'passive' || setup === 'actpass' || setup === 'holdconn'
    ? setup
    : undefined;
}

function isConnection(value: string | undefined): value is 'new' | 'existing' {
  return value === 'new' || value === 'existing';
}

function fault(field: string, expected: string, clause = 'RFC 4566 5'): SdpParseError {
  return new SdpParseError({ line: 0, field, expected, clause });
}
