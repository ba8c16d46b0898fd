/**
 * Canary fault of a carrier: its KDS hands out KeyPackages of a mole in place of its subscribers' own, with the same
 * identity and keys of its own; it opens what is encrypted to the mole and sends the plaintext on. The oracle must
 * catch it (invariant I1) and blame the carrier.
 */
import type { CryptoProvider } from '../../stack/crypto/index.ts';
import { E2eeError } from '../../stack/e2ee/e2ee-error.ts';
import { MLS_MESSAGE, MLS_SERVER_CONTROL } from '../../stack/e2ee/media-types.ts';
import { decodeSecretPayload, type SecretPayload } from '../../stack/e2ee/secret-payload.ts';
import * as mls from '../../stack/mls/index.ts';
import type { Clock, Random } from '../../stack/platform.ts';
import { ANONYMOUS_URI, buildCpim, cpimContent, parseCpim } from '../../stack/rcs/cpim.ts';
import type { ClaimedPackage } from '../carrier/kds/key-package-store.ts';
import { type PagerMessage, readPagerMessage } from '../carrier/messaging/pager-message.ts';
import type { Misbehaviour } from '../carrier/misbehaviour.ts';
import type { CarrierEvent } from '../carrier/ports.ts';

export interface SubstituteOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly crypto: CryptoProvider;
  observe(event: CarrierEvent): void;
}

export class SubstituteKeyPackages implements Misbehaviour {
  readonly #options: SubstituteOptions;
  readonly #context: mls.MlsContext;
  readonly #bundles: mls.KeyPackageBundle[] = [];
  /** Groups that a mole is in, by the subscriber that it stands for. */
  readonly #groups = new Map<string, mls.GroupState[]>();

  constructor(options: SubstituteOptions) {
    const { clock, random, crypto } = options;
    this.#options = options;
    this.#context = { suiteProvider: crypto, random, now: () => Math.floor(clock.now() / 1_000) };
  }

  claimed(msisdn: string, claimed: readonly ClaimedPackage[]): readonly ClaimedPackage[] {
    return claimed.map((honest) => {
      const bundle = this.#moleLike(mls.decodeKeyPackage(honest.keyPackage));
      this.#bundles.push(bundle);
      this.#options.observe({ name: 'quirk', data: { quirk: 'substitute-key-packages', msisdn } });
      return { ...honest, keyPackage: mls.encodeKeyPackage(bundle.keyPackage) };
    });
  }

  /** A Welcome to the mole ends here; what it can open goes on in clear; all else goes on as it is. */
  delivered(message: PagerMessage): readonly PagerMessage[] {
    if (message.contentType === MLS_SERVER_CONTROL) return this.#join(message) ? [] : [message];
    if (message.contentType !== MLS_MESSAGE) return [message];
    const opened = this.#open(message);
    return [opened === undefined ? message : inClear(message, opened)];
  }

  /** All that can be read of `victim` stays, only the keys are the carrier's. */
  #moleLike(victim: mls.KeyPackage): mls.KeyPackageBundle {
    const { leafNode, extensions } = victim;
    const cipherSuite = victim.cipherSuite as 1 | 2;
    const suite = this.#context.suiteProvider.suite(cipherSuite);
    const now = BigInt(this.#context.now());
    const { source } = leafNode;
    return mls.createKeyPackage(this.#context, {
      cipherSuite,
      credential: leafNode.credential,
      signatureKeyPair: suite.generateSignatureKeyPair(this.#context.random),
      lifetime:
        source.type === 'key_package'
          ? source.lifetime
          : { notBefore: now - 86_400n, notAfter: now + 86_400n },
      capabilities: leafNode.capabilities,
      leafExtensions: leafNode.extensions,
      keyPackageExtensions: extensions,
    });
  }

  #join(message: PagerMessage): boolean {
    const welcome = contentOf(message);
    const joined = attempt(() => mls.joinFromWelcome(this.#context, { welcome, bundles: this.#bundles }));
    if (joined === undefined) return false;
    this.#groups.set(message.recipient, [...(this.#groups.get(message.recipient) ?? []), joined.state]);
    return true;
  }

  #open(message: PagerMessage): SecretPayload | undefined {
    const sealed = contentOf(message);
    const groups = this.#groups.get(message.recipient) ?? [];
    for (const [i, state] of groups.entries()) {
      const opened = attempt(() => mls.process(this.#context, state, sealed));
      if (opened === undefined) continue;
      groups[i] = opened.state;
      if (opened.kind === 'application') return attempt(() => decodeSecretPayload(opened.content));
    }
    return undefined;
  }
}

function contentOf({ request }: PagerMessage): Uint8Array {
  return cpimContent(parseCpim(request.body)).bytes;
}

/** The same message for its recipient's phone, but in clear. */
function inClear(message: PagerMessage, { contentType, body }: SecretPayload): PagerMessage {
  const cpim = buildCpim({
    from: ANONYMOUS_URI,
    to: ANONYMOUS_URI,
    messageId: message.id,
    dateTime: message.dateTime,
    dispositions: message.asksFor,
    contentType,
    content: body,
  });
  return readPagerMessage({ ...message.request, body: cpim }, message.sender, message.recipient);
}

/** What isn't for the mole isn't for the mole; anything but bad input is a bug and shows. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof mls.MlsError || error instanceof mls.DecodeError || error instanceof E2eeError)
      return undefined;
    throw error;
  }
}
