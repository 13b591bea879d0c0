/**
 * Every block of shell commands in README.md, CONTRIBUTING.md and docs/ is typed into a shell as it is printed, or says
 * here why not. A block that is in neither list fails.
 */

import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseFaultRule } from '../../src/sandbox/fault-rule.ts';
import { printed } from '../support/cli.ts';
import { goodCustomers } from '../support/customers.ts';
import { blocksOf, pages, shellBlocksBelow } from '../support/documented.ts';
import { openTypedShell } from '../support/typed-shell.ts';

const CI = 'is run by CI as printed';
const INSTALLS = 'installs packages and services for the whole machine';

/** Blocks that cannot be typed here, or are typed elsewhere: page, heading, how many, and the reason. */
const excluded: readonly (readonly [string, string, number, string])[] = [
  ['README.md', 'passbridge', 3, `${CI} (.ci/run), and by test/release from the package`],
  ['CONTRIBUTING.md', 'Contributing', 1, CI],
  ['docs/deployment.md', 'Releases', 4, 'is typed by test/deploy/releases.process.test.ts'],
  ['docs/deployment.md', 'PM2', 3, 'is typed by test/deploy/releases.process.test.ts'],
  ['docs/deployment.md', 'systemd', 3, `${INSTALLS}; test/deploy/systemd.process.test.ts runs the units`],
  ['docs/deployment.md', 'Docker and Compose', 2, 'needs Docker; test/deploy replays the files without it'],
  [
    'docs/deployment.md',
    'Kubernetes',
    1,
    'needs a cluster; test/deploy/kubernetes.process.test.ts checks the files',
  ],
  ['docs/platforms.md', 'The private Redis', 1, 'needs Docker'],
  ['docs/performance.md', 'Performance', 1, 'measures for minutes on an idle machine'],
  ['docs/sources.md', 'The host key of an SFTP server', 1, 'asks a server on the internet'],
];

/** Blocks that a test below types. */
const typed = {
  readme: ['README.md', 'With your own account'],
  firstRun: ['docs/first-run.md', 'The first run'],
  campaigns: ['docs/campaigns.md', 'Campaigns'],
  diff: ['docs/campaigns.md', 'Changes of the programs file'],
  audit: ['docs/audit.md', 'Detecting manipulation'],
  operators: ['docs/dashboard.md', 'Access'],
  api: ['docs/dashboard.md', 'API'],
  backups: ['docs/deployment.md', 'Backups'],
  preset: ['docs/import-preset.md', 'From a webhook preset to a program'],
  unknown: ['docs/operations.md', 'Some outcomes are unknown'],
  source: ['docs/sources.md', 'Sources of exports'],
  missing: ['docs/sources.md', 'Missing cards'],
} as const;

/** Debian has both; a slim image may lack curl. */
const lacks = (program: string) => spawnSync(program, ['--version']).status !== 0;

/** Returns the only block below a heading. */
function block(name: keyof typeof typed): string {
  const [page, heading] = typed[name];
  const [commands = '', ...more] = shellBlocksBelow(page, heading);
  if (more.length > 0) throw new Error(`${page} has several blocks below "${heading}"`);
  return commands;
}

/** A folder with a program and an export of three customers without a card. */
async function openConfigured(customers = 3) {
  const shell = await openTypedShell({});
  await copyFile('examples/programs.yaml', join(shell.folder, 'programs.yaml'));
  await shell.write('export.csv', goodCustomers(customers));
  return shell;
}

