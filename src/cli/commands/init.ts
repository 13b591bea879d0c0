/** `passbridge init`: a first `.env` and `programs.yaml`, whether they work, and what to do next. */

import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { exampleOf } from '../../services/programs/card-examples.ts';
import { examples, packageFolder, schemaFrom } from '../../services/programs/examples.ts';
import { dotEnvValue } from '../../config/dot-env.ts';
import { envFile } from '../../config/environment-docs.ts';
import { fillProgram } from '../../programs/file/first-programs.ts';
import { parsePrograms } from '../../programs/file/programs.ts';
import type { Variables } from '../../config/read-environment.ts';
import type { CardType } from '../../domain/jobs/program.ts';
import { ask } from '../prompt/ask.ts';
import { examineFolder, isSound } from './doctor.ts';
import type { ExitCode } from '../exit-code.ts';
import { describeFindings } from '../output/findings-text.ts';
import { type Answers, firstAnswers } from '../prompt/first-answers.ts';
import { questions } from '../prompt/first-questions.ts';
import { refuseExisting, writeFiles } from '../prompt/new-files.ts';
import { host, say } from '../output/terminal.ts';

interface InitFlags {
  force: boolean;
  /** By the question's name. */
  answers: Variables;
}

export async function init({ force, answers: flags }: InitFlags): Promise<ExitCode> {
  const cwd = process.cwd();
  const files = { env: join(cwd, '.env'), programs: join(cwd, 'programs.yaml') };
  if (!force) refuseExisting(Object.values(files));
  const answers = await firstAnswers({
    flags,
    env: process.env,
    person: process.stdin.isTTY && process.stdout.isTTY ? { ask, say } : undefined,
  });
  const { text, name, example, codes } = programsFile(answers, cwd);
  const settings = settingsOf(answers);
  const quoted = Object.entries(settings).map(([setting, value]) => [setting, dotEnvValue(value) ?? '']);
  await writeFiles(
    [
      { path: files.env, text: envFile(Object.fromEntries(quoted) as Record<string, string>), mode: 0o600 },
      { path: files.programs, text, mode: 0o644 },
      // Never codes of ours: cards wait until there are some.
      ...(codes === undefined || existsSync(codes) ? [] : [{ path: codes, text: '', mode: 0o644 }]),
    ],
    { replace: force },
  );
  say(`Wrote .env, for you alone, and programs.yaml, with the program ${name} of ${example}.\n`);
  if (codes !== undefined) say(`Put the codes of your cards into ${basename(codes)}, one a line.\n`);
  for (const line of overruled(settings, files.programs)) host.say(line);

  const env = { ...process.env, ...settings, PROGRAMS_FILE: files.programs };
  const findings = await examineFolder({ env, cwd });
  const sound = isSound(findings);
  say(`${describeFindings(findings)}\n\n${sound ? nextSteps(name) : MEND_FIRST}`);
  return sound ? 0 : 1;
}

const MEND_FIRST =
  'Next: mend what is marked ✗, in .env where it is a setting, and look again: passbridge doctor';

function nextSteps(program: string): string {
  return [
    'Next:',
    '  1. Look over programs.yaml: which attributes of your customers fill the card.',
    '  2. Export a segment to export.csv and see what would be sent, which sends nothing:',
    `       passbridge issue ${program} export.csv --dry-run`,
    `  3. Make the cards: passbridge issue ${program} export.csv`,
  ].join('\n');
}

/** The card's own example where there is one; otherwise the one for all. */
function programsFile(answers: Answers, cwd: string) {
  const card = answers.get('card') as CardType;
  const file = exampleOf(card)?.file ?? join(examples, 'programs.yaml');
  const templateId = answers.get('template-id') ?? '';
  const text = fillProgram(readFileSync(file, 'utf8'), { card, templateId, schema: schemaFrom(cwd) });
  const { programs } = parsePrograms(text, 'programs.yaml', { folder: dirname(file), timeZone: 'UTC' });
  const [program] = programs.values();
  const { name = '', vouchers } = program ?? {};
  const codes = vouchers === undefined ? undefined : join(cwd, vouchers);
  return { text, name, codes, example: relative(packageFolder, file) };
}

function settingsOf(answers: Answers): Record<string, string> {
  return Object.fromEntries(
    questions.flatMap(({ name, setting }) =>
      setting === undefined ? [] : [[setting, answers.get(name) ?? '']],
    ),
  );
}

/** The environment wins over `.env`: what it says otherwise would be used by every later command. */
function overruled(settings: Readonly<Record<string, string>>, programs: string): string[] {
  const { PROGRAMS_FILE: elsewhere } = process.env;
  const names = Object.keys(settings).filter((name) => {
    const inEnv = process.env[name]?.trim() ?? '';
    return inEnv !== '' && inEnv !== settings[name];
  });
  if (elsewhere !== undefined && resolve(elsewhere) !== programs) names.push('PROGRAMS_FILE');
  return names.map((name) => `${name} is set to something else in the environment, which wins over .env.`);
}
