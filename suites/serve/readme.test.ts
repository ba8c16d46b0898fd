/** The lines of README that attach others' software to a served carrier, run as they stand there. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { hasProgram } from '../external-program.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const SECTION = /^## Attach anything that speaks SIP\n(.*?)^## /ms.exec(README)![1]!;

/** The lines of a code block of the section. */
function block(language: 'sh' | 'js'): string[] {
  const text = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'ms').exec(SECTION)![1]!;
  return text.trimEnd().split('\n');
}

/** What a command has written so far; a terminal of its own. */
class Terminal {
  text = '';
  readonly #process: ChildProcess;
  readonly #looks = new Set<() => void>();

  constructor(line: string, env: NodeJS.ProcessEnv = {}) {
    // In a group of its own: the line's command is the child of a shell and of npx.
    this.#process = spawn('bash', ['-c', line], {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    for (const stream of [this.#process.stdout!, this.#process.stderr!]) {
      stream.on('data', (text: Buffer) => {
        this.text += text.toString();
        for (const look of this.#looks) look();
      });
    }
    this.#process.on('exit', () => {
      for (const look of this.#looks) look();
    });
    onTestFinished(() => this.#end());
  }

  shows(wanted: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (this.text.includes(wanted)) resolve();
        else if (this.#process.exitCode !== null)
          reject(new Error(`it ended without "${wanted}": ${this.text}`));
        else return;
        this.#looks.delete(look);
      };
      this.#looks.add(look);
      look();
    });
  }

  async #end(): Promise<void> {
    const { pid, exitCode } = this.#process;
    if (exitCode !== null || pid === undefined) return;
    const gone = new Promise((resolve) => this.#process.once('close', resolve));
    process.kill(-pid, 'SIGTERM');
    await gone;
  }
}

/** The first two lines are to stand in terminals of their own. */
async function servedWithBob(): Promise<{ readonly rest: readonly string[]; readonly bob: Terminal }> {
  const [serve, phone, ...rest] = block('sh');
  await new Terminal(serve!).shows('Status page');
  const bob = new Terminal(phone!);
  await bob.shows('is registered');
  return { rest, bob };
}

describe('README: attach anything that speaks SIP', () => {
  test('takes five lines each', () => {
    expect([block('sh').length, block('js').length]).toEqual([5, 5]);
  });

  test.runIf(hasProgram('sipp', 'sip-tester'))('SIPp registers and sends a text to the phone', async () => {
    const { rest, bob } = await servedWithBob();
    await promisify(execFile)('bash', ['-euc', rest.join('\n')], { cwd: ROOT });
    await bob.shows('+999900100001 [plain] hello from SIPp');
  });

  test('JsSIP registers over WSS and sends a text to the phone', async () => {
    const { bob } = await servedWithBob();
    const folder = join(ROOT, 'out/readme');
    mkdirSync(folder, { recursive: true });
    const script = join(folder, 'attach.mjs');
    writeFileSync(script, block('js').join('\n'));
    new Terminal(`exec ${process.execPath} ${script}`, { NODE_EXTRA_CA_CERTS: 'out/serve/ca.pem' });
    await bob.shows('+999900100001 [plain] hello from JsSIP');
  });
});
