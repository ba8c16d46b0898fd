import { expect, test } from 'vitest';
import { SeededRandom } from '../../emulators/network/seeded-random.ts';
import { localPeer } from '../../harness/mls-interop/peer.ts';
import { createNativeProvider } from '../../stack/crypto/index.ts';
import { tsMlsService } from '../peers/ts-mls-grpc-client.ts';
import { nativeSuiteForTsMls } from '../peers/ts-mls-native-provider.ts';
import { ours, ownScripts, served } from './support/clients.ts';
import { alternating, notPassed, playLocally, playOver } from './support/play.ts';

const provider = createNativeProvider();
const tsMls = () => {
  const random = new SeededRandom('ts-mls');
  const suites = ([1, 2] as const).map(
    (id) => [id, nativeSuiteForTsMls(provider.suite(id), random)] as const,
  );
  return tsMlsService(new Map(suites));
};

/** The ways in which ts-mls 1.6.4 fails; all else must pass, or be unsupported by its own word. */
const knownFailures = [
  {
    because: 'it reads the list of external_senders as one sender (RFC 9420 section 12.1.8.1)',
    match:
      /script=external-proposals\/(signer-[^,]+|two-signers),.*: failed, CodecError: Could not decode external_senders$/,
  },
  {
    because: 'it keeps the old extensions when the new ones are none (section 12.1.7)',
    match:
      /assignment=AB,.*script=commit\/group-context-extensions,.*: failed, CryptoError: AES-128-GCM tag mismatch/,
  },
  {
    because: 'it refuses valid trees for their unmerged leaves (section 7.9, see refusesValidTree)',
    match:
      /script=(welcome-join\/unmerged-leaves|random\/[^,]+),.*: failed, ValidationError: non-blank intermediate node must list leaf node in its unmerged_leaves$/,
  },
];

/** Both sides commit new extensions or paths that nothing asks for, which ts-mls declines. */
const neverMet =
  /^(external-proposals\/(signer-\S+|two-signers)|commit\/group-context-extensions|reinit\/new-extensions|random\/(short|long))$/;

test.each([
  [1, 'private'],
  [2, 'public'],
] as const)('ours and ts-mls play by turns, suite %i, handshake %s', async (suite, handshake) => {
  const summary = await playLocally([localPeer('ours', ours()), localPeer('ts-mls', tsMls())], {
    scripts: ownScripts(),
    suites: [suite],
    choose: (cell) =>
      alternating(cell) && (cell.handshake === handshake || cell.script.handshake.length === 1),
  });
  const failed = notPassed(summary).filter((line) => !/: unsupported, /.test(line));
  expect(failed.filter((line) => !knownFailures.some(({ match }) => match.test(line)))).toEqual([]);
  const gone = knownFailures.filter(({ match }) => !failed.some((line) => match.test(line)));
  expect(gone, 'known failures that did not show').toEqual([]);
  const met = new Set(
    summary.cells.filter(({ verdict }) => verdict.outcome === 'passed').map(({ script }) => script),
  );
  const never = ownScripts()
    .map(({ id }) => id)
    .filter((id) => !met.has(id) && !neverMet.test(id));
  expect(never, 'scripts that pass in neither turn').toEqual([]);
});

test('what ts-mls lacks is told by ts-mls, with the reason', async () => {
  const summary = await playLocally([localPeer('ours', ours()), localPeer('ts-mls', tsMls())], {
    scripts: ownScripts(/^external-join\/with-psks$/),
    suites: [2, 3],
    choose: ({ axes, handshake }) => axes.assignment === 'AB' && handshake === 'public',
  });
  expect(summary.cells.map(({ verdict }) => verdict)).toEqual([
    {
      outcome: 'unsupported',
      because: 'bob (B ts-mls) does not implement ExternalJoin: PSKs in an external commit',
      clients: ['B ts-mls'],
    },
    { outcome: 'unsupported', because: 'suite 3 is not in SupportedCiphersuites', clients: ['B ts-mls'] },
  ]);
});

test('over gRPC as well', async () => {
  const summary = await served([ours(), tsMls()], (addresses) =>
    playOver(addresses, 20_000, {
      scripts: ownScripts(/^(welcome-join\/one-joiner|external-join\/join|commit\/update)$/),
      suites: [2],
      choose: alternating,
    }),
  );
  expect(notPassed(summary)).toEqual([]);
});
