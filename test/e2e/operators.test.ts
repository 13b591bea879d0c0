import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeDashboardService } from '../support/cli.ts';

it('operators are added with a password from the input, listed and removed, and the audit tells of it', async () => {
  const { run, start, folder } = await makeDashboardService();
  const env = { OPERATORS_FILE: 'operators.yaml' };
  const add = async (name: string, password: string, ...more: string[]) => {
    const running = start(['operators', 'add', name, ...more], env);
    running.child.stdin?.end(`${password}\n`);
    return running.ended;
  };
  expect(await run(['operators', 'list'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('OPERATORS_FILE is not set'),
  });
  expect(await add('Iva', 'too short')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('at least 12 characters'),
  });
  expect(await add('Iva', 'correct horse battery', '--role', 'admin')).toMatchObject({ code: 0 });
  expect(await add('Ota', 'correct horse battery')).toMatchObject({
    code: 0,
    stdout: 'Ota may sign in as viewer.\n',
  });
  expect(await run(['operators'], env)).toMatchObject({ stdout: 'admin     Iva\nviewer    Ota\n' });
  const file = join(folder, 'operators.yaml');
  expect(await readFile(file, 'utf8')).not.toContain('horse');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await run(['operators', 'remove', 'Eva'], env)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('There are: Iva, Ota'),
  });
  expect(await run(['operators', 'remove', 'Ota'], env)).toMatchObject({ code: 0 });
  const { stdout } = await run(['audit', '--json']);
  expect(stdout).toContain('operators.remove');
  expect(stdout).not.toContain('horse');
});
