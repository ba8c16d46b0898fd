/** RFC 4566 and RFC 4975 section 8: a description into octets, as strict peers want it. */

import sdpTransform, { type SessionDescription as LibraryDescription } from 'sdp-transform';
import type { MessageMedia, OtherMedia, SessionDescription } from './description.ts';

const WORD = /^[!-~]+$/;

/** Throws RangeError for a value that would not read back as itself. */
export function writeSessionDescription(description: SessionDescription): Uint8Array {
  const { sessionId, sessionVersion, host, media } = description;
  if (!/^\d{1,19}$/.test(sessionId)) throw new RangeError('the session id of o= is a number (RFC 4566 5.2)');
  const address = { ipVer: ipVersion(host), address: word(host) };
  const text = sdpTransform.write({
    version: 0,
    origin: { username: '-', sessionId, sessionVersion, netType: 'IN', ...address },
    name: '-',
    timing: { start: 0, stop: 0 },
    media: media.map((one) => ('other' in one ? refused(one) : section(one))),
    // The library's types know neither `connectionType` nor text attributes.
  } as unknown as LibraryDescription);
  return new TextEncoder().encode(text);
}

function refused({ other, protocol, formats }: OtherMedia): object {
  return { type: word(other), port: 0, protocol: word(protocol), payloads: oneLine(formats) };
}

function section(media: MessageMedia): object {
  const { port, protocol, host, path, acceptTypes, acceptWrappedTypes, maxSize } = media;
  const text = [
    ...(path.length > 0 ? [`path:${words(path)}`] : []),
    ...(acceptTypes.length > 0 ? [`accept-types:${words(acceptTypes)}`] : []),
    ...(acceptWrappedTypes?.length ? [`accept-wrapped-types:${words(acceptWrappedTypes)}`] : []),
    ...(maxSize === undefined ? [] : [`max-size:${maxSize}`]),
    ...(media.fileSelector === undefined ? [] : [`file-selector:${oneLine(media.fileSelector)}`]),
    ...(media.cema ? ['msrp-cema'] : []),
  ];
  return {
    type: 'message',
    port,
    protocol: word(protocol),
    payloads: '*',
    connection: { version: ipVersion(host), ip: word(host) },
    ...(media.setup && { setup: media.setup }),
    ...(media.connection && { connectionType: media.connection }),
    direction: media.direction,
    ...(media.fingerprint && {
      fingerprint: { type: word(media.fingerprint.algorithm), hash: word(media.fingerprint.hash) },
    }),
    invalid: text.map((value) => ({ value })),
  };
}

/** A host name stands as IP4, as RFC 4566 5.7 has it for names. */
function ipVersion(host: string): 4 | 6 {
  return host.includes(':') ? 6 : 4;
}

function words(list: readonly string[]): string {
  return list.map(word).join(' ');
}

function word(text: string): string {
  if (!WORD.test(text)) throw new RangeError('a value of SDP may not hold space or control characters');
  return text;
}

function oneLine(text: string): string {
  if (/[\r\n\0]/.test(text)) throw new RangeError('a value of SDP stays on its line');
  return text;
}
