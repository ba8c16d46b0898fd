/**
 * ts-mls 1.6.4 as the MLS of a phone: the stack's client above it, ts-mls in every group. It runs on our primitives with
 * the phone's own randomness, so that the same cell gives the same bytes.
 */
import {
  type CiphersuiteImpl,
  type ClientState,
  createApplicationMessage,
  createCommit,
  createGroup,
  emptyPskIndex,
  generateKeyPackageWithKey,
  joinGroup,
  mlsExporter,
  type Proposal,
  processPrivateMessage,
} from 'ts-mls';
import { extensionTypeToNumber } from 'ts-mls/extension.js';
import { encodeKeyPackage, makeKeyPackageRef } from 'ts-mls/keyPackage.js';
import type { SignatureKeys } from '../../harness/bench/mls-engine.ts';
import type {
  GroupFacts,
  GroupWish,
  LeafWish,
  MlsEngine,
  MlsEnginePorts,
  ProtectWish,
  Unprotected,
} from '../../stack/client/mls-engine.ts';
import type { CipherSuiteId } from '../../stack/crypto/index.ts';
import { extensionType } from '../../stack/mls/index.ts';
import { config } from './ts-mls-grpc-groups.ts';
import { extensionsIn, hex, keyPackageIn, keyPackageOut, messageOut, none } from './ts-mls-grpc-values.ts';
import { nativeSuiteForTsMls } from './ts-mls-native-provider.ts';
import { decodeWhole, rawSignatureKeyPair, underClock } from './ts-mls-workarounds.ts';

type Made = Awaited<ReturnType<typeof generateKeyPackageWithKey>>;

interface Waiting extends Made {
  readonly cs: CiphersuiteImpl;
  readonly lastResort: boolean;
}

interface Member {
  readonly cs: CiphersuiteImpl;
  readonly client: ClientState;
}

export class TsMlsPhoneEngine implements MlsEngine<Member> {
  readonly #ports: MlsEnginePorts;
  /** By KeyPackageRef in hex. */
  readonly #waiting = new Map<string, Waiting>();
  readonly #signatureKeys = new Map<CipherSuiteId, SignatureKeys>();
  readonly #suites = new Map<CipherSuiteId, CiphersuiteImpl>();

  constructor(ports: MlsEnginePorts) {
    this.#ports = ports;
  }

  async keyPackage(leaf: LeafWish, lastResort: boolean): Promise<Uint8Array> {
    const cs = this.#suite(leaf.cipherSuite);
    const made = await this.#make(leaf, lastResort);
    const ref = await makeKeyPackageRef(made.publicPackage, cs.hash);
    this.#waiting.set(hex(ref), { ...made, cs, lastResort });
    return encodeKeyPackage(made.publicPackage);
  }

  async create(leaf: LeafWish, { groupId, extensions, members }: GroupWish) {
    const cs = this.#suite(leaf.cipherSuite);
    const { publicPackage, privatePackage } = await this.#make(leaf, false);
    const context = extensionsIn(
      extensions.map(({ type, data }) => ({ extensionType: type, extensionData: data })),
    );
    const created = await createGroup(groupId, publicPackage, privatePackage, context, cs, config);
    const extraProposals = members.map(
      (bytes): Proposal => ({
        proposalType: 'add',
        add: { keyPackage: keyPackageIn(keyPackageOut({ keyPackage: bytes })) },
      }),
    );
    const { newState: client, welcome } = await underClock(this.#ports.now, () =>
      createCommit(
        { state: created, pskIndex: emptyPskIndex, cipherSuite: cs },
        { extraProposals, wireAsPublicMessage: true, ratchetTreeExtension: true },
      ),
    );
    if (welcome === undefined) throw new Error('ts-mls made no Welcome');
    return { state: { cs, client }, welcome: messageOut({ wireformat: 'mls_welcome', welcome }) };
  }