describe('the commands as printed', () => {
  it.skipIf(lacks('script')).each(['readme', 'firstRun'] as const)(
    'go from an empty folder to cards (%s)',
    async (name) => {
      const { folder, settings, sandbox, type } = await openTypedShell({ isConfigured: false });
      await copyFile('examples/cards/loyalty.csv', join(folder, 'export.csv'));
      const [init = '', ...others] = block(name).split(/\n(?!\s+#)/);
      const { PASSMACHINE_URL = '', PASSMACHINE_ACCOUNT_ID = '', BLOOMREACH_URL = '' } = settings;
      const answers = [
        PASSMACHINE_URL,
        PASSMACHINE_ACCOUNT_ID,
        settings['PASSMACHINE_PUBLIC_TOKEN'] ?? '',
        settings['PASSMACHINE_SECRET_TOKEN'] ?? '',
        't-1',
        'loyalty',
        BLOOMREACH_URL,
        settings['BLOOMREACH_PROJECT_TOKEN'] ?? '',
        settings['BLOOMREACH_API_KEY_ID'] ?? '',
        settings['BLOOMREACH_API_SECRET'] ?? '',
      ];
      const first = await type(init, { answers });
      expect(first, first.output).toMatchObject({ code: 0, output: expect.stringContaining('Wrote .env') });
      const rest = await type(`set -e\n${others.join('\n')}`);
      expect(rest, rest.output).toMatchObject({ code: 0 });
      expect(rest.output).toMatch(/Nothing was sent\.[^]+done +6/);
      expect(sandbox.passes.size).toBe(6);
    },
    240_000,
  );

  it('preview and start a campaign', async () => {
    const commands = block('campaigns');
    const { sandbox, type } = await openConfigured();
    const { code, output } = await type(`set -e\n${commands}`);
    expect([code, output]).toEqual([0, expect.stringMatching(/Nothing was sent\.[^]+done +3/)]);
    expect(sandbox.passes.size).toBe(3);
  }, 240_000);

  it('keep the head of the audit log, and compare with it', async () => {
    const commands = block('audit');
    const { folder, type } = await openConfigured();
    await type('passbridge issue loyalty export.csv');
    const [keep = '', compare = ''] = commands.split('\n');
    const kept = await type(keep, { fillIn: { '/mnt/elsewhere': folder } });
    expect(kept.code).toBe(0);
    const log = await readFile(join(folder, 'audit-heads.log'), 'utf8');
    const [, head = ''] = /Head: ([0-9a-f]{64})/.exec(log) ?? [];
    const compared = await type(compare, { fillIn: { '5f0c…': head } });
    expect([compared.code, compared.output]).toEqual([0, expect.stringContaining('unbroken')]);
  }, 240_000);

  it('add, list and remove an operator', async () => {
    const commands = block('operators');
    const { type } = await openConfigured();
    const { code, output } = await type(`set -e\n${commands}`, { input: 'twelve characters\n' });
    expect([code, output]).toEqual([0, expect.stringMatching(/operator +Iva/)]);
  }, 240_000);

  it.skipIf(lacks('curl'))(
    'read failures by the API, and retry a cause',
    async () => {
      const commands = block('api');
      const { folder, sandbox, start, type } = await openConfigured();
      const fault = parseFaultRule('create:422x1');
      if (fault.ok) sandbox.faults.add(fault.rule);
      await type('passbridge issue loyalty export.csv');
      const OPERATORS_FILE = join(folder, 'operators.yaml');
      const input = 'twelve characters\n';
      await type('passbridge operators add Iva --role operator', { input, env: { OPERATORS_FILE } });
      const [, url = ''] = await printed(
        start(['up', '--role', 'web'], { OPERATORS_FILE }),
        /up at (http\S+)/,
      );
      const fillIn = { 'https://cards.example.com': url, 'Iva:…': "'Iva:twelve characters'" };
      const { code, output } = await type(commands, { fillIn });
      expect(code).toBe(0);
      expect(output).toMatch(/PM_REFUSED[^]+"id":/);
      expect(output).not.toContain('"error"');
    },
    240_000,
  );

  it('make a backup and restore it', async () => {
    const commands = block('backups');
    const { folder, run, type } = await openConfigured();
    const backups = join(folder, 'backups');
    await mkdir(backups);
    // Private Redis servers of its own: `restore` needs an empty folder.
    const before = { DATA_DIR: join(folder, 'data') };
    const after = { DATA_DIR: join(folder, 'restored') };
    expect((await type('passbridge issue loyalty export.csv', { env: before })).code).toBe(0);
    const [backup = '', restore = ''] = commands.split('\n');
    const made = await type(backup, { fillIn: { '/backups': backups }, env: before });
    expect(made, made.output).toMatchObject({ code: 0 });
    const today = new Date().toISOString().slice(0, 10);
    const restored = await type(restore, {
      fillIn: { '/backups': backups, '2026-11-30': today },
      env: after,
    });
    expect(restored, restored.output).toMatchObject({ code: 0 });
    expect((await run(['status'], after)).stdout).toMatch(/done +3/);
  }, 240_000);

  it('compare two versions of the programs file', async () => {
    const { folder, type, write } = await openConfigured();
    const before = await readFile(join(folder, 'programs.yaml'), 'utf8');
    await write('programs-new.yaml', before);
    const same = await type(block('diff'));
    expect([same.code, same.output]).toEqual([0, expect.stringContaining('No card of this export changes.')]);
    await write('programs-new.yaml', before.replaceAll('{{ customer.first_name }}', 'Dear customer'));
    const changed = await type(block('diff'));
    expect([changed.code, changed.output]).toEqual([1, expect.stringContaining('for 3 customers')]);
  }, 240_000);

  it('turn a preset into a program', async () => {
    const commands = block('preset');
    const { folder, type, write } = await openTypedShell({});
    const [preset] = blocksOf('docs/import-preset.md', '');
    await write('preset.txt', preset?.commands ?? '');
    const { code, output } = await type(commands);
    expect([code, output]).toEqual([0, expect.stringContaining('program loyalty')]);
    expect(readFileSync(join(folder, 'programs.yaml'), 'utf8')).toContain('8f3a…');
  }, 240_000);

  it('resolve unknown outcomes one by one and by a file', async () => {
    const commands = block('unknown');
    const { folder, sandbox, type } = await openConfigured(20);
    for (const customer of ['c-17', 'c-18', 'c-19']) {
      const fault = parseFaultRule(`create:reset-before~"${customer}"`);
      if (fault.ok) sandbox.faults.add(fault.rule);
    }
    await type('passbridge issue loyalty export.csv');
    const [exists = '', missing = '', list = '', ...file] = commands.trim().split('\n');
    const named = await type(exists, { fillIn: { CARD_ID: 'card-17' } });
    expect(named, named.output).toMatchObject({ code: 0 });
    // The other answer to the same question, so about another customer.
    const again = await type(missing, { fillIn: { 'c-17': 'c-18' } });
    expect(again, again.output).toMatchObject({ code: 0 });
    expect((await type(list)).code).toBe(0);
    const unknown = join(folder, 'unknown.csv');
    const [head = '', ...rows] = readFileSync(unknown, 'utf8').trimEnd().split('\n');
    await writeFile(unknown, [`${head},pass_id`, ...rows.map((row) => `${row},none`), ''].join('\n'));
    const resolved = await type(`set -e\n${file.join('\n')}`);
    expect(resolved, resolved.output).toMatchObject({ code: 0 });
  }, 240_000);

  it('issue from a source, and find missing cards', async () => {
    const commands = block('source');
    const { folder, sandbox, type, write } = await openConfigured();
    await mkdir(join(folder, 'exports'));
    copyFileSync(join(folder, 'export.csv'), join(folder, 'exports', 'export.csv'));
    await write(
      'programs.yaml',
      `${readFileSync('examples/programs.yaml', 'utf8')}\nsources: { nightly: { folder: exports, file: '*.csv', settle: 0 } }\n`,
    );
    const issued = await type(commands);
    expect(issued, issued.output).toMatchObject({ code: 0 });
    expect(sandbox.passes.size).toBe(3);
    const compared = await type(block('missing'));
    expect([compared.code, compared.output]).toEqual([
      0,
      expect.stringMatching(/3 {2}customers\n +0 {2}have no card/),
    ]);
    await rm(join(folder, 'exports'), { recursive: true });
  }, 240_000);
});

describe('the list of commands', () => {
  const blocks = pages.flatMap((page) => blocksOf(page, 'sh'));

  it('has every block of every page, once', () => {
    const known = [
      ...Object.values(typed).map((names) => names.join(' ')),
      ...excluded.flatMap(([page, heading, count]) =>
        Array.from({ length: count }, () => `${page} ${heading}`),
      ),
    ];
    expect(blocks.map(({ page, heading }) => `${page} ${heading}`).toSorted()).toEqual(known.toSorted());
  });

  it('names the tests and files that run the others', () => {
    const ci = readFileSync('.ci/run', 'utf8');
    for (const command of ['npm ci', 'npm test', 'npm run --silent demo']) expect(ci).toContain(command);
    const releases = readFileSync('test/deploy/releases.process.test.ts', 'utf8').replaceAll(/\s+/g, '');
    for (const heading of ['Releases', 'PM2'])
      expect([heading, releases.includes(`'docs/deployment.md','${heading}'`)]).toEqual([heading, true]);
    const named = excluded.flatMap(([, , , reason]) => reason.match(/test\/\S+\.ts/g) ?? []);
    for (const file of named) expect([file, existsSync(file)]).toEqual([file, true]);
  });

  it('misses no command because its block has no language', () => {
    const unmarked = pages.flatMap((page) => blocksOf(page, ''));
    const commands = unmarked.filter(({ commands: text }) =>
      /^(?:npx|npm|passbridge (?!is up)|node|docker|curl) /m.test(text),
    );
    expect(commands).toEqual([]);
  });
});
