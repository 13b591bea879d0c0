/** `passbridge init`: writes a first `.env` and `programs.yaml`, and checks that they work. */

import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { Option } from 'commander';
import { ConfigError } from '../../config/config-error.ts';
import type { Variables } from '../../config/read-environment.ts';
import type { CardType } from '../../domain/jobs/program.ts';
import { type DeclareCommand, environment, type ExitCode } from '../command.ts';
import { describeFindings } from '../output/findings.ts';
import { host, say } from '../output/terminal.ts';
import type { Answers } from '../prompt/init-answers.ts';
import { questions } from '../prompt/init-questions.ts';
import { ask, canAsk } from '../prompt/prompt.ts';
import { checkFolder, hasErrors } from './doctor.ts';
import { readPreset } from './programs/import-preset.ts';
import { PRIVATE_FILE } from '../../kit/files.ts';

export const declareInit: DeclareCommand = (program, ended) => {
  const command = program
    .command('init')
    .description('write a first .env and programs.yaml; asks for values not given as flags or variables')
    .option('--force', 'overwrite existing files')
    .option('--preset <file>', 'take the program from a webhook preset copied from Bloomreach; -: stdin');
  const flags = questions.map(({ name, prompt }) => {
    const flag = new Option(`--${name} <value>`, prompt);
    command.addOption(flag);
    return [name, flag.attributeName()] as const;
  });
  command.action(async (given: Record<string, unknown>) => {
    const answers = flags.map(([name, key]) => [name, given[key]]);
    const { force, preset } = given as { force?: boolean; preset?: string };
    const options = { force: force === true, preset };
    ended(await init(options, Object.fromEntries(answers) as Record<string, string | undefined>));
  });
};

/** `flags`: values by the question's name. */
async function init(
  { force, preset }: { force: boolean; preset: string | undefined },
  flags: Record<string, string | undefined>,
): Promise<ExitCode> {
  const { dotEnvValue, envFile } = await import('../../config/dot-env.ts');
  const { collectAnswers } = await import('../prompt/init-answers.ts');
  const { env: inherited, cwd } = environment();
  const paths = { env: join(cwd, '.env'), programs: join(cwd, 'programs.yaml') };
  const existing = Object.values(paths).filter((path) => existsSync(path));
  if (!force && existing.length > 0) throw filesExist(existing.map((path) => basename(path)));
  const terminal = canAsk() ? { ask, say } : undefined;
  const answers = await collectAnswers({ flags, env: inherited, terminal });
  const { text, name, example, codes, notes } =
    preset === undefined ? await programsFile(answers, cwd) : await programOfPreset(preset, answers, cwd);
  const settings = settingsOf(answers);
  const quoted = Object.entries(settings).map(([setting, value]) => [setting, dotEnvValue(value) ?? '']);
  await writeFiles(
    [
      {
        path: paths.env,
        text: envFile(Object.fromEntries(quoted) as Record<string, string>),
        mode: PRIVATE_FILE,
      },
      { path: paths.programs, text, mode: 0o644 },
      // Empty, because codes must be the user's own: cards wait until there are some.
      ...(codes === undefined || existsSync(codes) ? [] : [{ path: codes, text: '', mode: 0o644 }]),
    ],
    force,
  );
  say(`Wrote .env, readable by you only, and programs.yaml with the program ${name} from ${example}.\n`);
  if (notes.length > 0) say(`Notes on ${example}:\n${notes.join('\n')}\n`);
  if (codes !== undefined) say(`Put your voucher codes into ${basename(codes)}, one per line.\n`);
  for (const setting of await overriddenSettings(settings, paths.programs, inherited)) {
    host.say(`${setting} has another value in the environment, which overrides .env.`);
  }

  const env = { ...inherited, ...settings, PROGRAMS_FILE: paths.programs };
  const findings = await checkFolder({ env, cwd });
  const failed = hasErrors(findings);
  say(`${describeFindings(findings)}\n\n${failed ? FIX_FIRST : nextSteps(name)}`);
  return failed ? 1 : 0;
}

