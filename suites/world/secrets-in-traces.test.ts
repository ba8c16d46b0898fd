import { describe, expect, it } from 'vitest';
import { redactHttp } from '../../harness/world/redact.ts';
import { runCase } from '../../harness/world/run-case.ts';
import { expandPlan, loadMatrix, named } from '../../matrix/index.ts';
import { writeTrace } from '../../reports/trace-lines.ts';

const matrix = loadMatrix();
const { cells } = expandPlan(matrix, named(matrix.plans, 'smoke', 'plan'));

describe('a trace holds no secret', () => {
  it.each(cells.map((cell) => [cell.id, cell] as const))('%s', async (_, cell) => {
    const text = writeTrace((await runCase(cell)).trace);
    expect(text).not.toMatch(/password of/);
    expect(text).not.toMatch(/bearer [^*]/i);
    expect(text).not.toMatch(/UserPwd\\" value=\\"[^*]/);
    expect(text).not.toMatch(/kds-token\\" value=\\"[^*]/);
    expect(text).not.toMatch(/\\ncookie: [^=]+=[^*]/i);
  });
});

it('masks as many characters as it hides, and nothing else', () => {
  const head =
    'POST / HTTP/1.1\r\nauthorization: Bearer abc.def\r\ncookie: acs=4f1c; other\r\ncontent-length: 9\r\n\r\n';
  const body = '<parm name="UserPwd" value="s3cret"/><parm name="version" value="7"/>';
  expect(redactHttp(head + body)).toBe(
    'POST / HTTP/1.1\r\nauthorization: Bearer *******\r\ncookie: acs=****; other\r\ncontent-length: 9\r\n\r\n' +
      '<parm name="UserPwd" value="******"/><parm name="version" value="7"/>',
  );
});
