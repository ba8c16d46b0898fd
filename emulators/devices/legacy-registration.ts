/** REGISTER as phones before UP 3.0 do it (RFC 3261 section 10, RFC 7616): written apart from the SDK's on purpose. */
import type { Clock, Random, Sim, Timer } from '../../stack/platform.ts';
import type { RcsConfig } from '../../stack/rcs/config/index.ts';
import { authenticatedRequest } from '../../stack/rcs/sip/authenticated-request.ts';
import { DigestClient } from '../../stack/rcs/sip/digest-client.ts';
import type { SipEndpoint, SipResult, SipTarget } from '../../stack/rcs/sip/endpoint.ts';
import { header, headerValues } from '../../stack/rcs/sip/headers.ts';
import { newCallId, newTag } from '../../stack/rcs/sip/identifiers.ts';
import type { SipHeader, SipRequest } from '../../stack/rcs/sip/message.ts';

const ASKED_EXPIRES_S = 3600;
/** Pauses after failures, seconds; the last one stays. */
const PAUSES_S = [30, 60, 120, 240, 480, 960, 1800];

export interface LegacyRegistrationOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly endpoint: SipEndpoint;
  /** P-CSCFs in their order. */
  readonly targets: readonly [SipTarget, ...SipTarget[]];
  readonly config: RcsConfig;
  readonly contact: string;
  readonly host: string;
  readonly sim?: Sim;
  /** An attempt that the phone made by itself has ended. */
  onStatus(status: number): void;
}

export class LegacyRegistration {
  readonly digest: DigestClient;
  readonly #options: LegacyRegistrationOptions;
  readonly #pauses: Random;
  readonly #callId: string;
  readonly #tag: string;
  #proxy = 0;
  #cseq = 100;
  #failures = 0;
  #timer: Timer | undefined;
  #routes: readonly string[] = [];
  registered = false;
  /** Why the P-CSCF's certificate was not accepted, when it was not. */
  untrusted: string | undefined;

  constructor(options: LegacyRegistrationOptions) {
    this.#options = options;
    const { auth } = options.config;
    this.digest = new DigestClient(
      {
        username: auth.userName,
        ...(auth.type === 'Digest' && { password: auth.userPwd }),
        ...(options.sim !== undefined && { sim: options.sim }),
      },
      options.random.fork('digest'),
    );
    this.#pauses = options.random.fork('registration pauses');
    this.#callId = newCallId(options.random, options.host);
    this.#tag = newTag(options.random);
  }

  get target(): SipTarget {
    return this.#options.targets[this.#proxy]!;
  }

  /** What leads an initial request through the home network (RFC 3608). */
  get routeHeaders(): SipHeader[] {
    const { host, port, transport } = this.target;
    const routes = [`<sip:${host}:${port};lr;transport=${transport}>`, ...this.#routes];
    return [{ name: 'Route', value: routes.join(', ') }];
  }

  /** One attempt; after a failure that may pass another follows by itself. Resolves with the status. */
  async register(expires = ASKED_EXPIRES_S): Promise<number> {
    this.#timer?.cancel();
    const response = await this.#ask(expires);
    this.untrusted = response.failure?.code === 'certificate' ? response.failure.message : undefined;
    this.registered = response.status === 200 && expires > 0;
    if (this.registered) this.#granted(response, expires);
    else if (expires > 0 && mayPass(response.status)) this.#tryLater(response);
    return response.status;
  }

  stop(): void {
    this.#timer?.cancel();
    this.registered = false;
  }

  async #ask(expires: number): Promise<SipResult> {
    const { endpoint } = this.#options;
    const send = (request: SipRequest) => endpoint.request(request, this.target);
    const { result, sent } = await authenticatedRequest(this.#request(expires), this.digest, send);
    this.#cseq = Number.parseInt(header(sent, 'CSeq') ?? '0', 10);
    const least = Number(header(result, 'Min-Expires') ?? 0);
    return result.status === 423 && least > expires ? this.#ask(least) : result;
  }

  #granted(response: SipResult, asked: number): void {
    this.#failures = 0;
    this.#routes = headerValues(response, 'Service-Route');
    const granted = Number(/;expires=(\d+)/.exec(header(response, 'Contact') ?? '')?.[1] ?? asked);
    this.#again((Math.min(granted, asked) / 2) * 1_000);
  }

  #tryLater(response: SipResult): void {
    this.#proxy = (this.#proxy + 1) % this.#options.targets.length;
    const pause = PAUSES_S[Math.min(this.#failures, PAUSES_S.length - 1)]!;
    this.#failures += 1;
    const asked = Number.parseInt(header(response, 'Retry-After') ?? '0', 10) || 0;
    // Half of the pause is left to chance: what failed together shall not come back together.
    const share = 0.5 + this.#pauses.bytes(1)[0]! / 512;
    this.#again(Math.round((asked + pause * share) * 1_000));
  }

  #again(ms: number): void {
    this.#timer = this.#options.clock.setTimer(ms, () => {
      void this.register().then((status) => this.#options.onStatus(status));
    });
  }

  #request(expires: number): SipRequest {
    const { config, contact } = this.#options;
    const { auth, homeDomain } = config;
    const uri = `sip:${homeDomain}`;
    const own = config.impu[0]!;
    const opening = `Digest username="${auth.userName}",realm="${auth.realm}",nonce="",uri="${uri}",response=""`;
    return {
      kind: 'request',
      method: 'REGISTER',
      uri,
      headers: [
        { name: 'From', value: `<${own}>;tag=${this.#tag}` },
        { name: 'To', value: `<${own}>` },
        { name: 'Call-ID', value: this.#callId },
        { name: 'CSeq', value: `${this.#cseq + 1} REGISTER` },
        { name: 'Contact', value: contact },
        { name: 'Expires', value: String(expires) },
        { name: 'Supported', value: 'path' },
        { name: 'Authorization', value: opening },
      ],
      body: new Uint8Array(0),
    };
  }
}

/** Nobody answered, or a server in trouble did. */
function mayPass(status: number): boolean {
  return status === 408 || (status >= 500 && status < 600);
}
