import { parseSipMessage, type SipMessage, SipParseError } from '../../../stack/rcs/sip/message.ts';

const encoder = new TextEncoder();

/** Octets of a message written in a test with bare newlines. */
export function octets(text: string): Uint8Array {
  return encoder.encode(text.replaceAll('\n', '\r\n'));
}

export function parse(text: string): SipMessage {
  return parseSipMessage(octets(text));
}

/** The error that the call must end with. */
export function parseErrorOf(run: () => unknown): SipParseError {
  try {
    run();
  } catch (error) {
    if (error instanceof SipParseError) return error;
    throw error;
  }
  throw new Error('expected a SipParseError, but nothing was thrown');
}
