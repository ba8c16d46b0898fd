/** REGISTER as phones before UP 3.0 do it (RFC 3261 section 10, RFC 7616): written apart from the SDK's on purpose. */
import type { Clock, Random, Timer } from '../../stack/platform.ts';
import type { RcsConfig } from '../../stack/rcs/config/index.ts';
import { digestAuthorization, parseChallenge } from '../../stack/rcs/sip/digest.ts';
import type { SipEndpoint, SipTarget } from '../../stack/rcs/sip/endpoint.ts';
import { header } from '../../stack/rcs/sip/headers.ts';
import { newCallId, newTag } from '../../stack/rcs/sip/identifiers.ts';
import type { SipRequest } from '../../stack/rcs/sip/message.ts';

const ASKED_EXPIRES_S = 3600;

export class LegacyRegistration {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #endpoint: SipEndpoint;
  readonly #target: SipTarget;
  readonly #config: RcsConfig;
  readonly #contact: string;
  readonly #callId: string;
  readonly #tag: string;
  #cseq = 100;
  #refresh: Timer | undefined;
  registered = false;

  constructor(options: {
    readonly clock: Clock;
    readonly random: Random;
    readonly endpoint: SipEndpoint;
    readonly target: SipTarget;
    readonly config: RcsConfig;
    readonly contact: string;
    readonly host: string;
  }) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#endpoint = options.endpoint;
    this.#target = options.target;
    this.#config = options.config;
    this.#contact = options.contact;
    this.#callId = newCallId(options.random, options.host);
    this.#tag = newTag(options.random);
  }

  async register(expires = ASKED_EXPIRES_S): Promise<number> {
    const { auth, homeDomain } = this.#config;
    const uri = `sip:${homeDomain}`;
    const opening = `Digest username="${auth.userName}",realm="${auth.realm}",nonce="",uri="${uri}",response=""`;
    let response = await this.#endpoint.request(this.#request(uri, expires, opening), this.#target);
    const challenge =
      response.status === 401 ? parseChallenge(header(response, 'WWW-Authenticate') ?? '') : undefined;
    if (challenge) {
      const authorization = digestAuthorization({
        challenge,
        username: auth.userName,
        password: auth.userPwd,
        method: 'REGISTER',
        uri,
        cnonce: newTag(this.#random),
        nc: 1,
      });
      response = await this.#endpoint.request(this.#request(uri, expires, authorization), this.#target);
    }
    this.#refresh?.cancel();
    this.registered = response.status === 200 && expires > 0;
    if (this.registered)
      this.#refresh = this.#clock.setTimer((expires / 2) * 1000, () => void this.register());
    return response.status;
  }

  stop(): void {
    this.#refresh?.cancel();
    this.registered = false;
  }

  #request(uri: string, expires: number, authorization: string): SipRequest {
    const own = this.#config.impu[0]!;
    this.#cseq += 1;
    return {
      kind: 'request',
      method: 'REGISTER',
      uri,
      headers: [
        { name: 'From', value: `<${own}>;tag=${this.#tag}` },
        { name: 'To', value: `<${own}>` },
        { name: 'Call-ID', value: this.#callId },
        { name: 'CSeq', value: `${this.#cseq} REGISTER` },
        { name: 'Contact', value: this.#contact },
        { name: 'Expires', value: String(expires) },
        { name: 'Supported', value: 'path' },
        { name: 'Authorization', value: authorization },
      ],
      body: new Uint8Array(0),
    };
  }
}
