/** The Message Session Relay Protocol (RFC 4975), over the streams of the Network port. */

export { type ByteRange, parseByteRange, writeByteRange } from './byte-range.ts';
export { CHUNK_OCTETS, chunksOf } from './chunks.ts';
export type { MsrpReply } from './connection.ts';
export { type LocalAddress, MsrpEndpoint, type MsrpEndpointOptions } from './endpoint.ts';
export { MsrpParseError, MsrpWriteError } from './errors.ts';
export {
  type MsrpFlag,
  type MsrpFrame,
  type MsrpHeader,
  type MsrpRequest,
  type MsrpResponse,
  msrpHeader,
} from './frame.ts';
export { DEFAULT_MSRP_LIMITS, type MsrpLimits } from './limits.ts';
export type { OutgoingMessage } from './outgoing-messages.ts';
export { Reassembly, type ReassemblyOutcome } from './reassembly.ts';
export type { MsrpMessage, MsrpReport, MsrpSession, MsrpSessionOptions, MsrpVerdict } from './session.ts';
export { MsrpStreamParser } from './stream-parser.ts';
export { type MsrpUri, parseMsrpUri, sameMsrpUri, writeMsrpUri } from './uri.ts';
export { writeMsrpFrame } from './write-frame.ts';
