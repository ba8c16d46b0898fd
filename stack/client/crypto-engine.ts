/**
 * The crypto engine: a phone's MLS identity, its KeyPackages, and the groups of its one-to-one conversations, in the
 * shapes of RCC.16. It decides nothing about policy and sends nothing.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { CipherSuiteId, KeyPair } from '../crypto/index.ts';
import { decodeAuthenticatedData, encodeAuthenticatedData } from '../e2ee/authenticated-data.ts';
import { E2eeError } from '../e2ee/e2ee-error.ts';
import { decodeEra, ERA_EXTENSION, encodeEra, FIRST_ERA } from '../e2ee/era.ts';
import { credentialFor, msisdnOf } from '../e2ee/identity.ts';
import { padmeLength } from '../e2ee/padme.ts';
import {
  decodeReceiptStatement,
  encodeReceiptStatement,
  RCS_SIGNATURE_PROPOSAL,
  type ReceiptStatement,
} from '../e2ee/receipt.ts';
import { decodeSecretPayload, encodeSecretPayload } from '../e2ee/secret-payload.ts';
import * as mls from '../mls/index.ts';
import { randomUuid } from './identifiers.ts';

const LAST_RESORT_EXTENSION = 0x000a;
const DAY_S = 86_400n;
/** "now" is refused by peers whose clock trails (docs/rcc16.md 2.7). */
const NOT_BEFORE_MARGIN_S = DAY_S;
const KEY_PACKAGE_LIFETIME_S = 75n * DAY_S;
const HARNESS_EXPORTER_LABEL = 'parley agreement';

interface Group {
  readonly id: string;
  readonly peer: string;
  state: mls.GroupState;
}

export interface Sealed {
  readonly message: Uint8Array;
  readonly era: number;
  readonly epochAuthenticator: Uint8Array;
}

/** Public values that all members of a group share (none is secret). */
export interface GroupAgreement {
  readonly groupId: string;
  readonly era: number;
  readonly epoch: string;
  readonly treeHash: string;
  readonly epochAuthenticator: string;
  readonly exporterDigest: string;
  readonly roster: readonly string[];
}

export class CryptoEngine {
  readonly #ctx: mls.MlsContext;
  readonly #msisdn: string;
  readonly #suites: readonly CipherSuiteId[];
  readonly #signatureKeys = new Map<CipherSuiteId, KeyPair>();
  readonly #bundles: mls.KeyPackageBundle[] = [];
  readonly #groups = new Map<string, Group>();

  constructor(
    ctx: mls.MlsContext,
    options: { readonly msisdn: string; readonly cipherSuites: readonly CipherSuiteId[] },
  ) {
    this.#ctx = ctx;
    this.#msisdn = options.msisdn;
    this.#suites = options.cipherSuites;
  }

