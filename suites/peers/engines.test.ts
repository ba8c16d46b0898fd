/** Phones whose MLS is not the stack's own, through whole cells: the oracle judges them by what their engines declare. */
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../emulators/network/seeded-random.ts';
import { executeCell } from '../../harness/run/execute-cell.ts';
import { runtime } from '../../harness/run/runtime.ts';
import type { EngineSource, Engines } from '../../harness/world/engine-source.ts';
import type { Case } from '../../matrix/schema/case.ts';
import type { MlsEngine } from '../../stack/client/mls-engine.ts';
import { createNativeProvider } from '../../stack/crypto/index.ts';
import { caseWith, expansionOf, matrix } from '../matrix/support/build.ts';
import { ours, served } from '../mls-interop/support/clients.ts';
import { engines } from './phone-engines.ts';
import { tsMlsService } from './ts-mls-grpc-client.ts';
import { nativeSuiteForTsMls } from './ts-mls-native-provider.ts';

const pairings = expansionOf('engines').cells.filter(({ canary }) => canary === undefined);

const execute = (cell: Case, supplied: Engines = engines) =>
  executeCell(cell, matrix.expectations, runtime, { engines: supplied });

/** `passed`, or the one line that says what became of it. */
async function outcomeOf(cell: Case, supplied?: Engines): Promise<string> {
  const { outcome, reason } = (await execute(cell, supplied)).result;
  return reason === undefined ? outcome : `${outcome}: ${reason}`;
}

/** ts-mls with something done to each engine that it makes. */
function altered(
  alter: (engine: MlsEngine) => Partial<MlsEngine>,
  source: Partial<EngineSource> = {},
): Engines {
  const real = engines['ts-mls']!;
  const create: EngineSource['create'] = (ports) => {
    const engine = real.create(ports);
    return {
      keyPackage: (...asked) => engine.keyPackage(...asked),
      create: (...asked) => engine.create(...asked),
      join: (...asked) => engine.join(...asked),
      facts: (...asked) => engine.facts(...asked),
      exporter: (...asked) => engine.exporter(...asked),
      protect: (...asked) => engine.protect(...asked),
      unprotect: (...asked) => engine.unprotect(...asked),
      ...alter(engine),
    };
  };
  return { 'ts-mls': { ...real, ...source, create } };
}

const toTsMls = caseWith({ recipientEngine: 'ts-mls' });

describe('plan engines: parley and ts-mls in both phones, suites 1 and 2', () => {
  it.for(pairings)('$id', async (cell) => {
    expect(await outcomeOf(cell)).toBe('passed');
  });
});

describe('a phone on ts-mls', () => {
  it('gives the same bytes for the same case: its keys come from the phone', async () => {
    const [first, second] = [await execute(toTsMls), await execute(toTsMls)];
    expect(second.trace).toEqual(first.trace);
    expect(first.result.nondeterministic).toBeUndefined();
  });

  it('takes the signatures from the receipts of its conversations, and nothing but them', async () => {
    const signatures = async (cell: Case) =>
      JSON.stringify((await execute(cell)).trace).split('MLS-Derived-Content-Signature').length - 1;
    expect(await signatures(toTsMls)).toBe(0);
    expect(await signatures(caseWith({}))).toBeGreaterThan(0);
    const { result } = await execute(toTsMls);
    expect(result.rules['message:hello']).toBe('mls-displayed-unsigned');
  });
});

describe('what an engine does wrong is noticed', () => {
  it('another exporter than the other member has: no agreement', async () => {
    const flipped = altered((engine) => ({
      exporter: async (...asked) => (await engine.exporter(...asked)).map((byte) => byte ^ 1),
    }));
    const { result } = await execute(toTsMls, flipped);
    expect(result).toMatchObject({ outcome: 'failed', rule: 'I4-agreement', blame: { side: 'device:bob' } });
  });

  it('messages that it never opens: which of the two is wrong no trace tells, so both are named', async () => {
    const deaf = altered(() => ({ unprotect: () => Promise.reject(new Error('deaf')) }));
    const { result } = await execute(toTsMls, deaf);
    expect(result.outcome).toBe('failed');
    expect(result.blame?.evidence).toMatch(
      /device:bob is in group .* and can't open what device:alice sealed/,
    );
  });

  it('content padded to no length of Padmé', async () => {
    const bare = altered((engine) => ({
      protect: (state, content, wish) =>
        engine.protect(state, content, { ...wish, paddingLength: (length) => 5_060 - length }),
    }));
    const { result } = await execute(caseWith({ senderEngine: 'ts-mls' }), bare);
    expect(result).toMatchObject({ outcome: 'failed', blame: { side: 'device:alice' } });
    expect(result.failures.map(({ expected }) => expected)).toContain('application data is padded by Padmé');
  });
});

