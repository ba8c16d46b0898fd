/**
 * The crypto engine: a phone's KeyPackages and the groups of its one-to-one conversations, in the shapes of RCC.16, on
 * whatever MLS it is given. It decides nothing about policy and sends nothing.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { CipherSuiteId } from '../crypto/index.ts';
import { decodeAuthenticatedData, encodeAuthenticatedData } from '../e2ee/authenticated-data.ts';
import { E2eeError } from '../e2ee/e2ee-error.ts';
import { ERA_EXTENSION, encodeEra, FIRST_ERA } from '../e2ee/era.ts';
import { credentialFor, msisdnOf } from '../e2ee/identity.ts';
import { padmeLength } from '../e2ee/padme.ts';
import { decodeReceiptStatement, encodeReceiptStatement, type ReceiptStatement } from '../e2ee/receipt.ts';
import { decodeSecretPayload, encodeSecretPayload, type SecretPayload } from '../e2ee/secret-payload.ts';
import { decodeKeyPackage, messageGroupId } from '../mls/index.ts';
import type { Random } from '../platform.ts';
import { type Awaitable, andThen, Turns } from './awaitable.ts';
import { eraOf, everyoneHasEra, everyoneSignsReceipts, leafCapabilities } from './group-shape.ts';
import { randomUuid } from './identifiers.ts';
import type { GroupFacts, LeafWish, MlsEngine, Rcc16Part, ReceiptSigning } from './mls-engine.ts';

const DAY_S = 86_400n;
/** "now" is refused by peers whose clock trails (docs/rcc16.md 2.7). */
const NOT_BEFORE_MARGIN_S = DAY_S;
const KEY_PACKAGE_LIFETIME_S = 75n * DAY_S;
const HARNESS_EXPORTER_LABEL = 'parley agreement';

interface Group {
  readonly id: string;
  readonly peer: string;
  readonly facts: GroupFacts;
  readonly era: number;
  readonly exporterDigest: string;
  state: unknown;
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

export interface CryptoEngineOptions {
  readonly msisdn: string;
  readonly cipherSuites: readonly CipherSuiteId[];
  /** What `mls` can't do or is not to do: its leaves say so, and conversations do without. */
  readonly lacks?: readonly Rcc16Part[];
  readonly random: Random;
  /** Seconds since the Unix epoch. */
  readonly now: () => number;
}

export class CryptoEngine {
  readonly #mls: MlsEngine;
  readonly #options: CryptoEngineOptions;
  readonly #groups = new Map<string, Group>();
  /** An engine that takes its time is asked one thing after the other: each step needs the state that the last one left. */
  readonly #turns = new Turns();

  constructor(mls: MlsEngine, options: CryptoEngineOptions) {
    this.#mls = mls;
    this.#options = options;
  }

