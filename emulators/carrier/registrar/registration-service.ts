/** The reg event package of the home network: RFC 3680 with RFC 5628, as 3GPP TS 24.229 section 5.4.2.1 uses it. */
import {
  type ContactEvent,
  REGINFO_TYPE,
  type ReginfoContact,
  writeReginfo,
} from '../../../stack/rcs/event-packages/reginfo.ts';
import type { IncomingRequest } from '../../../stack/rcs/sip/endpoint.ts';
import { parseEvent } from '../../../stack/rcs/sip/event-header.ts';
import { header } from '../../../stack/rcs/sip/headers.ts';
import type { SipRequest } from '../../../stack/rcs/sip/message.ts';
import { Notifier, type SubscribeDecision } from '../../../stack/rcs/sip/notifier.ts';
import type { NotifyContent, ServerSubscription } from '../../../stack/rcs/sip/server-subscription.ts';
import type { ApplicationServer, Caller, Service } from '../application-server.ts';
import { type CarrierConfig, publicIdentity } from '../config.ts';
import { numberOfUri } from '../numbering.ts';
import type { CarrierPorts } from '../ports.ts';
import type { Origin } from '../proxy/routing.ts';
import type { Binding, Bindings, EndOfBinding } from './bindings.ts';

export interface RegistrationServiceOptions {
  readonly config: CarrierConfig;
  readonly ports: Pick<CarrierPorts, 'clock'>;
  readonly bindings: Bindings;
  readonly applicationServer: ApplicationServer;
}

const EXPIRES = { least: 60, most: 604_800, usual: 3_761 };
/** Asked of a phone on probation, seconds. */
const PROBATION = 60;

const EVENT_OF_END: Readonly<Record<EndOfBinding, ContactEvent>> = {
  asked: 'unregistered',
  expired: 'expired',
  rejected: 'rejected',
  deactivated: 'deactivated',
  probation: 'probation',
};

interface Watcher {
  version: number;
  subscription: ServerSubscription | undefined;
  /** Ended, and not told yet. */
  readonly ended: Map<string, ReginfoContact>;
}

export class RegistrationService implements Service {
  readonly #options: RegistrationServiceOptions;
  readonly #notifier: Notifier;
  readonly #watchers = new Map<string, Set<Watcher>>();
  #caller: Caller | undefined;

  constructor(options: RegistrationServiceOptions) {
    this.#options = options;
    this.#notifier = new Notifier(options.applicationServer.agent.core, {
      packages: [
        {
          event: 'reg',
          contentTypes: [REGINFO_TYPE],
          expires: EXPIRES,
          decide: (request) => this.#decide(request),
        },
      ],
      most: 65_536,
    });
  }

  wants(request: SipRequest, origin: Origin): boolean {
    if (request.method !== 'SUBSCRIBE' || origin !== 'phone') return false;
    return parseEvent(header(request, 'Event')).name === 'reg';
  }

  onRequest(incoming: IncomingRequest, caller: Caller): void {
    this.#caller = caller;
    this.#notifier.receive(incoming);
  }

  /** A binding was made or refreshed, or ended as `end` says. */
  changed(binding: Binding, end?: EndOfBinding): void {
    // Nobody is there to be told that nobody is there.
    const gone = end === 'expired' && this.#options.bindings.of(binding.msisdn).length === 0;
    for (const watcher of [...(this.#watchers.get(binding.msisdn) ?? [])]) {
      if (gone) watcher.subscription?.abandon();
      if (end !== undefined) watcher.ended.set(idOf(binding), endedContact(binding, end));
      watcher.subscription?.changed();
    }
  }

  /** RFC 3680 section 5.3: whose registrations they are may know of them, and nobody else. */
  #decide(request: SipRequest): SubscribeDecision {
    const msisdn = numberOfUri(request.uri);
    if (msisdn === undefined || msisdn !== this.#caller!.sender)
      return { kind: 'refused', status: 403, reason: 'Only for oneself' };
    const watcher: Watcher = { version: 0, subscription: undefined, ended: new Map() };
    return {
      kind: 'taken',
      content: () => this.#content(msisdn, watcher),
      onOpened: (subscription) => {
        watcher.subscription = subscription;
        const watchers = this.#watchers.get(msisdn) ?? new Set<Watcher>();
        this.#watchers.set(msisdn, watchers.add(watcher));
      },
      onEnded: () => {
        const watchers = this.#watchers.get(msisdn);
        watchers?.delete(watcher);
        if (watchers?.size === 0) this.#watchers.delete(msisdn);
      },
    };
  }

  /** Always the whole state (TS 24.229 section 5.4.2.1.2), with what ended since the last NOTIFY. */
  #content(msisdn: string, watcher: Watcher): NotifyContent {
    const { config, ports, bindings } = this.#options;
    const active = bindings.of(msisdn);
    const contacts = [
      ...active.map((binding) => activeContact(binding, ports.clock.now())),
      ...[...watcher.ended].filter(([id]) => !active.some((b) => idOf(b) === id)).map(([, one]) => one),
    ];
    watcher.ended.clear();
    const state = active.length > 0 ? 'active' : 'terminated';
    const aors = [publicIdentity(config, msisdn), `tel:${msisdn}`];
    const body = writeReginfo({
      version: watcher.version++,
      state: 'full',
      registrations: aors.map((aor, index) => ({ aor, id: `r${index}`, state, contacts })),
    });
    return { headers: [{ name: 'Content-Type', value: REGINFO_TYPE }], body };
  }
}

function activeContact(binding: Binding, now: number): ReginfoContact {
  const { gruu, expiresAt } = binding;
  return {
    ...described(binding),
    state: 'active',
    event: 'registered',
    expires: Math.max(0, Math.round((expiresAt - now) / 1_000)),
    ...(gruu !== undefined && { publicGruu: gruu.public }),
    ...(gruu?.temporary !== undefined && {
      temporaryGruu: { uri: gruu.temporary, firstCseq: binding.cseq },
    }),
  };
}

function endedContact(binding: Binding, end: EndOfBinding): ReginfoContact {
  const ended = { ...described(binding), state: 'terminated', event: EVENT_OF_END[end] } as const;
  return end === 'probation' ? { ...ended, retryAfter: PROBATION } : ended;
}

function described(binding: Binding) {
  const { contact, callId, cseq, instance, regId } = binding;
  const params = new Map([['+sip.instance', instance]]);
  if (regId !== '') params.set('reg-id', regId);
  return { id: idOf(binding), uri: contact.uri, callId, cseq, params };
}

/** The same for each state of one binding. */
function idOf({ instance, regId }: Binding): string {
  return `${instance} ${regId}`.trim();
}
