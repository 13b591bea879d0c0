/** From the texts of the environment to the values of the settings, with every problem and every likely slip. */

import { distance } from 'fastest-levenshtein';
import { settings, type Environment, type SettingName } from './environment.ts';
import { didYouMean, nearest } from '../kit/did-you-mean.ts';
import type { Setting } from './setting.ts';

/** Variables as the operating system has them. */
export type Variables = Readonly<Record<string, string | undefined>>;

const names = Object.keys(settings).filter((name): name is SettingName => name in settings);

/** Reads every setting. Blank counts as absent. Settings with a problem have their default, or are absent. */
export function readEnvironment(variables: Variables): { environment: Environment; problems: string[] } {
  const problems = misspelt(variables);
  const values = names.map((name) => {
    const { read, fallback }: Setting<unknown> = settings[name];
    const given = variables[name]?.trim() ?? '';
    const reading = given === '' ? undefined : read(given);
    if (reading?.ok === false) problems.push(`${name} ${reading.problem}`);
    if (reading?.ok === true) return [name, reading.value];
    const standard = fallback === undefined ? undefined : read(fallback);
    return [name, standard?.ok === true ? standard.value : undefined];
  });
  // The table types each setting by its reader, which fromEntries cannot see.
  return { environment: Object.fromEntries(values) as Environment, problems };
}

/** What is set, for the log: secrets as `(set)`, addresses without their password. */
export function summarize(variables: Variables): Record<string, string> {
  const shown = names.map((name) => {
    const { secret, fallback }: Setting<unknown> = settings[name];
    const given = variables[name]?.trim() ?? '';
    if (given === '') return [name, fallback ?? '(not set)'];
    return [name, secret ? '(set)' : given];
  });
  return Object.fromEntries(shown) as Record<string, string>;
}

const OURS = /^(PASSMACHINE|BLOOMREACH|WEBHOOK|WRITEBACK)_/;

/** Below this length names of other programs are too near: HOME is two letters from HOST. */
const SHORTEST_SLIP = 8;

function misspelt(variables: Variables): string[] {
  const known: readonly string[] = names;
  return Object.keys(variables)
    .filter((name) => !known.includes(name) && (variables[name] ?? '') !== '')
    .flatMap((name) => {
      if (OURS.test(name)) return [`${name} is not a setting${didYouMean(name, known)}`];
      const meant = name.length < SHORTEST_SLIP ? undefined : nearest(name, known);
      const slip = meant !== undefined && distance(name, meant) <= 2 && (variables[meant] ?? '') === '';
      return slip ? [`${name} is not a setting, did you mean ${meant}?`] : [];
    });
}
