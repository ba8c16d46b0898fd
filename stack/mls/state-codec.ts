/**
 * The stored form of a GroupState: everything a member needs to go on after its process died, so that it neither uses
 * a key twice nor loses a message. It holds secrets in clear; what stores it has to protect it.
 *
 * Version 1: uint16 version, uint16 cipher suite, the fields below, and the first 16 bytes of their hash, which tells
 * damage from a state.
 */
import { sameBytes } from '../crypto/bytes.ts';
import { isSupportedSuite } from '../crypto/index.ts';
import type { MlsContext } from './context.ts';
import { DecodeError } from './errors.ts';
import { readSender, writeSender } from './framed-content.ts';
import { encodeGroupContext, readGroupContext } from './group-context.ts';
import type { GroupState, PastEpoch, PendingProposal } from './group-state.ts';
import type { EpochSecrets } from './key-schedule.ts';
import { isReInit, readProposal, writeProposal } from './proposal.ts';
import { encodeRatchetTree, readRatchetTree } from './ratchet-tree-codec.ts';
import { decodeAll, type Reader } from './reader.ts';
import { readSecretTree, writeSecretTree } from './secret-tree-codec.ts';
import { nodeCount } from './tree-math.ts';
import { Writer } from './writer.ts';

const version = 1;
const checksumLength = 16;
const formats = ['public', 'private'] as const;

export function encodeState(state: GroupState): Uint8Array {
  const writer = new Writer(4096).u16(version).u16(state.suite.id);
  writer.raw(state.groupContextBytes).raw(encodeRatchetTree(state.tree)).u32(state.ownLeafIndex);
  writer.vector([...state.privateKeys], (w, [node, key]) => w.u32(node).opaque(key));
  writer.opaque(state.signaturePrivateKey);
  writeSecrets(writer, state.secrets);
  writeSecretTree(writer, state.secretTree);
  writer.opaque(state.confirmationTag).opaque(state.interimTranscriptHash);
  writer.vector(state.pending, writePending).vector(state.pastEpochs, writePastEpoch);
  writer.u8(state.removed ? 1 : 0).u8(formats.indexOf(state.handshakeFormat));
  writer.optional(state.reInit, writeProposal);
  const body = writer.finish();
  return new Writer(body.length + checksumLength)
    .raw(body)
    .raw(state.suite.hash(body).subarray(0, checksumLength))
    .finish();
}

/** DecodeError for bytes that encodeState did not make, or that were changed since, or of a suite not supported. */
export function decodeState(context: MlsContext, bytes: Uint8Array): GroupState {
  return decodeAll(bytes, 'GroupState', (reader) => readState(context, reader, bytes));
}

function readState(context: MlsContext, reader: Reader, bytes: Uint8Array): GroupState {
  const found = reader.u16('GroupState.version');
  if (found !== version) reader.fail(0, 'GroupState.version', String(version), String(found));
  const suiteId = reader.u16('GroupState.cipher_suite');
  if (!isSupportedSuite(suiteId)) {
    reader.fail(2, 'GroupState.cipher_suite', 'a supported suite', String(suiteId));
  }
  const suite = context.suiteProvider.suite(suiteId);
  // First of all, so that what is read below was written by encodeState.
  const end = bytes.length - checksumLength;
  const checksum = suite.hash(bytes.subarray(0, Math.max(end, 0))).subarray(0, checksumLength);
  if (end < 4 || !sameBytes(checksum, bytes.subarray(end))) {
    throw new DecodeError(Math.max(end, 0), 'GroupState.checksum', 'the hash of the fields', 'another value');
  }
  const groupContext = readGroupContext(reader);
  const tree = readRatchetTree(reader);
  const leafCount = tree.leaves.length;
  const state: GroupState = {
    suite,
    groupContext,
    groupContextBytes: encodeGroupContext(groupContext),
    tree,
    ownLeafIndex: readIndex(reader, 'GroupState.own_leaf_index', leafCount),
    privateKeys: new Map(
      reader.vector('GroupState.private_keys', (r) => [
        readIndex(r, 'GroupState.private_keys', nodeCount(leafCount)),
        r.opaque('GroupState.private_key'),
      ]),
    ),
    signaturePrivateKey: reader.opaque('GroupState.signature_private_key'),
    secrets: readSecrets(reader),
    secretTree: readSecretTree(reader, leafCount),
    confirmationTag: reader.opaque('GroupState.confirmation_tag'),
    interimTranscriptHash: reader.opaque('GroupState.interim_transcript_hash'),
    pending: reader.vector('GroupState.pending', readPending),
    pastEpochs: reader.vector('GroupState.past_epochs', readPastEpoch),
    removed: readIndex(reader, 'GroupState.removed', 2, 'u8') === 1,
    handshakeFormat: formats[readIndex(reader, 'GroupState.handshake_format', 2, 'u8')]!,
    reInit: reader.optional('GroupState.re_init', readReInit),
  };
  reader.fixed(checksumLength, 'GroupState.checksum');
  return state;
}

