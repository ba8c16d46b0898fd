/** Discovery as phones before UP 3.0 do it: OPTIONS, or one anonymous SUBSCRIBE; the network publishes for them. */
import {
  capabilitiesFromContact,
  type OptionsResult,
  optionsResult,
  presenceResult,
} from '../../stack/rcs/capabilities/index.ts';
import type { SipTarget } from '../../stack/rcs/sip/endpoint.ts';
import { headerValues } from '../../stack/rcs/sip/headers.ts';
import type { SipResponse } from '../../stack/rcs/sip/message.ts';
import { parseNameAddr } from '../../stack/rcs/sip/name-addr.ts';
import type { UserAgent } from '../../stack/rcs/sip/user-agent.ts';

/** They know the status line and the Contact, and nothing of Reason or Retry-After. */
export function readOptionsAnswer(response: SipResponse): OptionsResult {
  const contact = headerValues(response, 'Contact')[0];
  const capabilities =
    contact === undefined ? undefined : capabilitiesFromContact(parseNameAddr(contact).params);
  return optionsResult(response.status, capabilities);
}

export async function askPresence(agent: UserAgent, target: SipTarget, peer: string): Promise<OptionsResult> {
  let document: Uint8Array | undefined;
  const subscription = agent.subscribe({
    uri: `tel:${peer}`,
    target,
    from: '<sip:anonymous@anonymous.invalid>',
    event: 'presence',
    expires: 0,
    headers: [{ name: 'Accept', value: 'application/pidf+xml' }],
    onNotify: ({ request }) => {
      if (request.body.length > 0) document = request.body;
      return undefined;
    },
  });
  const end = await subscription.ended;
  if (end.kind === 'refused') {
    const { status, reason } = end.response;
    return presenceResult({ kind: 'refused', status, phrase: reason });
  }
  if (document !== undefined) return presenceResult({ kind: 'notified', document });
  const reason = end.kind === 'terminated' ? end.state.reason : undefined;
  if (reason === undefined) return presenceResult({ kind: 'silence' });
  return presenceResult({ kind: 'notified', reason });
}
