/** From what the core answers to what goes out on a server transaction. */
import type { IncomingRequest } from '../../stack/rcs/sip/endpoint.ts';
import { SipParseError } from '../../stack/rcs/sip/parse-error.ts';
import { type Answer, refusal } from './answer.ts';

/** A header that doesn't parse is the sender's fault, and answered as such. */
export async function guarded<T>(host: string, serve: () => Promise<T>): Promise<T | Answer> {
  try {
    return await serve();
  } catch (error) {
    if (error instanceof SipParseError)
      return refusal(400, host, `${error.field}: expected ${error.expected}`);
    throw error;
  }
}

export function reply(incoming: IncomingRequest, given: Answer): void {
  if (given.kind === 'relayed') {
    incoming.relay(given.response);
    return;
  }
  const { status, reason, headers, body } = given;
  incoming.respond(status, {
    ...(reason !== undefined && { reason }),
    ...(headers !== undefined && { headers: [...headers] }),
    ...(body !== undefined && { body }),
  });
}
