/** RFC 9420 section 12.1: proposals. */
import { type Extension, readExtensions, writeExtensions } from './extension.ts';
import { type KeyPackage, readKeyPackage, writeKeyPackage } from './key-package.ts';
import { type LeafNode, readLeafNode, writeLeafNode } from './leaf-node.ts';
import { type PreSharedKeyId, readPskId, writePskId } from './psk.ts';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

/** Section 17.4. */
export const proposalType = {
  add: 1,
  update: 2,
  remove: 3,
  preSharedKey: 4,
  reInit: 5,
  externalInit: 6,
  groupContextExtensions: 7,
} as const;

export interface AddProposal {
  readonly type: 1;
  readonly keyPackage: KeyPackage;
}
export interface UpdateProposal {
  readonly type: 2;
  readonly leafNode: LeafNode;
}
export interface RemoveProposal {
  readonly type: 3;
  /** Leaf index. */
  readonly removed: number;
}
export interface PreSharedKeyProposal {
  readonly type: 4;
  readonly psk: PreSharedKeyId;
}
export interface ReInitProposal {
  readonly type: 5;
  readonly groupId: Uint8Array;
  readonly version: number;
  readonly cipherSuite: number;
  readonly extensions: readonly Extension[];
}
export interface ExternalInitProposal {
  readonly type: 6;
  readonly kemOutput: Uint8Array;
}
export interface GroupContextExtensionsProposal {
  readonly type: 7;
  readonly extensions: readonly Extension[];
}
/** Any type outside RFC 9420. */
export interface CustomProposal {
  readonly type: number;
  readonly body: Uint8Array;
}

export type StandardProposal =
  | AddProposal
  | UpdateProposal
  | RemoveProposal
  | PreSharedKeyProposal
  | ReInitProposal
  | ExternalInitProposal
  | GroupContextExtensionsProposal;

export type Proposal = StandardProposal | CustomProposal;

/**
 * Types whose body is written bare, with its fixed length in bytes: the structure gives a reader nothing else to
 * find its end by. RCC.16: end_mls, rcs_signature, SelfRemove (there and in the MLS extensions draft), ServerRemove.
 * Bodies of all other types outside RFC 9420 are opaque<V>.
 */
const bareBodies: ReadonlyMap<number, number> = new Map([
  [0x000a, 0],
  [0xf001, 0],
  [0xf002, 0],
  [0xf003, 0],
  [0xf004, 4],
]);

/** SelfRemove: the code point of draft-ietf-mls-extensions, and that of RCC.16 section 7.11.8.1. */
export const selfRemoveType = { draft: 0x000a, rcc16: 0xf003 } as const;

export function isSelfRemove(proposal: Proposal): boolean {
  return proposal.type === selfRemoveType.draft || proposal.type === selfRemoveType.rcc16;
}

export function isCustom(proposal: Proposal): proposal is CustomProposal {
  return 'body' in proposal;
}

export function isAdd(proposal: Proposal): proposal is AddProposal {
  return proposal.type === proposalType.add;
}
export function isUpdate(proposal: Proposal): proposal is UpdateProposal {
  return proposal.type === proposalType.update;
}
export function isRemove(proposal: Proposal): proposal is RemoveProposal {
  return proposal.type === proposalType.remove;
}
export function isPreSharedKey(proposal: Proposal): proposal is PreSharedKeyProposal {
  return proposal.type === proposalType.preSharedKey;
}
export function isReInit(proposal: Proposal): proposal is ReInitProposal {
  return proposal.type === proposalType.reInit;
}
export function isExternalInit(proposal: Proposal): proposal is ExternalInitProposal {
  return proposal.type === proposalType.externalInit;
}
export function isGroupContextExtensions(proposal: Proposal): proposal is GroupContextExtensionsProposal {
  return proposal.type === proposalType.groupContextExtensions;
}

/** RangeError when a custom body does not have the length its type is bare with: the caller's mistake. */
export function writeProposal(writer: Writer, proposal: Proposal): void {
  writer.u16(proposal.type);
  if (isCustom(proposal)) {
    const bare = bareBodies.get(proposal.type);
    if (bare === undefined) writer.opaque(proposal.body);
    else if (proposal.body.length === bare) writer.raw(proposal.body);
    else throw new RangeError(`proposal type ${proposal.type} has a body of ${bare} bytes`);
    return;
  }
  switch (proposal.type) {
    case proposalType.add:
      writeKeyPackage(writer, proposal.keyPackage);
      break;
    case proposalType.update:
      writeLeafNode(writer, proposal.leafNode);
      break;
    case proposalType.remove:
      writer.u32(proposal.removed);
      break;
    case proposalType.preSharedKey:
      writePskId(writer, proposal.psk);
      break;
    case proposalType.reInit:
      writer.opaque(proposal.groupId).u16(proposal.version).u16(proposal.cipherSuite);
      writeExtensions(writer, proposal.extensions);
      break;
    case proposalType.externalInit:
      writer.opaque(proposal.kemOutput);
      break;
    case proposalType.groupContextExtensions:
      writeExtensions(writer, proposal.extensions);
  }
}

export function readProposal(reader: Reader): Proposal {
  const type = reader.u16('Proposal.proposal_type');
  switch (type) {
    case proposalType.add:
      return { type, keyPackage: readKeyPackage(reader) };
    case proposalType.update:
      return { type, leafNode: readLeafNode(reader) };
    case proposalType.remove:
      return { type, removed: reader.u32('Remove.removed') };
    case proposalType.preSharedKey:
      return { type, psk: readPskId(reader) };
    case proposalType.reInit:
      return {
        type,
        groupId: reader.opaque('ReInit.group_id'),
        version: reader.u16('ReInit.version'),
        cipherSuite: reader.u16('ReInit.cipher_suite'),
        extensions: readExtensions(reader),
      };
    case proposalType.externalInit:
      return { type, kemOutput: reader.opaque('ExternalInit.kem_output') };
    case proposalType.groupContextExtensions:
      return { type, extensions: readExtensions(reader) };
    default: {
      const bare = bareBodies.get(type);
      const field = `Proposal.body of type ${type}`;
      return { type, body: bare === undefined ? reader.opaque(field) : reader.fixed(bare, field) };
    }
  }
}
