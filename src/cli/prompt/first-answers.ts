/** The answers to the first questions: from the flags, else the environment, else a person. */

import { ConfigError } from '../../config/config-error.ts';
import { dotEnvValue } from '../../config/dot-env.ts';
import type { Variables } from '../../config/read-environment.ts';
import { type Question, questions } from './first-questions.ts';

/** By the question's name. */
export type Answers = ReadonlyMap<string, string>;

interface Sources {
  /** Values of flags by the question's name. */
  flags: Variables;
  env: Variables;
  /** Asks a person; absent where there is none. */
  person?: CustomerTimeline | undefined;
}

interface CustomerTimeline {
  ask: (question: string, how: { hidden: boolean }) => Promise<string>;
  say: (line: string) => void;
}

/** Asks for no more than what is missing. Throws a {@link ConfigError} with all that is missing or wrong. */
export async function firstAnswers({ flags, env, person }: Sources): Promise<Answers> {
  const answers = new Map<string, string>();
  const open: Question[] = [];
  const problems: string[] = [];
  for (const question of questions) {
    const given = givenTo(question, flags, env);
    const read = readAnswer(question, given ?? (person === undefined ? question.standard : undefined));
    if (read.ok) answers.set(question.name, read.value);
    else if (given === undefined && person !== undefined) open.push(question);
    else problems.push(`${wayOf(question)} ${read.problem}`);
  }
  if (problems.length > 0) throw new ConfigError('The command', problems);
  // One after the other: somebody types.
  for (const question of open) if (person) answers.set(question.name, await askOperator(question, person));
  return answers;
}

function givenTo({ name, setting }: Question, flags: Variables, env: Variables): string | undefined {
  const texts = [flags[name], setting === undefined ? undefined : env[setting]];
  return texts.map((text) => text?.trim()).find((text) => text !== undefined && text !== '');
}

async function askOperator(question: Question, { ask, say }: CustomerTimeline): Promise<string> {
  const { asks, standard, secret } = question;
  const offer = standard === undefined ? '' : ` (${standard})`;
  for (;;) {
    const typed = (await ask(`${asks}${offer}: `, { hidden: secret })).trim();
    const read = readAnswer(question, typed === '' ? standard : typed);
    if (read.ok) return read.value;
    say(`It ${read.problem}.`);
  }
}

/** Problems read on from the name, and never quote the text: it may be a secret in the wrong place. */
function readAnswer({ read }: Question, given: string | undefined) {
  if (given === undefined) return { ok: false, problem: 'is missing' } as const;
  const reading = read(given);
  if (!reading.ok) return reading;
  const value = String(reading.value);
  return dotEnvValue(value) === undefined
    ? ({ ok: false, problem: 'has all three kinds of quotes, which .env cannot hold' } as const)
    : ({ ok: true, value } as const);
}

function wayOf({ name, setting }: Question): string {
  return setting === undefined ? `--${name}` : `--${name} (or ${setting} in the environment)`;
}