const FIX_FIRST = 'Next: fix the items marked ✗ (settings are in .env), then run passbridge doctor again.';

function nextSteps(program: string): string {
  return [
    'Next:',
    '  1. Review programs.yaml: it maps attributes of your customers to fields of the card.',
    '  2. Export a segment to export.csv and preview it; nothing is sent:',
    `       passbridge issue ${program} export.csv --dry-run`,
    `  3. Issue the cards: passbridge issue ${program} export.csv`,
    '  4. For the dashboard, run passbridge up and open the address that it prints after "Dashboard:".',
  ].join('\n');
}

/** Fills the example of the card type if there is one, otherwise the general example. */
async function programsFile(answers: Answers, cwd: string) {
  const { parsePrograms } = await import('../../programs/file/programs.ts');
  const { fillStarter } = await import('../../programs/file/starter-file.ts');
  const { exampleOf } = await import('../../services/programs/card-examples.ts');
  const { examplesFolder, packageFolder, schemaFrom } = await import('../../kit/runtime/package-files.ts');
  const card = answers.get('card') as CardType;
  const file = exampleOf(card)?.file ?? join(examplesFolder, 'programs.yaml');
  const templateId = answers.get('template-id') ?? '';
  const text = fillStarter(readFileSync(file, 'utf8'), { card, templateId, schema: schemaFrom(cwd) });
  const { programs } = parsePrograms(text, 'programs.yaml', { folder: dirname(file), timeZone: 'UTC' });
  const [program] = programs.values();
  const { name = '', vouchers } = program ?? {};
  const codes = vouchers === undefined ? undefined : join(cwd, vouchers);
  return { text, name, codes, example: relative(packageFolder, file), notes: [] };
}

/** Takes the program from a preset, with the card type and the template id of the answers. */
async function programOfPreset(file: string, answers: Answers, cwd: string) {
  const { importPreset } = await import('../../programs/preset/import-preset.ts');
  const { schemaFrom } = await import('../../kit/runtime/package-files.ts');
  const subject = file === '-' ? 'The standard input' : file;
  const { name, text, notes } = importPreset(subject, {
    text: await readPreset(file, subject),
    name: undefined,
    card: answers.get('card') as CardType,
    templateId: answers.get('template-id'),
    vouchers: new Map(),
    keepText: false,
    force: true,
    programs: { file: 'programs.yaml', folder: cwd, text: undefined },
  });
  const head = `# yaml-language-server: $schema=${schemaFrom(cwd)}\n`;
  return { text: head + text, name, codes: undefined, example: subject, notes };
}

function settingsOf(answers: Answers): Record<string, string> {
  return Object.fromEntries(
    questions.flatMap(({ name, setting }) =>
      setting === undefined ? [] : [[setting, answers.get(name) ?? '']],
    ),
  );
}

/** Returns the settings to which the environment gives another value than the new files do. */
async function overriddenSettings(
  settings: Readonly<Record<string, string>>,
  programs: string,
  env: Variables,
): Promise<string[]> {
  const names = Object.keys(settings).filter((name) => {
    const inEnvironment = env[name]?.trim() ?? '';
    return inEnvironment !== '' && inEnvironment !== settings[name];
  });
  const { PROGRAMS_FILE } = env;
  return PROGRAMS_FILE !== undefined && resolve(PROGRAMS_FILE) !== programs
    ? [...names, 'PROGRAMS_FILE']
    : names;
}

interface NewFile {
  path: string;
  text: string;
  mode: number;
}

/** Without `force`, fails if a file has been created in the meantime. */
async function writeFiles(files: readonly NewFile[], force: boolean): Promise<void> {
  const { writeFileAtomically } = await import('../../kit/files.ts');
  for (const { path, text, mode } of files) {
    if (force) await writeFileAtomically(path, text, { mode });
    else await writeFile(path, text, { mode, flag: 'wx' });
  }
}

function filesExist(names: readonly string[]): ConfigError {
  return new ConfigError(
    'The folder',
    names.map((name) => `${name} already exists. Use --force to overwrite it`),
  );
}
