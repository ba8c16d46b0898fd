import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ServedDescriptor } from '../../harness/serve/descriptor.ts';
import { parley as commandLine } from '../cli/command-line.ts';
import { carrierFile, folder, NOW, numberOf, phone, serveApart, until } from './support/served.ts';

const PARLEY = join(import.meta.dirname, '../../harness/cli/parley.ts');

function parley(...args: string[]) {
  const child = spawn(process.execPath, [PARLEY, ...args]);
  onTestFinished(() => void child.kill('SIGKILL'));
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const code = new Promise<number | null>((resolve) => child.on('exit', resolve));
  return { child, code, out: () => out, err: () => err };
}

/** A scripted phone: what it said, a JSON line each, and keys to type on. */
function terminalPhone(name: string, state: string) {
  const { child, code, err } = parley('phone', '--as', name, '--server', state, '--json');
  const said: Record<string, unknown>[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => said.push(JSON.parse(line)));
  const saw = (wanted: Record<string, unknown>) =>
    until(
      () => said.some((event) => Object.entries(wanted).every(([key, value]) => event[key] === value)),
      `${name} sees ${JSON.stringify(wanted)}: ${JSON.stringify(said)} ${err()}`,
    );
  return { child, code, said, saw, type: (line: string) => child.stdin.write(`${line}\n`) };
}

describe('parley serve', () => {
  test('lets work in hand end before it ends by SIGTERM, with 0', async () => {
    const { server, descriptor } = await serveApart(['lab']);
    const slow = phone(descriptor, 'bob', 'tcp', { answerAfter: () => 2_000 });
    const asking = phone(descriptor, 'alice', 'tcp');
    expect([await slow.register(), await asking.register()]).toEqual([200, 200]);
    expect(await asking.text(numberOf(descriptor, 'bob'), 'Mx-drain', NOW)).toBe(202);
    await until(() => slow.deliveries.has('Mx-drain'), 'bob is asked');
    const gone = server.signal('SIGTERM');
    await until(() => server.said.includes('ending what is in hand'), 'the signal is heard');
    expect(await asking.text(numberOf(descriptor, 'bob'), 'Mx-late', NOW)).toBe(503);
    expect(await gone).toBe(0);
    await server.start();
    expect(await slow.register()).toBe(200);
    expect(await asking.register()).toBe(200);
    expect(await asking.text(numberOf(descriptor, 'bob'), 'Mx-after', NOW)).toBe(202);
    await until(() => slow.deliveries.has('Mx-after'), 'bob is there again');
    expect(slow.repetitions, 'what was delivered before the end was known to be').toBe(0);
  });

  test('takes changed files by SIGHUP: registrations stay, a new account comes, a wrong file changes nothing', async () => {
    const files = folder();
    const path = carrierFile(files, 'mine', 'accounts: [{ name: alice }, { name: bob }]');
    const { server, state, descriptor } = await serveApart([path]);
    const [alice, bob] = [phone(descriptor, 'alice', 'tcp'), phone(descriptor, 'bob', 'tls')];
    expect([await alice.register(), await bob.register()]).toEqual([200, 200]);

    writeFileSync(path, 'name: mine\nsignalling: 7\n');
    server.tell('SIGHUP');
    await until(() => /all stays as it was: .*mine\.yaml:2/.test(server.said), 'the mistake is told');

    carrierFile(
      files,
      'mine',
      'accounts: [{ name: alice }, { name: bob }, { name: zoe }]',
      'limits: { flowRate: 9 }',
    );
    server.tell('SIGHUP');
    await until(() => server.said.includes('+ zoe'), 'the change is told');
    expect(server.said).toMatch(/reload: carrier A: account \+ zoe \(\+999900100003\)/);
    expect(server.said).toMatch(/reload: carrier A: limits: none -> \{"flowRate":9\}/);

    const told = JSON.parse(readFileSync(join(state, 'served.json'), 'utf8')) as ServedDescriptor;
    const zoe = phone(told, 'zoe', 'udp');
    expect(await zoe.register()).toBe(200);
    expect(await alice.text(numberOf(told, 'bob'), 'Mx-still', NOW), 'the stream still stands').toBe(202);
    await until(() => bob.deliveries.has('Mx-still'), 'bob is still registered');

    carrierFile(files, 'mine', 'accounts: [{ name: alice }]');
    server.tell('SIGHUP');
    await until(() => server.said.includes('- zoe'), 'all of it is told');
    expect(await bob.text(numberOf(told, 'alice'), 'Mx-no', NOW), 'no subscriber any more').toBe(403);
  });

  test('says in one line what is wrong, and exits with 64', async () => {
    const { state } = await serveApart(['lab']);
    const files = folder();
    const open = carrierFile(files, 'open', 'accounts: [{ name: alice }]');
    const twins = carrierFile(files, 'twins', 'accounts: [{ name: alice }, { name: alice }]');
    const tries: [string[], RegExp][] = [
      [['--state', state, '--port-base', '0'], /state\.sqlite: database is locked/],
      [['--carrier', 'lap'], /no carrier is called "lap" .did you mean "lab"/],
      [['--bind', 'localhost'], /localhost is no IP address/],
      [['--bind', '0.0.0.0'], /--advertise says which address/],
      [
        ['--bind', '0.0.0.0', '--advertise', '10.0.0.1'],
        /carrier lab: beyond loopback its file must give accounts/,
      ],
      [['--bind', '0.0.0.0', '--advertise', '10.0.0.1', '--carrier', open], /the password of alice/],
      [['--carrier', twins, '--state', files, '--port-base', '0'], /two have the name alice/],
      [['--port-base', 'x'], /whole number/],
    ];
    for (const [args, told] of tries) {
      const { code, err } = await commandLine('serve', ...args);
      expect([code, err]).toEqual([64, expect.stringMatching(told)]);
      expect(err.trimEnd().split('\n')).toHaveLength(1);
    }
  });

  test('prints what a person copies: endpoints, accounts, settings for clients', async () => {
    const state = folder();
    const run = parley('serve', '--state', state, '--port-base', '0');
    await until(() => run.out().includes('Root of trust'), 'it is served');
    const text = run.out();
    for (const wanted of [
      'SIP over WSS',
      'parley-alice',
      'sipp 127.0.0.1:',
      'new JsSIP.UA(',
      'softphone user +9999',
    ])
      expect(text).toContain(wanted);
    run.child.kill('SIGINT');
    expect(await run.code).toBe(0);
    expect(existsSync(join(state, 'ca.pem'))).toBe(true);
  });
});

