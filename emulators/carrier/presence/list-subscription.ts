/** RFC 5367: a subscription to a list that comes with the request, answered as RFC 4662 says. */
import { EventBodyError } from '../../../stack/rcs/event-packages/document.ts';
import { PIDF_TYPE, writePidf } from '../../../stack/rcs/event-packages/pidf.ts';
import {
  type ListEntry,
  RESOURCE_LISTS_TYPE,
  readResourceLists,
} from '../../../stack/rcs/event-packages/resource-lists.ts';
import { type ListedResource, writeListState } from '../../../stack/rcs/event-packages/rlmi.ts';
import { essenceOf } from '../../../stack/rcs/mime.ts';
import { header } from '../../../stack/rcs/sip/headers.ts';
import { newTag } from '../../../stack/rcs/sip/identifiers.ts';
import type { SipRequest } from '../../../stack/rcs/sip/message.ts';
import type { SubscribeDecision } from '../../../stack/rcs/sip/notifier.ts';
import type { NotifyContent, ServerSubscription } from '../../../stack/rcs/sip/server-subscription.ts';
import type { ApplicationServer } from '../application-server.ts';
import { publicIdentity } from '../config.ts';
import type { Deadlines } from '../deadlines.ts';
import { numberOfUri, routeNumber } from '../numbering.ts';
import type { CarrierPorts } from '../ports.ts';
import { type PresenceSources, presenceOf } from './presence-documents.ts';

export interface ListSubscriptionOptions {
  readonly request: SipRequest;
  readonly sender: string;
  readonly sources: PresenceSources;
  readonly deadlines: Deadlines;
  readonly applicationServer: ApplicationServer;
  readonly ports: Pick<CarrierPorts, 'random'>;
}

/** Resources of one list; a phone with more asks in several. */
const MOST = 100;
/** The subscriber's own patience (Timer N) is 32 s. */
const PEER_ANSWERS_WITHIN_MS = 12_000;

type Instance = NonNullable<ListedResource['instance']>;

export class ListSubscription {
  readonly #options: ListSubscriptionOptions;
  readonly #instances = new Map<string, Omit<Instance, 'id'>>();
  #entries: readonly ListEntry[] = [];
  #version = 0;
  #subscription: ServerSubscription | undefined;
  readonly decision: SubscribeDecision;

  constructor(options: ListSubscriptionOptions) {
    this.#options = options;
    this.decision = this.#decide();
  }

  #decide(): SubscribeDecision {
    const { request } = this.#options;
    if (essenceOf(header(request, 'Content-Type')) !== RESOURCE_LISTS_TYPE) {
      return { kind: 'refused', status: 415, headers: [{ name: 'Accept', value: RESOURCE_LISTS_TYPE }] };
    }
    try {
      this.#entries = readResourceLists(request.body);
    } catch (error) {
      if (!(error instanceof EventBodyError)) throw error;
      return { kind: 'refused', status: 400, reason: 'Bad Request (no resource list)' };
    }
    if (this.#entries.length > MOST) return { kind: 'refused', status: 413 };
    const ready = Promise.all(this.#entries.map(({ uri }) => this.#resolve(uri))).then(() => {
      this.#subscription?.changed();
    });
    return {
      kind: 'taken',
      ready,
      content: () => this.#content(),
      onOpened: (subscription) => {
        this.#subscription = subscription;
      },
    };
  }

  async #resolve(uri: string): Promise<void> {
    const msisdn = numberOfUri(uri);
    const route = msisdn === undefined ? undefined : routeNumber(this.#options.sources.config, msisdn);
    if (msisdn === undefined || route?.kind === 'unknown') return void this.#nobody(uri);
    if (route?.kind === 'peer') return this.#askPeer(uri, msisdn);
    const document = presenceOf(msisdn, this.#options.sources);
    if (document === undefined) this.#nobody(uri);
    else this.#instances.set(uri, known(writePidf(document)));
  }

  async #askPeer(uri: string, msisdn: string): Promise<void> {
    const { applicationServer, deadlines, sender, sources } = this.#options;
    let body: Uint8Array | undefined;
    const subscription = applicationServer.subscribePeer(msisdn, sender, {
      from: `<${publicIdentity(sources.config, sender)}>`,
      event: 'presence',
      expires: 0,
      headers: [{ name: 'Accept', value: PIDF_TYPE }],
      onNotify: ({ request }) => {
        if (request.body.length > 0) body = request.body;
        return undefined;
      },
    });
    const end = await deadlines.within(PEER_ANSWERS_WITHIN_MS, subscription.ended);
    if (end?.kind === 'refused' && [404, 604].includes(end.response.status)) this.#nobody(uri);
    else if (body !== undefined) this.#instances.set(uri, known(body));
    else this.#instances.set(uri, { state: 'terminated', reason: 'giveup' });
  }

  #nobody(uri: string): void {
    this.#instances.set(uri, { state: 'terminated', reason: 'noresource' });
  }

  #content(): NotifyContent {
    const { request, ports } = this.#options;
    const resources = this.#entries.map(({ uri }): ListedResource => {
      const instance = this.#instances.get(uri);
      return { uri, ...(instance !== undefined && { instance: { id: '1', ...instance } }) };
    });
    const list = { uri: request.uri, version: this.#version, fullState: true, resources };
    this.#version += 1;
    const { contentType, body } = writeListState(list, newTag(ports.random));
    const headers = [
      { name: 'Require', value: 'eventlist' },
      { name: 'Content-Type', value: contentType },
    ];
    return { headers, body };
  }
}

function known(body: Uint8Array): Omit<Instance, 'id'> {
  return { state: 'active', document: { contentType: PIDF_TYPE, body } };
}
