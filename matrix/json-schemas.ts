import { z } from 'zod';
import { FOLDERS } from './load.ts';
import { caseSchema } from './schema/case.ts';
import { expectationsSchema, knownFailuresSchema } from './schema/plan.ts';

const SCHEMAS: Readonly<Record<string, { readonly title: string; readonly schema: z.ZodType }>> = {
  device: { title: 'Parley device', schema: FOLDERS.devices.schema },
  engine: { title: 'Parley MLS engine', schema: FOLDERS.engines.schema },
  carrier: { title: 'Parley carrier', schema: FOLDERS.carriers.schema },
  network: { title: 'Parley network', schema: FOLDERS.networks.schema },
  policy: { title: 'Parley enterprise policy', schema: FOLDERS.policies.schema },
  scenario: { title: 'Parley scenario', schema: FOLDERS.scenarios.schema },
  plan: { title: 'Parley plan', schema: FOLDERS.plans.schema },
  drill: { title: 'Parley drill', schema: FOLDERS.drills.schema },
  canary: { title: 'Parley canary', schema: FOLDERS.canaries.schema },
  expectations: { title: 'Parley decision table', schema: expectationsSchema },
  'known-failures': { title: 'Parley known failures', schema: knownFailuresSchema },
  case: { title: 'Parley case', schema: caseSchema },
};

/** File name -> JSON Schema (draft 2020-12) text, for editors; from the definitions that `loadMatrix` validates with. */
export function jsonSchemaFiles(): ReadonlyMap<string, string> {
  const files = Object.entries(SCHEMAS).map(([name, { title, schema }]): [string, string] => {
    const json = z.toJSONSchema(schema, { io: 'input' });
    return [`${name}.schema.json`, `${JSON.stringify({ title, ...json }, null, 2)}\n`];
  });
  return new Map(files);
}
