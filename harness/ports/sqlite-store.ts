import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Store } from '../../stack/platform.ts';
import { type Changes, readChanges, writeChanges } from './changes-record.ts';

/** `Parl`, so that `file` and we know whose database it is. */
const APPLICATION_ID = 0x50_61_72_6c;
/** Of the tables, and of what carriers keep in it (emulators/carrier/state/keys.ts). */
export const SCHEMA_VERSION = 2;

/** The file is no store of ours, of a later Parley, or in use. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

/** Changes that wait in the journal before they become entries. */
const MOST_JOURNALED = 2_000;

/**
 * Durable bytes by key in one SQLite file. What is written in one turn of the event loop is one row of a journal,
 * committed at its end; `whenDurable` holds back what may not be seen before. Now and then the journal becomes entries:
 * what was written and deleted in the meantime, as most messages are, never does. A process that is killed at any point
 * leaves the state of the last commit. (A machine that loses power may lose the last commits, never the file: the log is
 * not synced at each.) A commit that fails, as on a full disk, ends the process: nothing that it held back leaves.
 */
export class SqliteStore implements Store {
  readonly #db: DatabaseSync;
  readonly #get: StatementSync;
  readonly #set: StatementSync;
  readonly #delete: StatementSync;
  readonly #keys: StatementSync;
  readonly #write: StatementSync;
  /** Of this turn: not durable yet. */
  #turn: Changes = new Map();
  /** In the journal and no entries yet. */
  readonly #journaled: Changes = new Map();
  #waiting: (() => void)[] = [];
  #isLettingGo = false;

  /** Throws StoreError. Creates the file when there is none. */
  constructor(file: string) {
    this.#db = opened(file);
    this.#get = this.#db.prepare('SELECT value FROM entry WHERE key = ?');
    this.#set = this.#db.prepare(
      'INSERT INTO entry VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    );
    this.#delete = this.#db.prepare('DELETE FROM entry WHERE key = ?');
    this.#keys = this.#db.prepare('SELECT key FROM entry WHERE key >= ? AND key < ? ORDER BY key');
    this.#write = this.#db.prepare('INSERT INTO journal (changes) VALUES (?)');
    for (const row of this.#db.prepare('SELECT changes FROM journal ORDER BY turn').all()) {
      readChanges(row['changes'] as Uint8Array, this.#journaled);
    }
    this.#makeEntries();
  }

  get(key: string): Uint8Array | undefined {
    for (const changes of [this.#turn, this.#journaled]) {
      if (changes.has(key)) return changes.get(key)?.slice();
    }
    const row = this.#get.get(key);
    return row === undefined ? undefined : new Uint8Array(row['value'] as Uint8Array);
  }

  set(key: string, value: Uint8Array): void {
    this.#change(key, value.slice());
  }

  delete(key: string): void {
    this.#change(key, undefined);
  }

  keys(prefix: string): string[] {
    // Keys are ASCII: the highest code unit ends the range.
    const found = new Set(this.#keys.all(prefix, `${prefix}\uffff`).map((row) => row['key'] as string));
    for (const changes of [this.#journaled, this.#turn]) {
      for (const [key, value] of changes) {
        if (value === undefined) found.delete(key);
        else if (key.startsWith(prefix)) found.add(key);
      }
    }
    return [...found].sort();
  }

  /**
   * Runs `act` when all that was written before is committed: at once, or at the end of this turn. Acts keep their order,
   * and none overtakes one that waits.
   */
  whenDurable(act: () => void): void {
    if (this.#isPending || this.#isLettingGo) this.#waiting.push(act);
    else act();
  }

  /** Commits what is pending now, and lets what waited for it go. */
  commit(): void {
    if (!this.#isPending) return;
    this.#write.run(writeChanges(this.#turn));
    for (const [key, value] of this.#turn) this.#journaled.set(key, value);
    this.#turn = new Map();
    this.#letGo();
    if (this.#journaled.size > MOST_JOURNALED) this.#makeEntries();
  }

  /** Commits and closes. */
  close(): void {
    while (this.#isPending) this.commit();
    this.#makeEntries();
    this.#db.close();
  }

  get #isPending(): boolean {
    return this.#turn.size > 0;
  }

  /** What an act writes begins the next transaction, and the acts behind it wait for that one. */
  #letGo(): void {
    this.#isLettingGo = true;
    const acts = this.#waiting;
    this.#waiting = [];
    let done = 0;
    while (done < acts.length && !this.#isPending) acts[done++]!();
    this.#waiting = [...acts.slice(done), ...this.#waiting];
    this.#isLettingGo = false;
    if (!this.#isPending && this.#waiting.length > 0) this.#letGo();
  }

  #change(key: string, value: Uint8Array | undefined): void {
    if (!this.#isPending) setImmediate(() => this.commit());
    this.#turn.set(key, value);
  }

  #makeEntries(): void {
    if (this.#journaled.size === 0) return;
    this.#db.exec('BEGIN IMMEDIATE');
    for (const [key, value] of this.#journaled) {
      if (value === undefined) this.#delete.run(key);
      else this.#set.run(key, value);
    }
    this.#db.exec('DELETE FROM journal; COMMIT');
    this.#journaled.clear();
  }
}

function opened(file: string): DatabaseSync {
  const db = new DatabaseSync(file);
  try {
    const number = (pragma: string) => Number(Object.values(db.prepare(`PRAGMA ${pragma}`).get()!)[0]);
    const [id, version] = [number('application_id'), number('user_version')];
    const isNew = db.prepare('SELECT count(*) AS n FROM sqlite_schema').get()!['n'] === 0;
    if (!isNew && id !== APPLICATION_ID) throw new StoreError(`${file} is no state of Parley`);
    if (version > SCHEMA_VERSION) {
      throw new StoreError(
        `${file} is of a later Parley: version ${version}, this one knows ${SCHEMA_VERSION}`,
      );
    }
    // One process at a time: the lock is held until close, and is gone when the process is.
    db.exec(`
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA journal_size_limit = 67108864;
      BEGIN EXCLUSIVE;
      PRAGMA application_id = ${APPLICATION_ID};
      PRAGMA user_version = ${SCHEMA_VERSION};
      CREATE TABLE IF NOT EXISTS entry (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS journal (turn INTEGER PRIMARY KEY, changes BLOB NOT NULL) STRICT;
      COMMIT;`);
    return db;
  } catch (error) {
    db.close();
    if (error instanceof StoreError) throw error;
    throw new StoreError(`${file}: ${(error as Error).message}`);
  }
}