describe('parley phone', () => {
  test('sends and receives, encrypted, and shows what became of each message', async () => {
    const { state, descriptor } = await serveApart(['lab']);
    const [alice, bob] = [terminalPhone('alice', state), terminalPhone('bob', state)];
    await Promise.all([
      alice.saw({ event: 'registered', as: 'alice', mls: true }),
      bob.saw({ event: 'registered', mls: true }),
    ]);
    alice.type(`${numberOf(descriptor, 'bob')} hello`);
    await bob.saw({ event: 'received', text: 'hello', badge: 'secure' });
    await alice.saw({ event: 'sending', text: 'hello', state: 'displayed', badge: 'secure' });
    bob.type('/to alice');
    bob.type('and hello to you');
    await alice.saw({ event: 'received', text: 'and hello to you', badge: 'secure' });
    alice.type('/can bob');
    await alice.saw({ event: 'capabilities', rcs: 'yes', mls: true });
    alice.type('/nothing');
    await alice.saw({ event: 'mistake' });
    alice.type('/quit');
    bob.child.kill('SIGINT');
    expect([await alice.code, await bob.code]).toEqual([0, 0]);
    expect(alice.said.at(-1)).toEqual({ event: 'deregistered' });
  });

  test('lets what was typed leave when its input ends', async () => {
    const { state, descriptor } = await serveApart(['lab']);
    const bob = terminalPhone('bob', state);
    await bob.saw({ event: 'registered' });
    const alice = terminalPhone('alice', state);
    alice.type(`${numberOf(descriptor, 'bob')} and gone`);
    alice.child.stdin.end();
    expect(await alice.code).toBe(0);
    await bob.saw({ event: 'received', text: 'and gone' });
  });

  test('says who is not there, and exits with 64', async () => {
    const { state } = await serveApart(['lab']);
    const tries: [string[], RegExp][] = [
      [['--as', 'nobody', '--server', state], /no account is called "nobody"; the server has alice, bob/],
      [['--as', 'alice', '--server', folder()], /no server is described/],
      [['--as', 'alice', '--server', state, '--device', 'pixel'], /no device is called "pixel"/],
    ];
    for (const [args, told] of tries) {
      const { code, err } = await commandLine('phone', ...args);
      expect([code, err]).toEqual([64, expect.stringMatching(told)]);
    }
  });
});
