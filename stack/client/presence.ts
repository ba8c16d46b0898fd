/** Capability discovery by presence: publishing what this phone can do, fetching what others can (RFC 3903, 3856). */
import type { Clock } from '../platform.ts';
import type { Capabilities } from '../rcs/capabilities/index.ts';
import { type PresenceAnswer, reasonCause } from '../rcs/capabilities/index.ts';
import { PIDF_TYPE, writePidf } from '../rcs/event-packages/pidf.ts';
import { capabilitiesToPidf } from '../rcs/event-packages/service-descriptions.ts';
import { header } from '../rcs/sip/headers.ts';
import { Publication } from '../rcs/sip/publication.ts';
import type { SubscriptionEnd } from '../rcs/sip/subscription.ts';
import type { ImsTransport } from './ims-transport.ts';

/** Seconds; the server may shorten it. */
const PUBLISH_EXPIRES = 3_600;
/** RFC 3323 4.1.1.3: nobody but the network learns who looks whom up. */
const ANONYMOUS = '<sip:anonymous@anonymous.invalid>';

export class PresenceClient {
  readonly #ims: ImsTransport;
  readonly #msisdn: string;
  readonly #publication: Publication;

  constructor(clock: Clock, ims: ImsTransport, msisdn: string) {
    this.#ims = ims;
    this.#msisdn = msisdn;
    this.#publication = new Publication({
      clock,
      event: 'presence',
      contentType: PIDF_TYPE,
      expires: PUBLISH_EXPIRES,
      send: (headers, body) => ims.request('PUBLISH', msisdn, headers, body),
    });
  }

  /** Tells the network what this phone can do; resolves with the status of the answer. */
  async publish(capabilities: Capabilities): Promise<number> {
    const document = capabilitiesToPidf(`tel:${this.#msisdn}`, capabilities, {
      contact: `tel:${this.#msisdn}`,
    });
    return (await this.#publication.publish(writePidf(document))).status;
  }

  /** Takes it back, before de-registration. */
  async withdraw(): Promise<void> {
    await this.#publication.remove();
  }

  /** Asks once about `peer` (E.164). */
  async fetch(peer: string): Promise<PresenceAnswer> {
    let document: Uint8Array | undefined;
    const subscription = this.#ims.subscribe(peer, {
      from: ANONYMOUS,
      event: 'presence',
      expires: 0,
      headers: [
        { name: 'Accept', value: PIDF_TYPE },
        { name: 'Privacy', value: 'id' },
      ],
      onNotify: ({ request }) => {
        if (request.body.length > 0) document = request.body;
        return undefined;
      },
    });
    return answerOf(await subscription.ended, document);
  }

  close(): void {
    this.#publication.close();
  }
}

function answerOf(end: SubscriptionEnd, document: Uint8Array | undefined): PresenceAnswer {
  if (end.kind === 'refused') {
    const { response } = end;
    const cause = reasonCause(header(response, 'Reason'));
    const { status, reason } = response;
    return { kind: 'refused', status, phrase: reason, ...(cause !== undefined && { cause }) };
  }
  if (end.kind === 'silence' && document === undefined) return { kind: 'silence' };
  const reason = end.kind === 'terminated' ? end.state.reason : undefined;
  return {
    kind: 'notified',
    ...(reason !== undefined && { reason }),
    ...(document !== undefined && { document }),
  };
}
