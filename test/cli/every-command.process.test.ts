/** Each command once in a process of its own, as users run it. What commands do is tested within the test process. */

import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { makeWorkspace } from '../support/cli.ts';

const customers = resolve('examples/customers.csv');

/** By the name of the command: arguments with which it ends on its own, and a part of what it prints. */
const runs: Readonly<Record<string, [args: string[], code: number, prints: RegExp]>> = {
  init: [['--card', 'gift'], 2, /--template-id/],
  doctor: [[], 0, /passmachine-token/],
  issue: [['loyalty', customers, '--dry-run'], 1, /would be sent/],
  reissue: [['loyalty', 'absent.csv'], 2, /absent\.csv/],
  update: [['loyalty', 'absent.csv'], 2, /absent\.csv/],
  notify: [['loyalty', 'absent.csv', '--text', 'x'], 2, /absent\.csv/],
  missing: [['loyalty', customers], 0, /have no card/],
  status: [['--json'], 0, /"campaigns":\[\]/],
  pause: [['none'], 2, /none/],
  stop: [['none'], 2, /none/],
  resume: [['none'], 2, /none/],
  reschedule: [['none', '2099-01-01T00:00'], 2, /none/],
  failures: [[], 0, /failure/i],
  retry: [[], 0, /Nothing to retry/],
  resolve: [['--job', 'x', '--create-again'], 1, /x/],
  results: [['none'], 2, /none/],
  find: [['c-1'], 0, /Nothing recorded for c-1/],
  forget: [['c-1', '--yes'], 0, /Nothing was stored about/],
  demo: [['--help'], 0, /sandbox/],
  backup: [['backup.tar'], 0, /backup\.tar/],
  restore: [[], 2, /--declare/],
  reconcile: [['loyalty'], 2, /--accept/],
  up: [['--role', 'none'], 2, /--role/],
  limits: [['--json'], 0, /"inFlight"/],
  vouchers: [[], 0, /voucher/],
  sandbox: [['--fault', 'none'], 2, /none/],
  schedules: [['list', '--json'], 0, /"schedules":\[\]/],
  audit: [['verify'], 0, /No entries yet/],
  operators: [['list'], 2, /OPERATORS_FILE/],
  diff: [['absent.yaml', 'absent.yaml', 'export.csv'], 2, /absent\.yaml/],
  'import-preset': [['absent.txt'], 2, /absent\.txt/],
  completion: [['bash'], 0, /complete -o default -F _passbridge passbridge/],
};

it('runs every command that --help lists', async () => {
  const { run } = await makeWorkspace();
  const { stdout } = await run(['--help']);
  const names = [...stdout.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(([, name = '']) => name);
  expect(Object.keys(runs).toSorted()).toEqual(names.filter((name) => name !== 'help').toSorted());
});

it.each(Object.entries(runs))('%s', async (name, [args, code, prints]) => {
  const { start } = await makeWorkspace();
  const ended = await start([name, ...args]).ended;
  expect([ended.code, ended.stdout + ended.stderr]).toEqual([code, expect.stringMatching(prints)]);
  expect(ended.stderr).not.toMatch(/^ {4}at /m);
});
