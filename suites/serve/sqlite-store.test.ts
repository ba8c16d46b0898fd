import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MemoryStore } from '../../emulators/network/memory-store.ts';
import { SCHEMA_VERSION, SqliteStore, StoreError } from '../../harness/ports/sqlite-store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-store-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const bytes = (text: string) => new TextEncoder().encode(text);
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('the store in SQLite', () => {
  test('does what the store in memory does, whatever is done to both', () => {
    const key = fc.constantFrom('a/1', 'a/2', 'a', 'b/%2B1', 'b/2', 'a~', 'ab');
    const step = fc.oneof(
      fc.record({ set: key, value: fc.uint8Array({ maxLength: 8 }) }),
      fc.record({ delete: key }),
      fc.record({ keys: fc.constantFrom('', 'a', 'a/', 'b/', 'c') }),
      fc.record({ get: key }),
    );
    let files = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const ours = new SqliteStore(join(folder, `s${files++}`));
        const model = new MemoryStore();
        for (const each of steps) {
          if ('set' in each) for (const store of [ours, model]) store.set(each.set, each.value);
          else if ('delete' in each) for (const store of [ours, model]) store.delete(each.delete);
          else if ('get' in each) expect(ours.get(each.get)).toEqual(model.get(each.get));
          else expect(ours.keys(each.keys)).toEqual(model.keys(each.keys));
        }
        ours.close();
      }),
      { numRuns: 50 },
    );
  });

  test('lets nothing be seen that is not committed, and keeps the order of what waited', async () => {
    const file = join(folder, 's');
    const store = new SqliteStore(file);
    const seen: string[] = [];
    store.whenDurable(() => seen.push('nothing was pending'));
    store.set('k', bytes('v'));
    store.whenDurable(() => {
      seen.push('first');
      store.set('k2', bytes('v2'));
    });
    store.whenDurable(() => seen.push('second, which waits for k2'));
    expect(seen).toEqual(['nothing was pending']);
    store.commit();
    expect(seen).toEqual(['nothing was pending', 'first']);
    await turn();
    await turn();
    expect(seen).toEqual(['nothing was pending', 'first', 'second, which waits for k2']);
    store.close();
  });

  test('a killed process leaves what it let be seen, and none of what it had not committed', () => {
    const file = join(folder, 's');
    const module = new URL('../../harness/ports/sqlite-store.ts', import.meta.url).href;
    const script = `
      const { SqliteStore } = await import(${JSON.stringify(module)});
      const store = new SqliteStore(${JSON.stringify(file)});
      store.set('seen', new Uint8Array([1]));
      store.whenDurable(() => {
        store.set('unseen', new Uint8Array([2]));
        process.kill(process.pid, 'SIGKILL');
      });
      setInterval(() => {}, 1000);`;
    const killed = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
    expect(killed.signal).toBe('SIGKILL');
    const store = new SqliteStore(file);
    expect([store.get('seen'), store.get('unseen')]).toEqual([Uint8Array.of(1), undefined]);
    store.close();
  });

  test('refuses a file that another process has open, is of a later version, or is none', () => {
    const file = join(folder, 's');
    const store = new SqliteStore(file);
    expect(() => new SqliteStore(file)).toThrow(StoreError);
    store.close();
    const later = new DatabaseSync(file);
    later.exec(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
    later.close();
    expect(() => new SqliteStore(file)).toThrow(/later Parley: version 3, this one knows 2/);
    const other = new DatabaseSync(join(folder, 'other'));
    other.exec('CREATE TABLE t (a)');
    other.close();
    expect(() => new SqliteStore(join(folder, 'other'))).toThrow(/no state of Parley/);
    writeFileSync(join(folder, 'text'), 'x'.repeat(5_000));
    expect(() => new SqliteStore(join(folder, 'text'))).toThrow(StoreError);
  });
});
