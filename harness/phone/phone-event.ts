import type { Bubble } from '../../stack/client/message-log.ts';

/** What a terminal phone tells its user: a line each. */
export type PhoneEvent =
  | { readonly event: 'provisioned'; readonly outcome: string; readonly why?: string }
  | { readonly event: 'registered'; readonly as: string; readonly msisdn: string; readonly mls: boolean }
  | { readonly event: 'deregistered'; readonly why?: string }
  | ({ readonly event: 'received' } & Pick<Bubble, 'wireId' | 'peer' | 'text' | 'badge'>)
  | ({ readonly event: 'sending' } & Pick<Bubble, 'wireId' | 'peer' | 'text' | 'badge' | 'state' | 'reason'>)
  | {
      readonly event: 'capabilities';
      readonly peer: string;
      readonly rcs: string;
      readonly mls: boolean;
      readonly online: boolean;
    }
  | { readonly event: 'talking-to'; readonly peer: string }
  | { readonly event: 'help'; readonly text: string }
  | { readonly event: 'mistake'; readonly text: string };

/** For a person. */
export function phoneEventLine(event: PhoneEvent): string {
  switch (event.event) {
    case 'provisioned':
      return `-- provisioning: ${event.outcome}${event.why === undefined ? '' : ` (${event.why})`}`;
    case 'registered':
      return `-- ${event.as} (${event.msisdn}) is registered${event.mls ? ', encryption is on' : ''}`;
    case 'deregistered':
      return `-- not registered${event.why === undefined ? '' : `: ${event.why}`}`;
    case 'received':
      return `${event.peer} [${event.badge}] ${event.text}`;
    case 'sending':
      return `   to ${event.peer} [${event.badge}] ${event.state}${event.reason === undefined ? '' : `: ${event.reason}`}: ${event.text}`;
    case 'capabilities':
      return `-- ${event.peer}: RCS ${event.rcs}, MLS ${event.mls ? 'yes' : 'no'}, ${event.online ? 'online' : 'offline'}`;
    case 'talking-to':
      return `-- lines go to ${event.peer}`;
    case 'help':
    case 'mistake':
      return `-- ${event.text}`;
  }
}
