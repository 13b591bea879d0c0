/** The one table of campaign options, and how each surface names them. */

import { MAX_TEXT_LENGTH } from '../../jobs/pass-job.ts';
import type { CampaignAction } from '../campaign-action.ts';
import { type GuardOptions, guardOptions } from '../safeguards/guards.ts';
import type { OptionSpec, OptionSpecs, ValuesOf } from './option.ts';

const generalOptions = {
  text: {
    kind: 'text',
    maxLength: MAX_TEXT_LENGTH,
    label: 'Text',
    help: `Fill {{ text }} of the program with this text, up to ${MAX_TEXT_LENGTH} characters. Jinja in it is rendered for each customer.`,
    example: 'Double points today',
  },
  where: {
    kind: 'condition',
    label: 'Condition',
    help: 'Send only to customers matching this condition, one Jinja expression over the row.',
    example: '{{ customer.age | int > 17 }}',
  },
  startAt: {
    kind: 'instant',
    label: 'Start at',
    help: 'Start at this time instead of now; without an offset the time is in TIME_ZONE.',
    example: '2026-12-24T16:00',
    notInSchedules: true,
  },
  startWindow: {
    kind: 'duration',
    label: 'Start window',
    help: 'Hold the campaign if nothing could start it until this long after its time. The default is 1h.',
    example: '15m',
    needs: 'startAt',
    notInSchedules: true,
  },
  useBy: {
    kind: 'instant',
    label: 'Send nothing after',
    help: 'Send nothing from this time on; without an offset the time is in TIME_ZONE.',
    example: '2026-12-24T18:00+01:00',
    afterStart: {
      help: 'Send nothing from this long after the start of a run on.',
      example: '8h',
    },
  },
  skipBadRows: {
    kind: 'switch',
    label: 'Skip bad rows',
    help: 'Reject rows that cannot be read and send the others; otherwise the campaign pauses at the first.',
  },
  encoding: {
    kind: 'choice',
    choices: ['utf-8', 'windows-1250', 'iso-8859-2', 'windows-1252', 'utf-16'],
    label: 'Encoding',
    help: 'Read the export in this encoding, once a start has shown its names in it and they are right.',
    example: 'windows-1250',
  },
} as const satisfies OptionSpecs;

const { skipBadRows, encoding, ...firstOptions } = generalOptions;

/** By key, in the order of the help, the form and the docs. */
export const campaignOptions: typeof generalOptions & GuardOptions & OptionSpecs = {
  ...firstOptions,
  ...guardOptions,
  skipBadRows,
  encoding,
};

export type OptionKey = keyof typeof generalOptions | keyof GuardOptions;

/** Parsed options by key. */
export type OptionValues = ValuesOf<typeof generalOptions & GuardOptions>;

/** Names an option as one surface shows it: {@link flagOf}, {@link labelOf} or {@link keyOf}. */
export type OptionNames = (key: OptionKey) => string;

/** Something wrong with one option; reads on from its name, e.g. `must be a percentage such as 5%`. */
export interface OptionProblem {
  key: OptionKey;
  problem: string;
}

export const optionKeys = Object.keys(campaignOptions) as OptionKey[];

/** The keys of the options that belong to safeguards; the programs file has them below `guards`. */
export const guardKeys = Object.keys(guardOptions) as (keyof GuardOptions)[];

export function specOf(key: OptionKey): OptionSpec {
  return campaignOptions[key];
}

/** Returns the name on the command line, e.g. `--quiet-hours`. */
export function flagOf(key: OptionKey): string {
  return `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Returns the name in the dashboard, in quotes. */
export function labelOf(key: OptionKey): string {
  return `“${specOf(key).label}”`;
}

/** Returns the name in the programs file and in the API. */
export function keyOf(key: OptionKey): string {
  return key;
}

export function appliesTo(key: OptionKey, action: CampaignAction): boolean {
  return specOf(key).actions?.includes(action) ?? true;
}

/** Checks the rules between options, and between options and the action. `given` has the keys with a value. */
export function rulesBroken(
  given: readonly OptionKey[],
  action: CampaignAction,
  nameOf: OptionNames,
): OptionProblem[] {
  return given.flatMap((key) => {
    const { actions = [], needs, excludes } = specOf(key);
    const needed = optionKeys.find((other) => other === needs);
    const excluded = given.find((other) => other === excludes);
    if (!appliesTo(key, action))
      return [{ key, problem: `applies to ${actions.join(', ')} only, not to ${action}` }];
    if (needed !== undefined && !given.includes(needed))
      return [{ key, problem: `does nothing without ${nameOf(needed)}` }];
    if (excluded !== undefined) return [{ key, problem: `cannot be combined with ${nameOf(excluded)}` }];
    return [];
  });
}

/** Returns what was chosen, as terms and values to read, in the order of the table. Blank fields are left out. */
export function summarizeOptions(form: Readonly<Record<string, string>>): [term: string, value: string][] {
  return optionKeys.flatMap((key): [string, string][] => {
    const value = (form[key] ?? '').trim();
    if (value === '') return [];
    const { kind, label } = specOf(key);
    if (kind === 'switch') return [[label, 'yes']];
    return [[label, kind === 'share' ? `${value.replace('%', '').trim()} %` : value]];
  });
}

/** Returns what is wrong with a text, or its absence, for the section of a program at `path`. */
export function textProblem(
  path: string,
  { usesText }: { usesText: boolean },
  text: string | undefined,
): string | undefined {
  if (usesText && text === undefined) return `is missing: ${path} shows {{ text }}`;
  if (!usesText && text !== undefined) return `is shown nowhere: ${path} has no {{ text }}`;
  return undefined;
}
