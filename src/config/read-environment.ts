/** Parses the environment into the values of the settings, and reports every problem at once. */

import { distance } from 'fastest-levenshtein';
import { didYouMean, nearest } from '../kit/did-you-mean.ts';
import { findHiddenCharacter } from '../kit/hidden-character.ts';
import { type Environment, type SettingName, settings } from './environment.ts';
import { replacementSetting } from './retired-names.ts';
import { parseSetting, type Setting } from './setting.ts';

/** Variables as the operating system has them. */
export type Variables = Readonly<Record<string, string | undefined>>;

const names = Object.keys(settings).filter((name): name is SettingName => name in settings);

/**
 * Parses every setting. A blank variable counts as absent; an invalid one gets its default, or is absent.
 * The name of its variable is the first word in capitals of each problem. `inFile`: the names that `.env` has.
 */
export function readEnvironment(
  variables: Variables,
  inFile: ReadonlySet<string> = new Set(),
): { environment: Environment; problems: string[] } {
  const problems = unknownNames(variables, inFile);
  const values = names.map((name) => {
    const setting: Setting<unknown> = settings[name];
    const given = textOf(variables, name);
    const parsed = given === undefined ? undefined : parseSetting(setting, given);
    if (parsed?.ok === true) return [name, parsed.value];
    if (parsed !== undefined) problems.push(`${name} ${parsed.problem}`);
    const { defaultText } = setting;
    return [name, defaultText === undefined ? undefined : setting.parser.parse(defaultText)];
  });
  // The table types each setting by its parser, which fromEntries cannot express.
  return { environment: Object.fromEntries(values) as Environment, problems };
}

/** Returns the settings for the log: secrets as `(set)`, defaults filled in. */
export function summarize(variables: Variables): Record<string, string> {
  const shown = names.map((name) => {
    const { isSecret, defaultText }: Setting<unknown> = settings[name];
    const given = textOf(variables, name);
    if (given === undefined) return [name, defaultText ?? '(not set)'];
    return [name, isSecret ? '(set)' : given];
  });
  return Object.fromEntries(shown) as Record<string, string>;
}

/** Returns the text of every setting, secrets included; undefined for one without a value or a default. */
export function settingTexts(variables: Variables): Map<SettingName, string | undefined> {
  return new Map(names.map((name) => [name, textOf(variables, name) ?? settings[name].defaultText]));
}

/** Settings that other programs read from a variable in lower case, and prefer there. */
const alsoLowerCase = new Set(['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY']);

function textOf(variables: Variables, name: string): string | undefined {
  const lowerCase = alsoLowerCase.has(name) ? variables[name.toLowerCase()] : undefined;
  const text = (lowerCase ?? variables[name])?.trim() ?? '';
  return text === '' ? undefined : text;
}

const OWN_PREFIX = /^(PASSMACHINE|BLOOMREACH|WEBHOOK|WRITEBACK)_/;

/** Shorter names of other programs come too close by chance: HOME is two letters from HOST. */
const MIN_TYPO_LENGTH = 8;

/** Returns the letters of a name in alphabetical order. */
function lettersOf(name: string): string {
  return Array.from(name).toSorted().join('');
}

/** Returns the setting that a name most likely stands for. The names in `.env` are ours, so short ones are compared, too. */
function intended(name: string, known: readonly string[], isInFile: boolean): string | undefined {
  const candidate = nearest(name, known);
  if (candidate === undefined) return undefined;
  const isShort = name.length < MIN_TYPO_LENGTH;
  if (isShort && !isInFile) return undefined;
  const isTypo = distance(name, candidate) <= (isShort ? 1 : 2) || lettersOf(name) === lettersOf(candidate);
  return isTypo ? candidate : undefined;
}

/** Reports retired names, unknown names with a prefix of ours, and names one or two letters off. */
function unknownNames(variables: Variables, inFile: ReadonlySet<string>): string[] {
  const known: readonly string[] = names;
  return Object.keys(variables)
    .filter((name) => !known.includes(name) && textOf(variables, name) !== undefined)
    .flatMap((name) => {
      const hidden = findHiddenCharacter(name);
      const visible = known.find((one) => one === visiblePart(name));
      if (hidden !== undefined && visible !== undefined) {
        const { position, name: character } = hidden;
        return [
          `${visible} has an invisible character at position ${position} of its name: ${character}. Delete it`,
        ];
      }
      const replacement = replacementSetting(name);
      if (replacement !== undefined) return [`unknown setting ${name}; use ${replacement}`];
      if (OWN_PREFIX.test(name)) return [`unknown setting ${name}${didYouMean(name, known)}`];
      const candidate = intended(name, known, inFile.has(name));
      return candidate !== undefined && textOf(variables, candidate) === undefined
        ? [`unknown setting ${name}, did you mean ${candidate}?`]
        : [];
    });
}

function visiblePart(name: string): string {
  return name.replace(/[^\w]/gu, '');
}
