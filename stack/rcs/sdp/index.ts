/** Session descriptions of MSRP sessions (RFC 4566, RFC 4975 section 8), over the library sdp-transform. */

export {
  type Direction,
  isSecure,
  type MessageMedia,
  messageMedia,
  type OtherMedia,
  type SessionDescription,
  type Setup,
} from './description.ts';
export { SdpParseError } from './errors.ts';
export { answerDirection, answerSetup, connectAddress, offererRole } from './negotiate.ts';
export { parseSessionDescription, SDP_LIMITS } from './parse-description.ts';
export { writeSessionDescription } from './write-description.ts';
