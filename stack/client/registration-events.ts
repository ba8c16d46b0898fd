/** The reg event package as a phone uses it for itself: RFC 3680, 3GPP TS 24.229 sections 5.1.1.3 and 5.1.1.7. */
import { REGINFO_TYPE, type ReginfoContact, readReginfo } from '../rcs/event-packages/reginfo.ts';
import type { SipHeader } from '../rcs/sip/message.ts';
import type { Subscription } from '../rcs/sip/subscription.ts';
import type { UserAgent } from '../rcs/sip/user-agent.ts';

/** The network ended the phone's own registration. */
export interface RegistrationEvent {
  readonly event: 'rejected' | 'deactivated' | 'probation';
  /** Seconds before another REGISTER. */
  readonly retryAfterS?: number;
}

export interface WatchOptions {
  readonly agent: UserAgent;
  /** Whose registrations: the phone's own public identity. */
  readonly identity: string;
  /** `+sip.instance` of this phone. */
  readonly instance: string;
  readonly expires: number;
  readonly headers: readonly SipHeader[];
  onEvent(event: RegistrationEvent): void;
}

/** Subscribes; a network that does not offer the package says so, and nothing else changes. */
export function watchRegistration(options: WatchOptions): Subscription {
  const { agent, identity, instance, expires, headers } = options;
  return agent.subscribe({
    uri: identity,
    from: `<${identity}>`,
    event: 'reg',
    expires,
    headers: [...headers, { name: 'Accept', value: REGINFO_TYPE }],
    onNotify: ({ request }) => {
      const contacts = contactsIn(request.body);
      if (contacts === undefined) return 400;
      for (const contact of contacts) {
        const event = contact.params?.get('+sip.instance') === instance ? endOf(contact) : undefined;
        if (event !== undefined) options.onEvent(event);
      }
      return undefined;
    },
  });
}

function contactsIn(body: Uint8Array): ReginfoContact[] | undefined {
  if (body.length === 0) return [];
  try {
    return readReginfo(body).registrations.flatMap(({ contacts }) => contacts);
  } catch (error) {
    if ((error as Error).name === 'EventBodyError') return undefined;
    throw error;
  }
}

function endOf({ state, event, retryAfter }: ReginfoContact): RegistrationEvent | undefined {
  if (state !== 'terminated') return undefined;
  if (event !== 'rejected' && event !== 'deactivated' && event !== 'probation') return undefined;
  return { event, ...(retryAfter !== undefined && { retryAfterS: retryAfter }) };
}