function readIndex(reader: Reader, field: string, limit: number, size: 'u8' | 'u32' = 'u32'): number {
  const start = reader.offset;
  const value = reader[size](field);
  if (value >= limit) reader.fail(start, field, `less than ${limit}`, String(value));
  return value;
}

const secretNames = [
  'senderData',
  'exporter',
  'external',
  'confirmationKey',
  'membershipKey',
  'resumptionPsk',
  'epochAuthenticator',
  'init',
] as const satisfies readonly (keyof EpochSecrets)[];

function writeSecrets(writer: Writer, secrets: EpochSecrets): void {
  for (const name of secretNames) writer.opaque(secrets[name]);
}

function readSecrets(reader: Reader): EpochSecrets {
  const entries = secretNames.map((name) => [name, reader.opaque(`EpochSecrets.${name}`)] as const);
  return Object.fromEntries(entries) as Record<(typeof secretNames)[number], Uint8Array>;
}

function writePending(writer: Writer, item: PendingProposal): void {
  writeProposal(writer.opaque(item.reference), item.proposal);
  writeSender(writer, item.sender);
  const opaque = (w: Writer, key: Uint8Array) => w.opaque(key);
  writer.optional(item.leafPrivateKey, opaque).optional(item.signaturePrivateKey, opaque);
}

function readPending(reader: Reader): PendingProposal {
  const reference = reader.opaque('PendingProposal.reference');
  const proposal = readProposal(reader);
  const sender = readSender(reader);
  const key = (field: string) => reader.optional(field, (r) => r.opaque(field));
  const leafPrivateKey = key('PendingProposal.leaf_private_key');
  const signaturePrivateKey = key('PendingProposal.signature_private_key');
  return {
    reference,
    proposal,
    sender,
    ...(leafPrivateKey === undefined ? {} : { leafPrivateKey }),
    ...(signaturePrivateKey === undefined ? {} : { signaturePrivateKey }),
  };
}

function writePastEpoch(writer: Writer, past: PastEpoch): void {
  writer
    .u64(past.epoch)
    .u64(BigInt(Math.floor(past.endedAt)))
    .opaque(past.groupContext);
  writer.u32(past.secretTree.leafCount);
  writer.vector(past.signatureKeys, (w, key) => w.optional(key, (inner, bytes) => inner.opaque(bytes)));
  writeSecretTree(writer, past.secretTree);
  writer.opaque(past.senderData).opaque(past.resumptionPsk);
}

function readPastEpoch(reader: Reader): PastEpoch {
  const epoch = reader.u64('PastEpoch.epoch');
  const endedAt = Number(reader.u64('PastEpoch.ended_at'));
  const groupContext = reader.opaque('PastEpoch.group_context');
  const start = reader.offset;
  const leafCount = reader.u32('PastEpoch.leaf_count');
  const signatureKeys = reader.vector('PastEpoch.signature_keys', (r) =>
    r.optional('PastEpoch.signature_key', (inner) => inner.opaque('PastEpoch.signature_key')),
  );
  if (signatureKeys.length !== leafCount || leafCount === 0) {
    reader.fail(start, 'PastEpoch.leaf_count', `${signatureKeys.length}`, String(leafCount));
  }
  return {
    epoch,
    endedAt,
    groupContext,
    signatureKeys,
    secretTree: readSecretTree(reader, leafCount),
    senderData: reader.opaque('PastEpoch.sender_data_secret'),
    resumptionPsk: reader.opaque('PastEpoch.resumption_psk'),
  };
}

function readReInit(reader: Reader): GroupState['reInit'] {
  const start = reader.offset;
  const proposal = readProposal(reader);
  return isReInit(proposal)
    ? proposal
    : reader.fail(start, 'GroupState.re_init', 'a ReInit', `type ${proposal.type}`);
}
