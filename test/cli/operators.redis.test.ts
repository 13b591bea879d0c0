import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeWorkspace } from '../support/cli.ts';

it('adds operators with a password from stdin, lists and removes them, and records it in the audit', async () => {
  const { run, folder } = await makeWorkspace();
  const env = { OPERATORS_FILE: 'operators.yaml' };
  const add = (name: string, password: string, ...flags: string[]) =>
    run(['operators', 'add', name, ...flags], env, `${password}\n`);
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
    stderr: expect.stringContaining('Operators: Iva, Ota'),
  });
  expect(await run(['operators', 'remove', 'Ota', '--reason', 'left the team'], env)).toMatchObject({
    code: 0,
  });
  const { stdout } = await run(['audit', '--json']);
  const { entries } = JSON.parse(stdout) as { entries: unknown[] };
  expect(entries[0]).toMatchObject({ action: 'operators.remove', target: 'Ota', reason: 'left the team' });
  expect(stdout).not.toContain('horse');
});

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

it('creates DATA_DIR for its user only if it is the first command', async () => {
  const { run, folder } = await makeWorkspace();
  const dataDir = join(folder, 'new/data');
  const env = { OPERATORS_FILE: 'operators.yaml', DATA_DIR: dataDir };
  const added = await run(['operators', 'add', 'Iva'], env, 'correct horse battery\n');
  expect(added).toMatchObject({ code: 0 });
  expect(await modeOf(dataDir)).toBe(0o700);
  const open = await Promise.all(
    (await readdir(dataDir, { withFileTypes: true })).map(async (entry) => {
      const mode = await modeOf(join(dataDir, entry.name));
      return mode === (entry.isDirectory() ? 0o700 : 0o600) ? [] : [`${entry.name} ${mode.toString(8)}`];
    }),
  );
  expect(open.flat()).toEqual([]);
});
