import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { jsonSchemaFiles } from '../../matrix/json-schemas.ts';

const MATRIX = join(import.meta.dirname, '../../matrix');
const KIND = {
  devices: 'device',
  carriers: 'carrier',
  networks: 'network',
  scenarios: 'scenario',
  plans: 'plan',
  canaries: 'canary',
};

test('the JSON Schemas for editors are what the definitions give; else run npx node matrix/write-json-schemas.ts', () => {
  const files = jsonSchemaFiles();
  expect(readdirSync(join(MATRIX, 'json-schemas')).sort()).toEqual([...files.keys()].sort());
  for (const [name, text] of files) {
    const written: unknown = JSON.parse(readFileSync(join(MATRIX, 'json-schemas', name), 'utf8'));
    expect(written, name).toEqual(JSON.parse(text));
  }
});

test.each(Object.entries(KIND))('every file in %s names the schema of a %s', (folder, kind) => {
  for (const file of globSync(`${folder}/*.yaml`, { cwd: MATRIX })) {
    const [first] = readFileSync(join(MATRIX, file), 'utf8').split('\n');
    expect(first, file).toBe(`# yaml-language-server: $schema=../json-schemas/${kind}.schema.json`);
  }
});
