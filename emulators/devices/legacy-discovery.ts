/** Discovery as phones before UP 3.0 do it: OPTIONS, or one anonymous SUBSCRIBE; the network publishes for them. */
import {
  capabilitiesOf,
  contactParams,
  NO_CAPABILITIES,
  type OptionsResult,
  optionsResult,
  presenceResult,
} from '../../stack/rcs/capabilities/index.ts';
import type { SipTarget } from '../../stack/rcs/sip/endpoint.ts';
import type { SipResponse } from '../../stack/rcs/sip/message.ts';
import type { UserAgent } from '../../stack/rcs/sip/user-agent.ts';
import type { PhoneConfig } from './phone.ts';

/** They know the status line and the Contact, and nothing of Reason or Retry-After. */
export function readOptionsAnswer(response: SipResponse): OptionsResult {
  return optionsResult(response.status, capabilitiesOf(response));
}

/** docs/rcs-signalling.md, hazard R03: the network has forgotten the phone. */
export function isForgotten({ status, reason }: SipResponse): boolean {
  return status === 403 && /not registered/i.test(reason);
}

/** `again`: registers anew when the network has forgotten the phone; resolves to whether that helped. */
export async function askPresence(
  agent: UserAgent,
  target: SipTarget,
  peer: string,
  again: () => Promise<boolean>,
): Promise<OptionsResult> {
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
    if (isForgotten(end.response) && (await again()))
      return askPresence(agent, target, peer, async () => false);
    return presenceResult({ kind: 'refused', status, phrase: reason });
  }
  if (document !== undefined) return presenceResult({ kind: 'notified', document });
  const reason = end.kind === 'terminated' ? end.state.reason : undefined;
  if (reason === undefined) return presenceResult({ kind: 'silence' });
  return presenceResult({ kind: 'notified', reason });
}

/** Feature tags by which such a phone says what it can do. */
export function legacyTags({ universalProfile, capabilities }: PhoneConfig): [string, string | undefined][] {
  const joyn = universalProfile === 'joyn';
  const has = (service: PhoneConfig['capabilities'][number]) => capabilities.includes(service);
  const services = {
    ...NO_CAPABILITIES,
    simpleIm: joyn,
    chat: has('chat') && !joyn,
    standalone: has('chat') && !joyn,
    fileTransferHttp: has('file-transfer-http'),
    geolocationPush: has('geolocation-push'),
  };
  return contactParams(services, joyn ? 'joyn' : '2.4');
}
