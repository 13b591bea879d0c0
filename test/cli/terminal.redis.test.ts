/** What commands print where: at a terminal, into a pipe, and several of them within one process. */

import { expect, it } from 'vitest';
import { makeWorkspace } from '../support/cli.ts';
import { runCommand } from '../support/command.ts';

it('prints the same notice in each command', async () => {
  const { run } = await makeWorkspace();
  const first = await run(['status', 'none']);
  expect(first).toMatchObject({ code: 2, stderr: expect.stringContaining('There is no campaign none') });
  expect(await run(['status', 'none'])).toEqual(first);
});

it('prints data visibly at a terminal, and unchanged into a pipe', async () => {
  const { folder, env, run, write } = await makeWorkspace();
  await write(
    'segment.csv',
    'registered,first_name,last_name,email,id\n"c-1\u001b[2J",A,B,a@example.com,1\n',
  );
  const args = ['missing', 'loyalty', 'segment.csv', '--csv'];
  expect((await run(args)).stdout).toContain('c-1\u001b[2J');
  const shown = await runCommand(args, { folder, env, atTerminal: true });
  expect(shown.stdout).toContain('c-1\\u001b[2J');
});

it.each(['n', 'y'])('asks before it erases at a terminal, and takes %s for an answer', async (answer) => {
  const { folder, env } = await makeWorkspace();
  const forget = await runCommand(['forget', 'c-1'], { folder, env, atTerminal: true, input: `${answer}\n` });
  expect([forget.code, forget.stdout]).toEqual([0, expect.stringContaining('Erase it for good? (y/N)')]);
  expect(forget.stdout.includes('Nothing was stored about c-1')).toBe(answer === 'y');
});