  /** Fresh one-time KeyPackages and, where the MLS can mark one, that of last resort, as RFC 9420 KeyPackage structs. */
  async makeKeyPackages(
    count: number,
  ): Promise<{ readonly oneTime: Uint8Array[]; readonly lastResort: Uint8Array | undefined }> {
    const leaf = this.#leaf(this.#options.cipherSuites[0]!);
    const oneTime: Uint8Array[] = [];
    for (let made = 0; made < count; made += 1) {
      const keyPackage = await this.#turns.take(() => this.#mls.keyPackage(leaf, false));
      if (!keyPackage) throw new E2eeError('MLS engine', 'no KeyPackage', 'a one-time KeyPackage');
      oneTime.push(keyPackage);
    }
    return { oneTime, lastResort: await this.#turns.take(() => this.#mls.keyPackage(leaf, true)) };
  }

  /** Whether this phone holds a group with `peer`. */
  hasGroup(peer: string): boolean {
    return this.#groupWith(peer) !== undefined;
  }

  /**
   * Whether receipts of the conversation with `peer` are signed: rcs_signature is a proposal, and proposals are those that
   * every leaf supports (RFC 9420 section 7.2). Otherwise they are plain IMDN, as without encryption.
   */
  signsReceipts(peer: string): boolean {
    const group = this.#groupWith(peer);
    return group !== undefined && everyoneSignsReceipts(group.facts.members);
  }

  /**
   * Creates the conversation's group with every device of `peer` in one commit (RCC.16 section 14.1) and resolves to the
   * Welcome for them. Rejects with E2eeError or the engine's error when a KeyPackage can't be used.
   */
  async start(peer: string, claimed: readonly Uint8Array[]): Promise<Uint8Array> {
    const { cipherSuites, random } = this.#options;
    const packages = claimed.map((bytes) => decodeKeyPackage(bytes));
    const suite = cipherSuites.find((own) => own === packages[0]?.cipherSuite);
    if (suite === undefined) {
      throw new E2eeError(
        'KeyPackage',
        `cipher suite ${packages[0]?.cipherSuite}`,
        `one of ${cipherSuites.join(', ')}`,
      );
    }
    for (const { leafNode, cipherSuite } of packages) {
      const owner = msisdnOf(leafNode.credential);
      if (owner !== peer) throw new E2eeError('KeyPackage credential', owner ?? 'no number', peer);
      if (cipherSuite !== suite) throw new E2eeError('KeyPackage', 'different cipher suites', 'one suite');
    }
    const leaf = this.#leaf(suite);
    const withEra = everyoneHasEra([leaf, ...packages.map(({ leafNode }) => leafNode)]);
    // RCC.16: the MLS group id of a 1:1 is a lower-case UUIDv4 in text.
    const id = randomUuid(random);
    const { state, welcome } = await this.#turns.take(() =>
      this.#mls.create(leaf, {
        groupId: new TextEncoder().encode(id),
        extensions: withEra ? [{ type: ERA_EXTENSION, data: encodeEra(FIRST_ERA) }] : [],
        members: claimed,
      }),
    );
    await this.#turns.take(() => andThen(this.#mls.facts(state), (facts) => this.#hold(peer, state, facts)));
    return welcome;
  }

  /** Joins by a Welcome that `from` sent. Throws E2eeError or the engine's error; the held groups are then unchanged. */
  acceptWelcome(from: string, welcome: Uint8Array): Awaitable<void> {
    const { msisdn } = this.#options;
    return this.#turns.take(() =>
      andThen(this.#mls.join(welcome), (state) =>
        andThen(this.#mls.facts(state), (facts) => {
          const roster = facts.members.map((member) => msisdnOf(member.credential));
          if (!roster.includes(from) || !roster.includes(msisdn) || new Set(roster).size !== 2) {
            throw new E2eeError('Welcome roster', roster.join(', '), `${from} and ${msisdn}`);
          }
          return this.#hold(from, state, facts);
        }),
      ),
    );
  }

  /** Encrypts for the conversation with `peer`; there must be a group. */
  seal(
    peer: string,
    content: { readonly messageId: string; readonly contentType: string; readonly body: Uint8Array },
  ): Awaitable<Sealed> {
    return this.#turns.take(() => {
      const group = this.#neededGroup(peer);
      const { era, facts } = group;
      const { contentType, body, messageId } = content;
      const pads = !this.#lacks('padding');
      const sealed = this.#mls.protect(
        group.state,
        (generation) => encodeSecretPayload({ generation, contentType, body }),
        {
          authenticatedData: encodeAuthenticatedData({ messageId, era }),
          paddingLength: (length) => (pads ? padmeLength(length) - length : 0),
        },
      );
      return andThen(sealed, ({ state, message }) => {
        group.state = state;
        return { message, era, epochAuthenticator: facts.epochAuthenticator };
      });
    });
  }

  /** Opens a message of `from`. Throws E2eeError or the engine's error; undefined when no such group is held. */
  open(
    from: string,
    sealed: { readonly messageId: string; readonly message: Uint8Array },
  ): Awaitable<SecretPayload | undefined> {
    return this.#turns.take(() => {
      const group = this.#groupOf(sealed.message);
      if (!group || group.peer !== from) return undefined;
      return andThen(this.#mls.unprotect(group.state, sealed.message), (opened) => {
        // The signing leaf says who sent it, never the envelope (hazard E81 in docs/rcc16.md).
        const owner = this.#ownerOf(group, opened.senderLeaf);
        if (owner !== from) throw new E2eeError('sender leaf', owner ?? 'no number', from);
        const bound = decodeAuthenticatedData(opened.authenticatedData);
        if (bound.messageId !== sealed.messageId) {
          throw new E2eeError('authenticated data', `message id ${bound.messageId}`, sealed.messageId);
        }
        const payload = decodeSecretPayload(opened.content);
        const { generation = payload.generation } = opened;
        if (payload.generation !== generation) {
          throw new E2eeError('SecretPayload', `generation ${payload.generation}`, String(generation));
        }
        group.state = opened.state;
        return payload;
      });
    });
  }

  /** The signature of a receipt to `peer`: an MLS PublicMessage (RCC.16 section 7.6.2), and the era it is made in. */
  signReceipt(
    peer: string,
    receipt: Omit<ReceiptStatement, 'era'>,
  ): Awaitable<{ readonly signature: Uint8Array; readonly era: number }> {
    return this.#turns.take(() => {
      const { state, era } = this.#neededGroup(peer);
      const statement = encodeReceiptStatement({ ...receipt, era });
      return andThen(this.#receipts().sign(state, statement), (signature) => ({ signature, era }));
    });
  }

  /** What a receipt's signature says, verified as `from`'s. Throws E2eeError or the engine's error. */
  verifyReceipt(from: string, signature: Uint8Array): Awaitable<ReceiptStatement> {
    return this.#turns.take(() => {
      const group = this.#groupOf(signature);
      if (!group || group.peer !== from)
        throw new E2eeError('receipt signature', 'another group', `the group with ${from}`);
      return andThen(this.#receipts().verify(group.state, signature), ({ statement, senderLeaf }) => {
        if (this.#ownerOf(group, senderLeaf) !== from)
          throw new E2eeError('receipt signature', 'another member', from);
        return decodeReceiptStatement(statement);
      });
    });
  }

  agreements(): GroupAgreement[] {
    return [...this.#groups.values()]
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map(({ id, era, facts, exporterDigest }) => ({
        groupId: id,
        era,
        epoch: facts.epoch.toString(),
        treeHash: bytesToHex(facts.treeHash),
        epochAuthenticator: bytesToHex(facts.epochAuthenticator),
        exporterDigest,
        roster: facts.members.map((member) => msisdnOf(member.credential) ?? 'unknown'),
      }));
  }

  /** Ends what the MLS holds outside of this process; nothing can be asked afterwards. */
  close(): Awaitable<void> {
    return this.#turns.take(() => this.#mls.close?.());
  }

  #hold(peer: string, state: unknown, facts: GroupFacts): Awaitable<void> {
    const id = new TextDecoder().decode(facts.groupId);
    if (this.#groups.has(id)) throw new E2eeError('Welcome', `group ${id} again`, 'a group not held yet');
    const era = eraOf(facts);
    const exported = this.#mls.exporter(state, HARNESS_EXPORTER_LABEL, new Uint8Array(0), 32);
    return andThen(exported, (secret) => {
      const exporterDigest = bytesToHex(sha256(secret));
      this.#groups.set(id, { id, peer, facts, era, exporterDigest, state });
    });
  }

  #neededGroup(peer: string): Group {
    const group = this.#groupWith(peer);
    if (!group) throw new E2eeError('conversation', `no group with ${peer}`, 'a group');
    return group;
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
    const id = messageGroupId(message);
    return id && this.#groups.get(new TextDecoder().decode(id));
  }

  /**
   * Whose the leaf is. An engine that doesn't name the sender's has opened a message of one of the others, for nobody opens
   * their own; and they are all the peer's where this phone is the only one of its number.
   */
  #ownerOf({ facts, peer }: Group, leafIndex: number | undefined): string | undefined {
    if (leafIndex === undefined) {
      const own = facts.members.filter(({ credential }) => msisdnOf(credential) === this.#options.msisdn);
      return own.length === 1 ? peer : undefined;
    }
    const member = facts.members.find((one) => one.leafIndex === leafIndex);
    return member && msisdnOf(member.credential);
  }

  #receipts(): ReceiptSigning<unknown> {
    if (this.#mls.receipts) return this.#mls.receipts;
    throw new E2eeError('MLS engine', 'no rcs_signature', 'an engine that signs receipts');
  }

  #lacks(part: Rcc16Part): boolean {
    return this.#options.lacks?.includes(part) ?? false;
  }

  #leaf(cipherSuite: CipherSuiteId): LeafWish {
    const now = BigInt(this.#options.now());
    return {
      cipherSuite,
      credential: credentialFor(this.#options.msisdn),
      lifetime: { notBefore: now - NOT_BEFORE_MARGIN_S, notAfter: now + KEY_PACKAGE_LIFETIME_S },
      capabilities: leafCapabilities(this.#options.lacks ?? []),
    };
  }
}