  /** Fresh one-time KeyPackages and the last-resort one, as RFC 9420 KeyPackage structs. */
  makeKeyPackages(count: number): { readonly oneTime: Uint8Array[]; readonly lastResort: Uint8Array } {
    const oneTime = Array.from({ length: count }, () => this.#makeKeyPackage(false));
    return { oneTime, lastResort: this.#makeKeyPackage(true) };
  }

  /** Whether this phone holds a group with `peer`. */
  hasGroup(peer: string): boolean {
    return this.#groupWith(peer) !== undefined;
  }

  /**
   * Creates the conversation's group with every device of `peer` in one commit (RCC.16 section 14.1) and returns the
   * Welcome for them. Throws E2eeError or MlsError when a KeyPackage can't be used.
   */
  start(peer: string, claimed: readonly Uint8Array[]): Uint8Array {
    const members = claimed.map((bytes) => mls.verifyKeyPackage(this.#ctx, mls.decodeKeyPackage(bytes)));
    const suite = this.#suites.find((own) => own === members[0]?.keyPackage.cipherSuite);
    if (suite === undefined) {
      throw new E2eeError(
        'KeyPackage',
        `cipher suite ${members[0]?.keyPackage.cipherSuite}`,
        `one of ${this.#suites.join(', ')}`,
      );
    }
    for (const { keyPackage } of members) {
      const owner = msisdnOf(keyPackage.leafNode.credential);
      if (owner !== peer) throw new E2eeError('KeyPackage credential', owner ?? 'no number', peer);
      if (keyPackage.cipherSuite !== suite)
        throw new E2eeError('KeyPackage', 'different cipher suites', 'one suite');
    }
    // RCC.16: the MLS group id of a 1:1 is a lower-case UUIDv4 in text.
    const id = randomUuid(this.#ctx.random);
    const created = mls.createGroup(this.#ctx, {
      groupId: new TextEncoder().encode(id),
      bundle: this.#bundle(suite, false),
      extensions: [{ type: ERA_EXTENSION, data: encodeEra(FIRST_ERA) }],
    });
    const { state, welcome } = mls.commit(this.#ctx, created, { add: members });
    if (!welcome) throw new E2eeError('commit', 'no Welcome', 'a Welcome for the added devices');
    this.#groups.set(id, { id, peer, state });
    return welcome;
  }

  /** Joins by a Welcome that `from` sent. Throws E2eeError or MlsError; the held groups are then unchanged. */
  acceptWelcome(from: string, welcome: Uint8Array): void {
    const { state, usedBundle } = mls.joinFromWelcome(this.#ctx, { welcome, bundles: this.#bundles });
    const roster = mls.roster(state).map((member) => msisdnOf(member.credential));
    if (!roster.includes(from) || !roster.includes(this.#msisdn) || new Set(roster).size !== 2) {
      throw new E2eeError('Welcome roster', roster.join(', '), `${from} and ${this.#msisdn}`);
    }
    const id = new TextDecoder().decode(mls.groupId(state));
    if (this.#groups.has(id)) throw new E2eeError('Welcome', `group ${id} again`, 'a group not held yet');
    this.#groups.set(id, { id, peer: from, state });
    const index = this.#bundles.indexOf(usedBundle);
    if (index >= 0 && !isLastResort(usedBundle)) this.#bundles.splice(index, 1);
  }

  /** Encrypts for the conversation with `peer`; there must be a group. */
  seal(
    peer: string,
    content: { readonly messageId: string; readonly contentType: string; readonly body: Uint8Array },
  ): Sealed {
    const group = this.#groupWith(peer);
    if (!group) throw new E2eeError('conversation', `no group with ${peer}`, 'a group');
    const era = eraOf(group.state);
    const sealed = mls.protect(
      this.#ctx,
      group.state,
      (generation) =>
        encodeSecretPayload({ generation, contentType: content.contentType, body: content.body }),
      {
        authenticatedData: encodeAuthenticatedData({ messageId: content.messageId, era }),
        paddingLength: (length) => padmeLength(length) - length,
      },
    );
    group.state = sealed.state;
    return { message: sealed.message, era, epochAuthenticator: mls.epochAuthenticator(sealed.state) };
  }

  /** Opens a message of `from`. Throws E2eeError or MlsError; undefined when no such group is held. */
  open(
    from: string,
    sealed: { readonly messageId: string; readonly message: Uint8Array },
  ): { readonly contentType: string; readonly body: Uint8Array } | undefined {
    const group = this.#groupOf(sealed.message);
    if (!group || group.peer !== from) return undefined;
    const opened = mls.process(this.#ctx, group.state, sealed.message);
    if (opened.kind !== 'application')
      throw new E2eeError('message/mls', opened.kind, 'an application message');
    // The signing leaf says who sent it, never the envelope (hazard E81 in docs/rcc16.md).
    const sender = mls.roster(group.state).find((member) => member.leafIndex === opened.senderLeaf);
    const owner = sender && msisdnOf(sender.credential);
    if (owner !== from) throw new E2eeError('sender leaf', owner ?? 'no number', from);
    const bound = decodeAuthenticatedData(opened.authenticatedData);
    if (bound.messageId !== sealed.messageId) {
      throw new E2eeError('authenticated data', `message id ${bound.messageId}`, sealed.messageId);
    }
    const payload = decodeSecretPayload(opened.content);
    if (payload.generation !== opened.generation) {
      throw new E2eeError('SecretPayload', `generation ${payload.generation}`, String(opened.generation));
    }
    group.state = opened.state;
    return payload;
  }

  /** The signature of a receipt to `peer`: an MLS PublicMessage (RCC.16 section 7.6.2), and the era it is made in. */
  signReceipt(
    peer: string,
    receipt: Omit<ReceiptStatement, 'era'>,
  ): { readonly signature: Uint8Array; readonly era: number } {
    const group = this.#groupWith(peer);
    if (!group) throw new E2eeError('conversation', `no group with ${peer}`, 'a group');
    const era = eraOf(group.state);
    const proposal = { type: RCS_SIGNATURE_PROPOSAL, body: new Uint8Array(0) };
    const authenticatedData = encodeReceiptStatement({ ...receipt, era });
    const { message } = mls.createProposal(this.#ctx, group.state, proposal, { authenticatedData });
    return { signature: message, era };
  }

  /** What a receipt's signature says, verified as `from`'s. Throws E2eeError or MlsError. */
  verifyReceipt(from: string, signature: Uint8Array): ReceiptStatement {
    const group = this.#groupOf(signature);
    if (!group || group.peer !== from)
      throw new E2eeError('receipt signature', 'another group', `the group with ${from}`);
    const { authenticatedData, senderLeaf } = mls.verifyDetachedProposal(this.#ctx, group.state, signature);
    const sender = mls.roster(group.state).find((member) => member.leafIndex === senderLeaf);
    if (!sender || msisdnOf(sender.credential) !== from)
      throw new E2eeError('receipt signature', 'another member', from);
    return decodeReceiptStatement(authenticatedData);
  }

  agreements(): GroupAgreement[] {
    return [...this.#groups.values()]
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map(({ id, state }) => ({
        groupId: id,
        era: eraOf(state),
        epoch: mls.epoch(state).toString(),
        treeHash: bytesToHex(mls.treeHash(state)),
        epochAuthenticator: bytesToHex(mls.epochAuthenticator(state)),
        exporterDigest: bytesToHex(
          sha256(mls.exportSecret(this.#ctx, state, HARNESS_EXPORTER_LABEL, new Uint8Array(0), 32)),
        ),
        roster: mls.roster(state).map((member) => msisdnOf(member.credential) ?? 'unknown'),
      }));
  }

  /** When both sides created a group at once, both send in the one with the smaller id. */
  #groupWith(peer: string): Group | undefined {
    let chosen: Group | undefined;
    for (const group of this.#groups.values()) {
      if (group.peer === peer && (!chosen || group.id < chosen.id)) chosen = group;
    }
    return chosen;
  }

  #groupOf(message: Uint8Array): Group | undefined {
    const id = mls.messageGroupId(message);
    return id && this.#groups.get(new TextDecoder().decode(id));
  }

  #makeKeyPackage(lastResort: boolean): Uint8Array {
    const bundle = this.#bundle(this.#suites[0]!, lastResort);
    this.#bundles.push(bundle);
    return mls.encodeKeyPackage(bundle.keyPackage);
  }

  #bundle(cipherSuite: CipherSuiteId, lastResort: boolean): mls.KeyPackageBundle {
    const now = BigInt(this.#ctx.now());
    return mls.createKeyPackage(this.#ctx, {
      cipherSuite,
      credential: credentialFor(this.#msisdn),
      signatureKeyPair: this.#signatureKey(cipherSuite),
      lifetime: { notBefore: now - NOT_BEFORE_MARGIN_S, notAfter: now + KEY_PACKAGE_LIFETIME_S },
      capabilities: {
        extensions: [LAST_RESORT_EXTENSION, ERA_EXTENSION],
        proposals: [RCS_SIGNATURE_PROPOSAL],
      },
      keyPackageExtensions: lastResort ? [{ type: LAST_RESORT_EXTENSION, data: new Uint8Array(0) }] : [],
    });
  }

  #signatureKey(suite: CipherSuiteId): KeyPair {
    const known = this.#signatureKeys.get(suite);
    if (known) return known;
    const fresh = this.#ctx.suiteProvider.suite(suite).generateSignatureKeyPair(this.#ctx.random);
    this.#signatureKeys.set(suite, fresh);
    return fresh;
  }
}

function isLastResort(bundle: mls.KeyPackageBundle): boolean {
  return bundle.keyPackage.extensions.some((extension) => extension.type === LAST_RESORT_EXTENSION);
}

function eraOf(state: mls.GroupState): number {
  const extension = mls.groupExtensions(state).find((e) => e.type === ERA_EXTENSION);
  if (!extension) throw new E2eeError('GroupContext', 'no era extension', 'extension 0xF001');
  return decodeEra(extension.data);
}
