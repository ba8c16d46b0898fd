import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonSchemaFiles } from './json-schemas.ts';

/** `npx node matrix/write-json-schemas.ts` writes matrix/json-schemas/ anew after a change of a schema; `npm run format` then lays it out. */
const folder = join(import.meta.dirname, 'json-schemas');
mkdirSync(folder, { recursive: true });
for (const [name, text] of jsonSchemaFiles()) writeFileSync(join(folder, name), text);
