/** The first steps of a new user on the command line, in an empty folder, with the sandbox in a process of its own. */

import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { printed } from '../support/cli.ts';
import { flagsOf, newUser, outputOf, secrets } from '../support/new-user.ts';

const example = resolve('examples/cards/loyalty.csv');

it('the first run goes from an empty folder to cards', async () => {
  const { folder, start, bare, run, doctor, write } = await newUser({}, []);
  const sandbox = start(['sandbox', '--port', '0', '--latency', '0'], bare);
  await printed(sandbox, /Ctrl-C stops the sandbox/);
  const settings = Object.fromEntries(
    [...sandbox.stdout().matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
  );

  const first = await run(flagsOf(settings));
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(first.stdout).toContain('passbridge issue loyalty export.csv --dry-run');
  expect(outputOf(first)).not.toMatch(secrets);
  expect((await stat(join(folder, '.env'))).mode & 0o777).toBe(0o600);

  await write('export.csv', await readFile(example));
  const checked = await doctor('--file', 'export.csv');
  expect(checked.code).toBe(0);
  const problems = checked.findings.filter(({ level }) => level !== 'ok');
  expect(problems).toEqual([]);
  expect(outputOf(checked)).not.toMatch(secrets);

  const previewed = await run(['issue', 'loyalty', 'export.csv', '--dry-run']);
  expect(previewed.stdout).toContain('Nothing was sent.');
  const witnessed = async () => (await fetch(`${settings['PASSMACHINE_URL']}/_sandbox/passes`)).json();
  expect(await witnessed()).toEqual([]);

  expect(await run(['issue', 'loyalty', 'export.csv'])).toMatchObject({ code: 0 });
  expect(await witnessed()).toHaveLength(6);
  sandbox.child.kill('SIGINT');
  expect((await sandbox.ended).code).toBe(0);
});
