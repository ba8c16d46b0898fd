/** The readers of SDP and MSRP, from inputs put together here: few of the recorded conversations have sessions. */
import { deepStrictEqual } from 'node:assert';
import { type MsrpFrame, MsrpStreamParser } from '../../stack/rcs/msrp/index.ts';
import { messageMedia, parseSessionDescription, SdpParseError } from '../../stack/rcs/sdp/index.ts';
import { type FuzzTarget, refusedBy } from './target.ts';

const octets = (lines: readonly string[]): Uint8Array =>
  new TextEncoder().encode(`${lines.join('\r\n')}\r\n`);
const address = 'IN IP4 10.1.0.5';
const opening = ['v=0', `o=- 3921300000 3921300000 ${address}`, 's=-', `c=${address}`, 't=0 0'];
/** An offer and an answer in the form of docs/rcs-signalling.md 4.4, and one with media that are not ours. */
const DESCRIPTIONS = [
  octets([
    ...opening,
    'm=message 9 TCP/TLS/MSRP *',
    'a=path:msrps://10.1.0.5:9/s1a2b3;tcp',
    'a=connection:new',
    'a=setup:active',
    'a=fingerprint:SHA-256 AB:CD:EF',
    'a=accept-types:message/cpim',
    'a=accept-wrapped-types:text/plain message/imdn+xml',
    'a=max-size:65536',
    'a=sendonly',
    'a=msrp-cema',
  ]),
  octets([...opening, 'm=message 2855 TCP/MSRP *', 'a=path:msrp://10.1.0.5:2855/x;tcp', 'a=accept-types:*']),
  octets([...opening, 'm=audio 4000 RTP/AVP 0 96', 'a=rtpmap:96 opus/48000', 'm=message 0 TCP/MSRP *']),
];

const paths = (to: string, from: string) => [`To-Path: msrps://${to};tcp`, `From-Path: msrps://${from};tcp`];
const FRAMES = [
  octets([
    'MSRP d93kswow SEND',
    ...paths('b.example:2855/t9', 'a.example:9/s1'),
    'Message-ID: 12339sdqwer',
    'Byte-Range: 1-16/16',
    'Failure-Report: yes',
    'Content-Type: text/plain',
    '',
    "Hi, I'm Alice!",
    '-------d93kswow$',
  ]),
  octets(['MSRP d93kswow 200 OK', ...paths('a.example:9/s1', 'b.example:2855/t9'), '-------d93kswow$']),
  octets([
    'MSRP dkei38sd REPORT',
    ...paths('a.example:9/s1', 'b.example:2855/t9'),
    'Message-ID: 12339sdqwer',
    'Byte-Range: 1-16/16',
    'Status: 000 200 OK',
    '-------dkei38sd$',
  ]),
];

export const mediaTargets: readonly FuzzTarget[] = [
  {
    name: 'sdp',
    kind: 'text',
    corpus: DESCRIPTIONS,
    attempt: (input) => refusedBy([SdpParseError], () => messageMedia(parseSessionDescription(input))),
  },
  {
    name: 'msrp',
    kind: 'text',
    corpus: FRAMES,
    attempt: (input) => {
      const whole = read([input]);
      deepStrictEqual(read(Array.from(input, (octet) => Uint8Array.of(octet))), whole);
      return whole.faulty || whole.frames.length === 0 ? 'refused' : 'accepted';
    },
  },
];

function read(chunks: readonly Uint8Array[]): { readonly frames: MsrpFrame[]; readonly faulty: boolean } {
  const parser = new MsrpStreamParser();
  const frames = chunks.flatMap((chunk) => parser.push(chunk));
  return { frames, faulty: parser.fault !== undefined };
}
