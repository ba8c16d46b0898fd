/** RFC 9420 section 12.4: Commit as it travels. */
import { type Proposal, readProposal, writeProposal } from './proposal.ts';
import type { Reader } from './reader.ts';
import { readUpdatePath, type UpdatePath, writeUpdatePath } from './update-path.ts';
import type { Writer } from './writer.ts';

export type ProposalOrRef =
  | { readonly kind: 'proposal'; readonly proposal: Proposal }
  | { readonly kind: 'reference'; readonly reference: Uint8Array };

export interface Commit {
  readonly proposals: readonly ProposalOrRef[];
  readonly path: UpdatePath | undefined;
}

export function writeCommit(writer: Writer, commit: Commit): void {
  writer
    .vector(commit.proposals, (w, item) => {
      if (item.kind === 'reference') w.u8(2).opaque(item.reference);
      else writeProposal(w.u8(1), item.proposal);
    })
    .optional(commit.path, writeUpdatePath);
}

export function readCommit(reader: Reader): Commit {
  return {
    proposals: reader.vector('Commit.proposals', readProposalOrRef),
    path: reader.optional('Commit.path', readUpdatePath),
  };
}

function readProposalOrRef(reader: Reader): ProposalOrRef {
  const start = reader.offset;
  const type = reader.u8('ProposalOrRef.type');
  if (type === 1) return { kind: 'proposal', proposal: readProposal(reader) };
  if (type === 2) return { kind: 'reference', reference: reader.opaque('ProposalOrRef.reference') };
  return reader.fail(start, 'ProposalOrRef.type', '1 or 2', String(type));
}