  async join(message: Uint8Array): Promise<Member> {
    const decoded = decodeWhole(message);
    if (decoded.wireformat !== 'mls_welcome') throw new Error(`${decoded.wireformat} instead of a Welcome`);
    const { welcome } = decoded;
    const ref = welcome.secrets.map(({ newMember }) => hex(newMember)).find((one) => this.#waiting.has(one));
    if (ref === undefined) throw new Error('the Welcome is for none of the KeyPackages');
    const { cs, publicPackage, privatePackage, lastResort } = this.#waiting.get(ref)!;
    const client = await joinGroup(
      welcome,
      publicPackage,
      privatePackage,
      emptyPskIndex,
      cs,
      undefined,
      undefined,
      config,
    );
    if (!lastResort) this.#waiting.delete(ref);
    return { cs, client };
  }

  facts({ client }: Member): GroupFacts {
    const { groupId, epoch, treeHash, extensions } = client.groupContext;
    return {
      groupId,
      epoch,
      treeHash,
      epochAuthenticator: client.keySchedule.epochAuthenticator,
      extensions: extensions.map((one) => ({
        type: extensionTypeToNumber(one.extensionType),
        data: one.extensionData,
      })),
      members: client.ratchetTree.flatMap((node, index) => {
        if (node?.nodeType !== 'leaf') return [];
        const { credential, capabilities } = node.leaf;
        if (credential.credentialType !== 'basic')
          throw new Error(`a ${credential.credentialType} credential`);
        const { identity } = credential;
        return [{ leafIndex: index / 2, credential: { type: 1 as const, identity }, capabilities }];
      }),
    };
  }

  exporter({ cs, client }: Member, label: string, context: Uint8Array, length: number): Promise<Uint8Array> {
    return mlsExporter(client.keySchedule.exporterSecret, label, context, length, cs);
  }

  async protect(
    { cs, client }: Member,
    content: (generation: number) => Uint8Array,
    { authenticatedData, paddingLength }: ProtectWish,
  ) {
    const { generation } = client.secretTree[client.privatePath.leafIndex * 2]!.application;
    const data = content(generation);
    const paddingConfig = { kind: 'alwaysPad', paddingLength: paddingLength(data.length) } as const;
    const { newState, privateMessage } = await createApplicationMessage(
      { ...client, clientConfig: { ...config, paddingConfig } },
      data,
      cs,
      authenticatedData,
    );
    return {
      state: { cs, client: { ...newState, clientConfig: config } },
      message: messageOut({ wireformat: 'mls_private_message', privateMessage }),
    };
  }

  async unprotect({ cs, client }: Member, message: Uint8Array): Promise<Unprotected<Member>> {
    const decoded = decodeWhole(message);
    if (decoded.wireformat !== 'mls_private_message')
      throw new Error(`${decoded.wireformat} instead of a PrivateMessage`);
    const { privateMessage } = decoded;
    const opened = await processPrivateMessage(client, privateMessage, emptyPskIndex, cs);
    if (opened.kind !== 'applicationMessage')
      throw new Error('a handshake instead of an application message');
    return {
      state: { cs, client: opened.newState },
      content: opened.message,
      authenticatedData: privateMessage.authenticatedData,
      ...ratchetMoved(client.secretTree, opened.newState.secretTree),
    };
  }

  async #make(leaf: LeafWish, lastResort: boolean): Promise<Made> {
    const { credential, cipherSuite, lifetime, capabilities } = leaf;
    if (credential.type !== 1) throw new Error('basic credentials only');
    const cs = this.#suite(cipherSuite);
    const { publicKey, privateKey: signKey } = await this.#signatureKey(cipherSuite);
    const marks = lastResort ? [{ extensionType: extensionType.lastResort, extensionData: none }] : [];
    return generateKeyPackageWithKey(
      { credentialType: 'basic', identity: credential.identity },
      {
        versions: ['mls10'],
        ciphersuites: [cs.name],
        extensions: [...capabilities.extensions],
        proposals: [...capabilities.proposals],
        credentials: ['basic', 'x509'],
      },
      lifetime,
      extensionsIn(marks),
      { publicKey, signKey },
      cs,
    );
  }

  #suite(id: CipherSuiteId): CiphersuiteImpl {
    const known = this.#suites.get(id);
    if (known) return known;
    const { suites, random } = this.#ports;
    const suite = nativeSuiteForTsMls(suites.suite(id), random);
    this.#suites.set(id, suite);
    return suite;
  }

  async #signatureKey(id: CipherSuiteId): Promise<SignatureKeys> {
    const known = this.#signatureKeys.get(id) ?? (await rawSignatureKeyPair(this.#suite(id)));
    this.#signatureKeys.set(id, known);
    return known;
  }
}

/** Its result names neither sender nor generation; but opening a message moves one ratchet of its sender, and only that. */
function ratchetMoved(
  before: ClientState['secretTree'],
  after: ClientState['secretTree'],
): Pick<Unprotected<Member>, 'senderLeaf' | 'generation'> {
  const node = after.findIndex((one, index) => one !== before[index]);
  const [old, now] = [before[node]?.application, after[node]?.application];
  if (old === undefined || now === undefined) throw new Error('ts-mls opened a message and no ratchet moved');
  const senderLeaf = node / 2;
  if (now.generation > old.generation) return { senderLeaf, generation: now.generation - 1 };
  const late = Object.keys(old.unusedGenerations).find((one) => !(one in now.unusedGenerations));
  if (late === undefined) throw new Error('ts-mls opened a message and no ratchet moved');
  return { senderLeaf, generation: Number(late) };
}
