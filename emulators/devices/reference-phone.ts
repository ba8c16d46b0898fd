/** A UP 3.0 phone: the stack under test in a device's shell. */

import { decideSend } from '../../stack/client/policy.ts';
import { RcsClient } from '../../stack/client/rcs-client.ts';
import { NO_CAPABILITIES } from '../../stack/rcs/capabilities/index.ts';
import { SmsBearer } from '../../stack/rcs/sms/index.ts';
import { decideSilentDowngrade, hideDowngrade } from '../quirks/silent-downgrade.ts';
import type { Phone, PhoneConfig, PhonePorts, PhoneView } from './phone.ts';

function mlsOptions(
  { cipherSuites, keyPackages, lacks = [] }: NonNullable<PhoneConfig['mls']>,
  engine: PhonePorts['mlsEngine'],
) {
  return { cipherSuites, keyPackages, lacks, ...(engine && { engine }) };
}

export class ReferencePhone implements Phone {
  readonly #client: RcsClient;
  readonly #sms: SmsBearer;
  readonly #quirks = new Set<string>();

  constructor(config: PhoneConfig, { platform, crypto, mlsEngine, observe, shown }: PhonePorts) {
    const has = (service: PhoneConfig['capabilities'][number]) => config.capabilities.includes(service);
    this.#sms = new SmsBearer(platform, { smscHost: config.smscHost });
    this.#client = new RcsClient({
      platform,
      crypto,
      terminal: {
        msisdn: config.msisdn,
        imsi: config.imsi,
        vendor: 'EMUL',
        model: config.model.slice(0, 10),
        softwareVersion: config.osVersion,
        clientVersion: config.clientVersion,
        rcsProfile: 'UP_3.0',
      },
      transports: config.signalling!.transports,
      style: { compact: config.signalling!.compactHeaders, fold: config.signalling!.foldedHeaders },
      messageIds: config.messageIds,
      policy: config.policy,
      ...(config.mls && { mls: mlsOptions(config.mls, mlsEngine) }),
      capabilities: {
        ...NO_CAPABILITIES,
        chat: has('chat'),
        standalone: has('chat'),
        fileTransferHttp: has('file-transfer-http'),
        geolocationPush: has('geolocation-push'),
      },
      sms: this.#sms,
      bearer: () => config.bearer,
      observe,
      decide: (situation) =>
        (this.#quirks.has('silent-downgrade') ? decideSilentDowngrade : decideSend)(situation),
    });
    this.#client.log.onChange = shown;
  }

  provision(): Promise<void> {
    return this.#client.provision();
  }

  register(): Promise<void> {
    return this.#client.register();
  }

  deregister(): Promise<void> {
    return this.#client.deregister();
  }

  async discover(peer: string): Promise<void> {
    await this.#client.discover(peer);
  }

  send(message: Parameters<Phone['send']>[0]): string {
    return this.#client.send(message);
  }

  read(peer: string, wireId: string): void {
    this.#client.markRead(peer, wireId);
  }

  networkLost(): void {
    this.#sms.coverageLost();
    this.#client.networkLost();
  }

  async networkBack(): Promise<void> {
    this.#sms.coverageBack();
    await this.#client.networkBack();
  }

  setQuirk(name: string, on: boolean): void {
    if (name !== 'silent-downgrade') throw new RangeError(`a UP 3.0 phone has no quirk ${name}`);
    if (on) this.#quirks.add(name);
    else this.#quirks.delete(name);
  }

  view(): PhoneView {
    const { registration, registrationReason, log, capabilities } = this.#client;
    const peers = capabilities
      .entries()
      .map(([peer, known]) => [
        peer,
        { rcs: known.rcs, mls: this.#client.peerMls(known), online: known.online },
      ]);
    return {
      registration,
      ...(registrationReason !== undefined && { registrationReason }),
      bubbles: this.#quirks.has('silent-downgrade') ? hideDowngrade(log.bubbles) : log.bubbles,
      capabilities: Object.fromEntries(peers),
      groups: this.#client.agreements(),
    };
  }

  close(): void {
    this.#client.close();
    this.#sms.close();
  }
}
