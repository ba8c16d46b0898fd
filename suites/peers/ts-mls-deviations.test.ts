/**
 * Where ts-mls 1.6.4 leaves RFC 9420, shown at the peer itself. A test that fails here tells of a peer that has been mended:
 * its workaround in ts-mls-workarounds.ts can go.
 */
import {
  createCommit,
  createGroupInfoWithExternalPub,
  decodeMlsMessage,
  defaultCryptoProvider,
  encodeMlsMessage,
  getCiphersuiteFromName,
  getCiphersuiteImpl,
  makePskIndex,
  processMessage,
} from 'ts-mls';
import { decodeRatchetTree } from 'ts-mls/ratchetTree.js';
import { describe, expect, it } from 'vitest';
import type { KeyBundle } from '../../harness/bench/mls-engine.ts';
import { MlsError, process } from '../../stack/mls/index.ts';
import { testContext, utf8 } from '../mls/members.ts';
import { parleyEngine } from './parley-member.ts';
import { suiteName, type TsMlsState, tsMlsEngine } from './ts-mls-member.ts';
import { decodeWhole, processWithPsks, refusesValidTree } from './ts-mls-workarounds.ts';

const context = testContext('parley beside ts-mls');
const ours = parleyEngine(context, 1);
const cs = await getCiphersuiteImpl(getCiphersuiteFromName(suiteName(1)), defaultCryptoProvider);
const theirs = tsMlsEngine('ts-mls', cs);
const noPsks = makePskIndex(undefined, {});

const add = ({ keyPackage }: KeyBundle) => ({ kind: 'add', keyPackage }) as const;

/** A group of ours with one member of theirs, at leaf 1. */
async function pair() {
  const bundle = await theirs.keyPackage(utf8('theirs'));
  const founded = await ours.create(await ours.keyPackage(utf8('ours')), utf8('group'));
  const { state, welcome } = await ours.commit(founded, { proposals: [add(bundle)], framing: 'public' });
  return { bundle, our: state, their: await theirs.join(bundle, welcome!) };
}

function handshake(message: Uint8Array) {
  const decoded = decodeWhole(message);
  if (decoded.wireformat === 'mls_public_message' || decoded.wireformat === 'mls_private_message')
    return decoded;
  throw new Error(`${decoded.wireformat} is no handshake`);
}

function bareProcess({ client }: TsMlsState, message: Uint8Array) {
  return processWithPsks(client, handshake(message), noPsks, cs);
}

describe('ts-mls', () => {
  it('generates compressed P-256 signature keys (section 5.1.1)', async () => {
    const p256 = await getCiphersuiteImpl(getCiphersuiteFromName(suiteName(2)), defaultCryptoProvider);
    expect((await p256.signature.keygen()).publicKey).toHaveLength(33);
  });

  it('ignores bytes after an MLSMessage (section 2.1)', async () => {
    const { our } = await pair();
    const info = Uint8Array.from([...(await ours.groupInfo(our)), 0]);
    expect(decodeMlsMessage(info, 0)?.[1]).toBe(info.length - 1);
  });

  it('writes external_pub as a bare key (section 12.4.3.2)', async () => {
    const { their } = await pair();
    const { extensions } = await createGroupInfoWithExternalPub(their.client, [], cs);
    expect(extensions[0]!.extensionData).toHaveLength(32);
  });

  it('withholds PSKs from commits in PrivateMessages (section 12.4.2)', async () => {
    const { our, their } = await pair();
    const psk = { id: utf8('psk'), secret: utf8('secret') };
    const { commit } = await ours.commit(our, {
      proposals: [{ kind: 'psk', id: psk.id }],
      psks: [psk],
      framing: 'private',
    });
    const held = makePskIndex(their.client, { [Buffer.from(psk.id).toString('base64')]: psk.secret });
    await expect(processMessage(handshake(commit), their.client, held, () => 'accept', cs)).rejects.toThrow();
    await expect(processWithPsks(their.client, handshake(commit), held, cs)).resolves.toBeDefined();
  });

  it('keeps its old leaf key when its own Update is committed (section 12.4.2)', async () => {
    const { our, their } = await pair();
    const proposed = await theirs.propose(their, { kind: 'update' }, 'public');
    const { state } = await ours.process(our, proposed.message);
    const { commit } = await ours.commit(state, { framing: 'public' });
    await expect(bareProcess(proposed.state, commit)).rejects.toThrow();
    await expect(theirs.process(proposed.state, commit)).resolves.toMatchObject({ kind: 'handshake' });
  });

  it('cannot process the external commit that replaces it (section 12.4.3.2)', async () => {
    const { bundle, our, their } = await pair();
    const again = await ours.keyPackage(utf8('theirs'), bundle.signatureKeys);
    const { commit } = await ours.joinExternally(again, await ours.groupInfo(our), 1);
    await expect(bareProcess(their, commit)).rejects.toThrow();
    await expect(theirs.process(their, commit)).resolves.toMatchObject({ removed: true });
  });

  it('commits GroupContextExtensions without a path (section 17.4), which stack/mls refuses', async () => {
    const { our, their } = await pair();
    const extensions = [
      { extensionType: 'required_capabilities' as const, extensionData: new Uint8Array(3) },
    ];
    const { commit } = await createCommit(
      { state: their.client, cipherSuite: cs },
      {
        wireAsPublicMessage: true,
        extraProposals: [
          { proposalType: 'group_context_extensions', groupContextExtensions: { extensions } },
        ],
      },
    );
    expect(() => process(context, our, encodeMlsMessage(commit))).toThrow(MlsError);
  });

  it('refuses trees whose unmerged leaves differ along a path (section 7.9), which are valid', async () => {
    const bundles: KeyBundle[] = [];
    for (let leaf = 1; leaf <= 7; leaf++) bundles.push(await ours.keyPackage(utf8(`member ${leaf}`)));
    const founded = await ours.create(await ours.keyPackage(utf8('founder')), utf8('group'));
    const six = await ours.commit(founded, {
      proposals: bundles.slice(0, 6).map(add),
      framing: 'public',
      path: false,
    });
    const fourth = await ours.join(bundles[3]!, six.welcome!);
    const rekeyed = await ours.commit(fourth, { framing: 'public' });
    let state = (await ours.process(six.state, rekeyed.commit)).state;
    // Leaf 7 is unmerged below the root and at it; the path of leaf 0 then merges it at the root alone.
    state = (await ours.commit(state, { proposals: [add(bundles[6]!)], framing: 'public', path: false }))
      .state;
    state = (await ours.commit(state, { framing: 'public' })).state;
    const newcomer = await theirs.keyPackage(utf8('newcomer'));
    const last = await ours.commit(state, { proposals: [add(newcomer)], framing: 'public', path: false });

    expect(refusesValidTree(decodeRatchetTree(ours.ratchetTree(last.state), 0)![0])).toBe(true);
    await expect(theirs.join(newcomer, last.welcome!)).rejects.toThrow(/unmerged_leaves/);
    const joined = await ours.join(newcomer, last.welcome!);
    expect(ours.epochAuthenticator(joined)).toEqual(ours.epochAuthenticator(last.state));
  });
});
