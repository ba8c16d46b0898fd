import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { carrierFiles } from '../../harness/serve/carrier-files.ts';
import { parseTrace } from '../../reports/trace-lines.ts';
import { folder, NOW, numberOf, phone, serve, until } from './support/served.ts';

describe('a served carrier', () => {
  test.each([
    ['udp', '127.0.0.1'],
    ['tcp', '127.0.0.1'],
    ['tls', '127.0.0.1'],
    ['ws', '127.0.0.1'],
    ['wss', '127.0.0.1'],
    ['udp', '::1'],
    ['tcp', '::1'],
    ['tls', '::1'],
    ['wss', '::1'],
  ] as const)('registers phones over %s at %s and carries their messages', async (transport, address) => {
    const server = await serve({ bind: ['127.0.0.1', '::1'] });
    const from = address === '::1' ? { from: '::1' } : {};
    const [alice, bob] = ['alice', 'bob'].map((name) =>
      phone(server.descriptor, name, transport, { to: address, ...from }),
    );
    expect([await alice!.register(), await bob!.register()]).toEqual([200, 200]);
    expect(await alice!.text(numberOf(server.descriptor, 'bob'), 'Mx-1', NOW)).toBe(202);
    await until(() => bob!.deliveries.has('Mx-1'), 'bob gets it');
  });

  test('gives its subscribers nothing without the right password', async () => {
    const server = await serve();
    const [carrier] = server.descriptor.carriers;
    const wrong = carrier!.accounts.map((account) => ({ ...account, password: 'guessed' }));
    const descriptor = { ...server.descriptor, carriers: [{ ...carrier!, accounts: wrong }] };
    expect(await phone(descriptor, 'alice', 'tcp').register()).toBe(403);
  });

  test('is peered with the others: a message crosses the border, over TLS', async () => {
    const server = await serve({ carriers: carrierFiles(['lab', 'up30-e2ee', 'up30-e2ee-off']) });
    const [alice, carol, erin] = (
      [
        ['alice', 'udp'],
        ['carol', 'tls'],
        ['erin', 'tcp'],
      ] as const
    ).map(([name, transport]) => phone(server.descriptor, name, transport));
    for (const each of [alice!, carol!, erin!]) expect(await each.register()).toBe(200);
    expect(await alice!.text(numberOf(server.descriptor, 'carol'), 'Mx-ac', NOW)).toBe(202);
    expect(await erin!.text(numberOf(server.descriptor, 'carol'), 'Mx-ec', NOW)).toBe(202);
    expect(await carol!.text(numberOf(server.descriptor, 'alice'), 'Mx-ca', NOW)).toBe(202);
    await until(() => carol!.deliveries.size === 2 && alice!.deliveries.size === 1, 'all arrive');
  });

  test('keeps its certificate authority, its ports and what it promised from one start to the next', async () => {
    const state = folder();
    const first = await serve({ state });
    const [alice, bob] = ['alice', 'bob'].map((name) => phone(first.descriptor, name, 'tcp'));
    expect([await alice!.register(), await bob!.register()]).toEqual([200, 200]);
    bob!.close();
    expect(await alice!.text(numberOf(first.descriptor, 'bob'), 'Mx-kept', NOW)).toBe(202);
    const ca = readFileSync(first.descriptor.ca, 'utf8');
    await first.stop();
    const second = await serve({ state });
    expect(second.descriptor.carriers).toEqual(first.descriptor.carriers);
    expect(readFileSync(second.descriptor.ca, 'utf8')).toBe(ca);
    const again = phone(second.descriptor, 'bob', 'tls');
    expect(await again.register()).toBe(200);
    await until(() => again.deliveries.has('Mx-kept'), 'what waited is delivered');
  });

  test('keeps nothing of a message that every device took, and its files to its owner', async () => {
    const state = folder();
    const server = await serve({ state });
    const [alice, bob] = ['alice', 'bob'].map((name) => phone(server.descriptor, name, 'udp'));
    expect([await alice!.register(), await bob!.register()]).toEqual([200, 200]);
    expect(await alice!.text(numberOf(server.descriptor, 'bob'), 'Mx-gone', NOW)).toBe(202);
    await until(() => bob!.deliveries.has('Mx-gone'), 'bob gets it');
    await server.stop();
    const db = new DatabaseSync(join(state, 'state.sqlite'));
    const keys = db
      .prepare("SELECT key FROM entry WHERE key LIKE 'A/%'")
      .all()
      .map((row) => row['key'] as string);
    db.close();
    expect(keys.filter((key) => key.startsWith('A/message/'))).toEqual([]);
    expect(keys.some((key) => key.startsWith('A/recent/'))).toBe(true);
    for (const file of ['served.json', 'ca.pem']) expect(statSync(join(state, file)).mode & 0o077).toBe(0);
  });

  test('records what passes as a trace, without passwords and digest responses', async () => {
    const record = folder();
    const server = await serve({ record });
    const alice = phone(server.descriptor, 'alice', 'tls');
    expect(await alice.register()).toBe(200);
    expect(await alice.text(numberOf(server.descriptor, 'bob'), 'Mx-r', NOW)).toBe(202);
    await server.stop();
    const text = readFileSync(join(record, 'trace.jsonl'), 'utf8');
    const trace = parseTrace(text);
    expect(trace[0]).toMatchObject({ kind: 'world', caseId: 'served' });
    const frames = trace.flatMap((entry) =>
      entry.kind === 'frame' && entry.bytes ? [JSON.stringify(entry.bytes)] : [],
    );
    expect(frames.some((frame) => frame.includes('MESSAGE tel:'))).toBe(true);
    expect(frames.some((frame) => /response=\\"\*{64}\\"/.test(frame))).toBe(true);
    expect(text).not.toMatch(/response=\\\\?"[0-9a-f]{32}/);
    expect(text).not.toContain('parley-alice');
  });

  test('leaves nothing open when a port is taken, and says which', async () => {
    const first = await serve();
    const taken = first.descriptor.carriers[0]!.sip.find(({ transport }) => transport === 'tcp')!.port;
    await expect(serve({ portBase: taken })).rejects.toMatchObject({ code: 'port-in-use' });
    const state = folder();
    await expect(serve({ portBase: taken, state })).rejects.toThrow(String(taken));
    const second = await serve({ state });
    expect(await phone(second.descriptor, 'alice', 'tcp').register()).toBe(200);
  });

  test('logs TLS keys only when told so', async () => {
    const keyLog = join(folder(), 'keys');
    const server = await serve({ keyLog });
    expect(await phone(server.descriptor, 'alice', 'tls').register()).toBe(200);
    expect(readFileSync(keyLog, 'utf8')).toMatch(/^CLIENT_TRAFFIC_SECRET_0 [0-9a-f]{64} /m);
    expect(statSync(keyLog).mode & 0o077).toBe(0);
  });
});
