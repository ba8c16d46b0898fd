import { expect, it } from 'vitest';
import { readCommit, writeCommit } from '../../../stack/mls/commit-codec.ts';
import { decodeMlsMessage, encodeMlsMessage } from '../../../stack/mls/mls-message.ts';
import { readProposal, writeProposal } from '../../../stack/mls/proposal.ts';
import { decodeRatchetTree, encodeRatchetTree } from '../../../stack/mls/ratchet-tree-codec.ts';
import { decodeAll } from '../../../stack/mls/reader.ts';
import { readGroupSecrets, writeGroupSecrets } from '../../../stack/mls/welcome.ts';
import { encode } from '../../../stack/mls/writer.ts';
import { fromHex, hex } from '../members.ts';
import { describeVectors } from './load.ts';

const message = (bytes: Uint8Array) => encodeMlsMessage(decodeMlsMessage(bytes));
const commit = (bytes: Uint8Array) => encode(writeCommit, decodeAll(bytes, 'Commit', readCommit));
const secrets = (bytes: Uint8Array) =>
  encode(writeGroupSecrets, decodeAll(bytes, 'GroupSecrets', readGroupSecrets));

/** The file gives the bodies of proposals without their type, so the type is put in front of them. */
const proposal = (type: number) => (bytes: Uint8Array) => {
  const typed = Uint8Array.of(0, type, ...bytes);
  return encode(writeProposal, decodeAll(typed, 'Proposal', readProposal)).slice(2);
};

const roundTrips: Record<string, (bytes: Uint8Array) => Uint8Array> = {
  mls_welcome: message,
  mls_group_info: message,
  mls_key_package: message,
  ratchet_tree: (bytes) => encodeRatchetTree(decodeRatchetTree(bytes)),
  group_secrets: secrets,
  add_proposal: proposal(1),
  update_proposal: proposal(2),
  remove_proposal: proposal(3),
  pre_shared_key_proposal: proposal(4),
  re_init_proposal: proposal(5),
  external_init_proposal: proposal(6),
  group_context_extensions_proposal: proposal(7),
  commit,
  public_message_application: message,
  public_message_proposal: message,
  public_message_commit: message,
  private_message: message,
};

describeVectors<Readonly<Record<string, string>>>('messages', (vectors) => {
  it.each(Object.entries(roundTrips))(`%s: all ${vectors.length} come back the same`, (field, roundTrip) => {
    for (const vector of vectors) expect(hex(roundTrip(fromHex(vector[field]!)))).toBe(vector[field]);
  });

  it('has no field that is not tested here', () => {
    expect(Object.keys(vectors[0]!).sort()).toEqual(Object.keys(roundTrips).sort());
  });
});
