#!/usr/bin/env node
/**
 * Runs a script on Node 24, whatever Node started this: `node harness/launch.mjs SCRIPT ARGS...`. Plain JavaScript for
 * Nodes that can't run TypeScript; they hand over to the Node that came with the dependencies.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const WANTED = [24, 21];

export async function launch(script, args) {
  const path = resolve(ROOT, script);
  if (isNewEnough(process.versions.node)) {
    process.argv = [process.argv[0], path, ...args];
    await import(pathToFileURL(path).href);
    return;
  }
  const node = broughtNode();
  if (node === undefined) {
    process.stderr.write(
      `Parley needs Node ${WANTED.join('.')} or newer; this is ${process.version}, and npm brought none for ` +
        `${process.platform}-${process.arch}. Install Node 24 and try again.\n`,
    );
    process.exitCode = 64;
    return;
  }
  const child = spawn(node, [path, ...args], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both: the child decides what to do about it, this process only outlives it.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === null ? 1 : 130);
  });
}

function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > WANTED[0] || (major === WANTED[0] && minor >= WANTED[1]);
}

/** The optional dependency for this platform: npm links its `node` only where no other one stood in the way. */
function broughtNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const binary = process.platform === 'win32' ? 'node.exe' : 'node';
  const path = join(ROOT, 'node_modules', `node-${platform}-${process.arch}`, 'bin', binary);
  return existsSync(path) ? path : undefined;
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [script, ...args] = process.argv.slice(2);
  if (script === undefined) {
    process.stderr.write('launch: name a script to run\n');
    process.exitCode = 64;
  } else await launch(script, args);
}
