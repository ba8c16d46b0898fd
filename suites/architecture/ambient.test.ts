import { describe, expect, test } from 'vitest';
import { ambientUses } from './support/ambient.ts';
import { sourceFiles } from './support/source-files.ts';

/** The places that make the ports out of what the machine offers. */
const PROVIDERS = [
  /^emulators\/network\/[^/]*(clock|socket)[^/]*\.ts$/,
  /^emulators\/network\/sockets?\//,
  /^harness\/ports\//,
];

test.each(['stack', 'emulators', 'harness'] as const)(
  '%s takes time, chance and the wire from its ports alone',
  (room) => {
    const files = sourceFiles(room).filter(({ path }) => !PROVIDERS.some((provider) => provider.test(path)));
    const uses = files.flatMap(ambientUses).map(({ file, line, what }) => `${file}:${line} uses ${what}`);
    expect(uses, 'see stack/platform.ts for Clock, Random and Network').toEqual([]);
  },
);

describe('what does not come through a port is seen', () => {
  test.each([
    ['Date.now()', 'Date.now'],
    ["Date['now']()", 'Date.now'],
    ['new Date()', 'new Date()'],
    ['String(Date())', 'Date()'],
    ['Math.random()', 'Math.random'],
    ['setTimeout(f, 1)', 'setTimeout'],
    ['const later = setInterval', 'setInterval'],
    ['run({ setImmediate })', 'setImmediate'],
    ['globalThis.setTimeout(f)', 'globalThis.setTimeout'],
    ['AbortSignal.timeout(5)', 'AbortSignal.timeout'],
    ['performance.now()', 'performance'],
    ['process.hrtime.bigint()', 'process.hrtime'],
    ['crypto.getRandomValues(a)', 'crypto.getRandomValues'],
    ['p256.utils.randomSecretKey()', '.randomSecretKey'],
    ["import { randomBytes } from 'node:crypto'", 'randomBytes of node:crypto'],
    ["import net from 'node:net'", 'node:net'],
    ["import { setTimeout as wait } from 'node:timers/promises'", 'node:timers/promises'],
    ["await fetch('http://x')", 'fetch'],
  ])('%s', (text, what) => {
    expect(ambientUses({ path: 'stack/x.ts', text }).map((use) => use.what)).toEqual([what]);
  });

  test.each([
    'new Date(clock.now())',
    'Date.UTC(2026, 1)',
    'network.fetch(request)',
    'class A { fetch(request: Request) { return this.network.fetch(request); } }',
    'interface N { fetch(request: Request): Promise<Response> }',
    'const { fetch } = network; fetch(r);',
    'function run(fetch: F) { fetch(r); }',
    '// Math.random() and setTimeout',
    "const text = 'Date.now()';",
    "import { createHash } from 'node:crypto'",
  ])('%s is fine', (text) => {
    expect(ambientUses({ path: 'stack/x.ts', text })).toEqual([]);
  });
});
