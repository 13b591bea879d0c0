/** Collects the answers of `passbridge init`: from flags, else the environment, else the operator. */

import { ConfigError } from '../../config/config-error.ts';
import { dotEnvValue } from '../../config/dot-env.ts';
import { settings } from '../../config/environment.ts';
import type { Variables } from '../../config/read-environment.ts';
import { parseSetting, type Setting, text, word } from '../../config/setting.ts';
import { cardTypes } from '../../domain/jobs/program.ts';
import { type Question, questions } from './init-questions.ts';

/** By the question's name. */
export type Answers = ReadonlyMap<string, string>;

/** The terminal that questions are asked on. */
interface Terminal {
  ask: (question: string, how: { hidden: boolean }) => Promise<string>;
  say: (line: string) => void;
}

interface AnswerSources {
  /** Values of flags by the question's name. */
  flags: Variables;
  env: Variables;
  /** Absent: missing answers are an error. */
  terminal?: Terminal | undefined;
}

/**
 * Asks only for answers that neither a flag nor the environment gives. Throws a {@link ConfigError} with
 * every missing or invalid answer.
 */
export async function collectAnswers({ flags, env, terminal }: AnswerSources): Promise<Answers> {
  const answers = new Map<string, string>();
  const open: Question[] = [];
  const problems: string[] = [];
  for (const question of questions) {
    const given = givenAnswer(question, flags, env);
    const { defaultText } = settingOf(question);
    const parsed = parseAnswer(question, given ?? (terminal === undefined ? defaultText : undefined));
    if (parsed.ok) answers.set(question.name, parsed.value);
    else if (given === undefined && terminal !== undefined) open.push(question);
    else problems.push(`${waysToAnswer(question)} ${parsed.problem}`);
  }
  if (problems.length > 0) throw new ConfigError('The command', problems);
  for (const question of open) {
    if (terminal !== undefined) answers.set(question.name, await askUntilValid(question, terminal));
  }
  return answers;
}

function givenAnswer({ name, setting: variable }: Question, flags: Variables, env: Variables) {
  const texts = [flags[name], variable === undefined ? undefined : env[variable]];
  return texts.map((given) => given?.trim()).find((given) => given !== undefined && given !== '');
}

async function askUntilValid(question: Question, { ask, say }: Terminal): Promise<string> {
  const { defaultText, isSecret } = settingOf(question);
  const offer = defaultText === undefined ? '' : ` (${defaultText})`;
  for (;;) {
    const typed = (await ask(`${question.prompt}${offer}: `, { hidden: isSecret })).trim();
    const parsed = parseAnswer(question, typed === '' ? defaultText : typed);
    if (parsed.ok) return parsed.value;
    say(`The value ${parsed.problem}.`);
  }
}

/** Problems must not quote the text: it may be a misplaced secret. */
function parseAnswer(question: Question, given: string | undefined) {
  if (given === undefined) return { ok: false, problem: 'is missing' } as const;
  const parsed = parseSetting(settingOf(question), given);
  if (!parsed.ok) return parsed;
  const value = String(parsed.value);
  return dotEnvValue(value) === undefined
    ? ({ ok: false, problem: 'contains all three kinds of quotes, which .env cannot represent' } as const)
    : ({ ok: true, value } as const);
}

/** An answer that becomes no setting goes into the programs file. */
function settingOf({ name, setting: variable }: Question): Setting<unknown> {
  if (variable !== undefined) return settings[variable];
  return { parser: name === 'card' ? word(...cardTypes) : text, description: '', isSecret: false };
}

function waysToAnswer({ name, setting: variable }: Question): string {
  return variable === undefined ? `--${name}` : `--${name} (or ${variable} in the environment)`;
}
