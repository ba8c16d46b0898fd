import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Store } from '../../stack/platform.ts';

/** `Parl`, so that `file` and we know whose database it is. */
const APPLICATION_ID = 0x50_61_72_6c;
/** Of the table, and of what carriers keep in it (emulators/carrier/state/keys.ts). */
export const SCHEMA_VERSION = 1;

/** The file is no store of ours, of a later Parley, or in use. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

/**
 * Durable bytes by key in one SQLite file. What is written in one turn of the event loop is one transaction, committed
 * at its end; `whenDurable` holds back what may not be seen before. A process that is killed at any point leaves the
 * state of the last commit. (A machine that loses power may lose the last commits, never the file: the log is not
 * synced at each.) A commit that fails, as on a full disk, ends the process: nothing that it held back leaves.
 */
export class SqliteStore implements Store {
  readonly #db: DatabaseSync;
  readonly #get: StatementSync;
  readonly #set: StatementSync;
  readonly #delete: StatementSync;
  readonly #keys: StatementSync;
  #waiting: (() => void)[] = [];
  #isPending = false;
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
  }

  get(key: string): Uint8Array | undefined {
    const row = this.#get.get(key);
    return row === undefined ? undefined : new Uint8Array(row['value'] as Uint8Array);
  }

  set(key: string, value: Uint8Array): void {
    this.#begin();
    this.#set.run(key, value);
  }

  delete(key: string): void {
    this.#begin();
    this.#delete.run(key);
  }

  keys(prefix: string): string[] {
    // Keys are ASCII: the highest code unit ends the range.
    return this.#keys.all(prefix, `${prefix}\uffff`).map((row) => row['key'] as string);
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
    this.#db.exec('COMMIT');
    this.#isPending = false;
    this.#letGo();
  }

  /** Commits and closes. */
  close(): void {
    while (this.#isPending) this.commit();
    this.#db.close();
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

  #begin(): void {
    if (this.#isPending) return;
    this.#db.exec('BEGIN IMMEDIATE');
    this.#isPending = true;
    setImmediate(() => this.commit());
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
      COMMIT;`);
    return db;
  } catch (error) {
    db.close();
    if (error instanceof StoreError) throw error;
    throw new StoreError(`${file}: ${(error as Error).message}`);
  }
}
