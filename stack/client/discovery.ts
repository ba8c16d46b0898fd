/** Asking what a peer can do, by OPTIONS or by presence, as the network's configuration says (docs/rcs-signalling.md 3). */
import {
  type Capabilities,
  capabilitiesOf,
  type OptionsResult,
  optionsResult,
  presenceResult,
  reasonCause,
} from '../rcs/capabilities/index.ts';
import { header } from '../rcs/sip/headers.ts';
import type { ImsTransport } from './ims-transport.ts';
import type { PresenceClient } from './presence.ts';

export interface Discovered {
  /** Of the final response; 200 for a presence document, 408 for silence. */
  readonly status: number;
  readonly result: OptionsResult;
  readonly capabilities?: Capabilities;
  readonly retryAfterSeconds?: number;
}

export const CPM_MESSAGE_TAG = '+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.msg"';

export async function discoverByOptions(ims: ImsTransport, peer: string): Promise<Discovered> {
  const response = await ims.request('OPTIONS', peer, [
    { name: 'Contact', value: ims.contact() },
    { name: 'Accept-Contact', value: `*;${CPM_MESSAGE_TAG}` },
    { name: 'Accept', value: 'application/sdp' },
  ]);
  const capabilities = capabilitiesOf(response);
  const cause = reasonCause(header(response, 'Reason'));
  const retryAfter = /^\s*([0-9]{1,7})/.exec(header(response, 'Retry-After') ?? '')?.[1];
  const details = { reason: response.reason, ...(cause !== undefined && { cause }) };
  return {
    status: response.status,
    result: optionsResult(response.status, capabilities, details),
    ...(capabilities !== undefined && { capabilities }),
    ...(retryAfter !== undefined && { retryAfterSeconds: Number(retryAfter) }),
  };
}

export async function discoverByPresence(presence: PresenceClient, peer: string): Promise<Discovered> {
  const answer = await presence.fetch(peer);
  const { capabilities, ...result } = presenceResult(answer);
  const status = answer.kind === 'refused' ? answer.status : answer.kind === 'silence' ? 408 : 200;
  return { status, result, ...(capabilities !== undefined && { capabilities }) };
}
