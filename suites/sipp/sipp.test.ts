/** SIPp at a served carrier, as others use it: its own SIP stack, scenarios that a person can read. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { carrierFiles } from '../../harness/serve/carrier-files.ts';
import { hasProgram } from '../external-program.ts';
import { folder, numberOf, serve, until } from '../serve/support/served.ts';
import { SIPP, type SippTransport, sipp } from './support/sipp.ts';

/** Debian's SIPp knows no digest but MD5. */
const CARRIER = 'lab-md5';
const WELL = { code: SIPP.allWell, errors: '' };
const ANSWERED = { code: SIPP.endedByScenario, errors: '' };

async function attached() {
  const [state, record, logs] = [folder(), folder(), folder()];
  const { descriptor } = await serve({ carriers: carrierFiles([CARRIER]), state, record });
  const trace = join(record, 'trace.jsonl');
  const number = (name: string) => numberOf(descriptor, name);
  return {
    number,
    run: (
      as: string,
      transport: SippTransport,
      scenario: string,
      more: { answers?: string; to?: string } = {},
    ) => sipp({ descriptor, folder: logs, as, transport, scenario, ...more }),
    registered: (name: string) =>
      until(
        () =>
          existsSync(trace) &&
          readFileSync(trace, 'utf8')
            .split('\n')
            .some((line) => line.includes('"name":"registered"') && line.includes(number(name))),
        `${name} registers`,
      ),
  };
}

/** Bob waits for one request of the other, over the transport of the other or another one. */
async function between(transport: SippTransport, what: string, bobs: SippTransport = transport) {
  const { run, number, registered } = await attached();
  const bob = run('bob', bobs, 'wait', { answers: `answer-${what}` });
  await registered('bob');
  const alice = await run('alice', transport, what, { to: number('bob') });
  return { alice, bob: await bob };
}

describe.runIf(hasProgram('sipp', 'sip-tester'))('SIPp at a served carrier', () => {
  describe.each(['udp', 'tcp', 'tls'] as const)('over %s', (transport) => {
    test('registers by digest', async () => {
      const { run } = await attached();
      expect(await run('alice', transport, 'register')).toEqual(WELL);
    });

    test('asks another SIPp by OPTIONS, and is answered by it', async () => {
      expect(await between(transport, 'options')).toEqual({ alice: WELL, bob: ANSWERED });
    });

    test('sends a MESSAGE, and takes one', async () => {
      expect(await between(transport, 'message')).toEqual({ alice: WELL, bob: ANSWERED });
    });

    test('calls another SIPp: INVITE, ACK and BYE find their way through the carrier', async () => {
      expect(await between(transport, 'call')).toEqual({ alice: WELL, bob: ANSWERED });
    });
  });

  test.each([
    ['udp', 'tls'],
    ['tls', 'tcp'],
  ] as const)('calls from %s to %s: the carrier joins transports', async (from, to) => {
    expect(await between(from, 'call', to)).toEqual({ alice: WELL, bob: ANSWERED });
  });

  test('that is given the wrong number is refused, and says so', async () => {
    const { run } = await attached();
    const { code, errors } = await run('alice', 'udp', 'options', { to: '+999900100099' });
    expect(code).toBe(1);
    expect(errors).toMatch(/unexpected message.*received 'SIP\/2\.0 404/s);
  });
});
