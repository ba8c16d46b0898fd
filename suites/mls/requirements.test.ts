import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MlsError, type RequirementId, requirements } from '../../stack/mls/index.ts';
import { requirementTable, tablePath, testsByRequirement, untested } from './write-requirements.ts';

const folder = join(import.meta.dirname, '../../stack/mls');
const sources = readdirSync(folder)
  .filter((name) => name.endsWith('.ts') && name !== 'requirements.ts')
  .map((name) => readFileSync(join(folder, name), 'utf8'))
  .join('\n');
const tests = testsByRequirement();

describe('the table of requirements', () => {
  it.each(Object.keys(requirements) as RequirementId[])(
    '%s is enforced, tested and names its section',
    (id) => {
      expect(sources, `enforced in ${folder}`).toContain(`'${id}'`);
      expect(id.startsWith(`RFC9420-${requirements[id].section}-`)).toBe(true);
      expect(tests.get(id) ?? untested[id], 'a test that expects it, or the reason for none').toBeDefined();
    },
  );

  it('is current: write it by `npx node suites/mls/write-requirements.ts`', () => {
    expect(readFileSync(tablePath, 'utf8')).toBe(requirementTable());
  });

  it('is what an error refers to', () => {
    const error = new MlsError('RFC9420-12.2-2', 'leaf 0', 'Remove.removed');
    expect(error).toMatchObject({ requirement: 'RFC9420-12.2-2', section: '12.2', field: 'Remove.removed' });
    expect(error.message).toBe(
      'RFC9420-12.2-2 (RFC 9420 section 12.2): a committer does not remove itself; leaf 0',
    );
  });
});