describe('the oracle takes the declaration at its word', () => {
  const failuresOf = async (run: Case, judgedAs: Case) => {
    const { trace } = await execute(run);
    return runtime.judge(judgedAs, trace, matrix.expectations).failures.map(({ actual }) => actual);
  };

  it('receipts that nobody signed are wrong between phones that both can', async () => {
    const declaresNothing = { ...toTsMls, roles: caseWith({}).roles };
    expect(await failuresOf(toTsMls, declaresNothing)).toContain('it has no signature');
  });

  it('receipts that are signed are wrong where one of the two can not verify them', async () => {
    const declares = { ...caseWith({}), roles: toTsMls.roles };
    expect(await failuresOf(caseWith({}), declares)).toContain('it has a signature');
  });
});

describe('what an engine declares that it cannot do', () => {
  it('makes the cell unsupported where the phone does not declare it too', async () => {
    const { bob, ...others } = toTsMls.roles;
    const { lacks: _, ...mls } = bob!.device.mls!;
    const boasting = { ...toTsMls, roles: { ...others, bob: { ...bob!, device: { ...bob!.device, mls } } } };
    expect(await outcomeOf(boasting)).toBe(
      "unsupported: the MLS engine ts-mls can't do signed-receipts, which iphone-up30 does not declare",
    );
  });

  it('makes the cell unsupported where the phone offers a cipher suite that it has not', async () => {
    const cell = caseWith({ recipientEngine: 'ts-mls', cipherSuite: '1' });
    const only2 = altered(() => ({}), { cipherSuites: () => [2] });
    expect(await outcomeOf(cell, only2)).toBe(
      'unsupported: the MLS engine ts-mls has no cipher suite 1, which iphone-up30 offers',
    );
  });
});

describe('a phone on an implementation behind the contract of the MLS working group', () => {
  const provider = createNativeProvider();
  const random = new SeededRandom('served ts-mls');
  const suites = new Map(
    ([1, 2] as const).map((id) => [id, nativeSuiteForTsMls(provider.suite(id), random)]),
  );
  const services = { parley: ours('phones'), 'ts-mls': tsMlsService(suites) };

  it.each([
    ['parley', 'recipientEngine', '1'],
    ['parley', 'senderEngine', '2'],
    ['ts-mls', 'recipientEngine', '2'],
    ['ts-mls', 'senderEngine', '1'],
  ] as const)('%s as %s, suite %s', async (name, seat, cipherSuite) => {
    await served([services[name]], async ([address]) => {
      const { result } = await execute(caseWith({ [seat]: `grpc:${address}`, cipherSuite }));
      expect(result.reason ?? result.outcome).toBe('passed');
      expect(result.nondeterministic).toBe(`the MLS at ${address} draws its own keys`);
    });
  });

  it('waits for both phones, though each call leaves the process and virtual time is faster', async () => {
    await served([services.parley, services['ts-mls']], async ([one, other]) => {
      const cell = caseWith({
        senderEngine: `grpc:${one}`,
        recipientEngine: `grpc:${other}`,
        scenario: 'comes-back',
      });
      expect(await outcomeOf(cell)).toBe('passed');
    });
  });

  it('that is not there is no verdict about the phone', async () => {
    const cell = caseWith({ recipientEngine: 'grpc:127.0.0.1:1' });
    expect(await outcomeOf(cell)).toMatch(/^infra-error: .*RpcError/);
  });
});
