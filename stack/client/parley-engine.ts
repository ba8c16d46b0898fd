/** The stack's own MLS as the engine of a phone. It answers at once. */
import type { CipherSuiteId, KeyPair } from '../crypto/index.ts';
import { E2eeError } from '../e2ee/e2ee-error.ts';
import { RCS_SIGNATURE_PROPOSAL } from '../e2ee/receipt.ts';
import * as mls from '../mls/index.ts';
import type { GroupWish, LeafWish, MlsEngine, MlsEnginePorts, ProtectWish } from './mls-engine.ts';

export function parleyEngine({ suites, random, now }: MlsEnginePorts): MlsEngine {
  return new ParleyEngine({ suiteProvider: suites, random, now });
}

class ParleyEngine implements MlsEngine<mls.GroupState> {
  readonly #ctx: mls.MlsContext;
  readonly #bundles: mls.KeyPackageBundle[] = [];
  readonly #signatureKeys = new Map<CipherSuiteId, KeyPair>();

  constructor(ctx: mls.MlsContext) {
    this.#ctx = ctx;
  }

  keyPackage(leaf: LeafWish, lastResort: boolean): Uint8Array {
    const bundle = this.#bundle(leaf, lastResort);
    this.#bundles.push(bundle);
    return mls.encodeKeyPackage(bundle.keyPackage);
  }

  create(leaf: LeafWish, { groupId, extensions, members }: GroupWish) {
    const add = members.map((bytes) => mls.verifyKeyPackage(this.#ctx, mls.decodeKeyPackage(bytes)));
    const created = mls.createGroup(this.#ctx, {
      groupId,
      bundle: this.#bundle(leaf, false),
      extensions: [...extensions],
    });
    const { state, welcome } = mls.commit(this.#ctx, created, { add });
    if (!welcome) throw new E2eeError('commit', 'no Welcome', 'a Welcome for the added devices');
    return { state, welcome };
  }

  join(welcome: Uint8Array): mls.GroupState {
    const { state, usedBundle } = mls.joinFromWelcome(this.#ctx, { welcome, bundles: this.#bundles });
    const index = this.#bundles.indexOf(usedBundle);
    if (index >= 0 && !mls.isLastResort(usedBundle.keyPackage)) this.#bundles.splice(index, 1);
    return state;
  }

  facts(state: mls.GroupState) {
    return {
      groupId: mls.groupId(state),
      epoch: mls.epoch(state),
      treeHash: mls.treeHash(state),
      epochAuthenticator: mls.epochAuthenticator(state),
      extensions: mls.groupExtensions(state),
      members: mls.roster(state),
    };
  }

  exporter(state: mls.GroupState, label: string, context: Uint8Array, length: number): Uint8Array {
    return mls.exportSecret(this.#ctx, state, label, context, length);
  }

  protect(state: mls.GroupState, content: (generation: number) => Uint8Array, wish: ProtectWish) {
    return mls.protect(this.#ctx, state, content, wish);
  }

  unprotect(state: mls.GroupState, message: Uint8Array) {
    const opened = mls.process(this.#ctx, state, message);
    if (opened.kind !== 'application')
      throw new E2eeError('message/mls', opened.kind, 'an application message');
    return opened;
  }

  readonly receipts = {
    sign: (state: mls.GroupState, statement: Uint8Array) => {
      const proposal = { type: RCS_SIGNATURE_PROPOSAL, body: new Uint8Array(0) };
      return mls.createProposal(this.#ctx, state, proposal, { authenticatedData: statement }).message;
    },
    verify: (state: mls.GroupState, message: Uint8Array) => {
      const { authenticatedData, senderLeaf } = mls.verifyDetachedProposal(this.#ctx, state, message);
      return { statement: authenticatedData, senderLeaf };
    },
  };

  #bundle(leaf: LeafWish, lastResort: boolean): mls.KeyPackageBundle {
    return mls.createKeyPackage(this.#ctx, {
      ...leaf,
      signatureKeyPair: this.#signatureKey(leaf.cipherSuite),
      keyPackageExtensions: lastResort
        ? [{ type: mls.extensionType.lastResort, data: new Uint8Array(0) }]
        : [],
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
