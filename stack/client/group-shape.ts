/**
 * Which parts of RCC.16 a group has. All leaves must support an extension of the GroupContext and a proposal (RFC 9420
 * sections 7.2 and 13.4), so the leaves themselves say what a conversation does without.
 */
import { E2eeError } from '../e2ee/e2ee-error.ts';
import { decodeEra, ERA_EXTENSION, FIRST_ERA } from '../e2ee/era.ts';
import { RCS_SIGNATURE_PROPOSAL } from '../e2ee/receipt.ts';
import { extensionType } from '../mls/index.ts';
import type { GroupFacts, GroupMember, Rcc16Part } from './mls-engine.ts';

type Capable = Pick<GroupMember, 'capabilities'>;

/** What the own leaf lists when the phone does without `lacks`. */
export function leafCapabilities(lacks: readonly Rcc16Part[]): GroupMember['capabilities'] {
  return {
    extensions: [extensionType.lastResort, ...(lacks.includes('era') ? [] : [ERA_EXTENSION])],
    proposals: lacks.includes('signed-receipts') ? [] : [RCS_SIGNATURE_PROPOSAL],
  };
}

export function everyoneHasEra(leaves: readonly Capable[]): boolean {
  return leaves.every(({ capabilities }) => capabilities.extensions.includes(ERA_EXTENSION));
}

export function everyoneSignsReceipts(leaves: readonly Capable[]): boolean {
  return leaves.every(({ capabilities }) => capabilities.proposals.includes(RCS_SIGNATURE_PROPOSAL));
}

/**
 * The era of the group; the first where a member can't have the extension, as a receipt without Era-ID is read (docs/rcc16.md
 * 7.1). Throws E2eeError when all could and it is missing, DecodeError or E2eeError when it is no era.
 */
export function eraOf({ extensions, members }: GroupFacts): number {
  const extension = extensions.find(({ type }) => type === ERA_EXTENSION);
  if (extension) return decodeEra(extension.data);
  if (everyoneHasEra(members)) {
    throw new E2eeError('GroupContext', 'no era extension', 'extension 0xF001');
  }
  return FIRST_ERA;
}
