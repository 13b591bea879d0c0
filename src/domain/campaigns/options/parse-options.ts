/** Parses the options of a campaign, however they were given, and makes the schemas of the surfaces that have one. */

import { z } from 'zod';
import type { CampaignOrder } from '../campaign.ts';
import type { CampaignAction } from '../campaign-action.ts';
import { guardsOf } from '../safeguards/guards.ts';
import {
  type campaignOptions,
  type OptionKey,
  optionKeys,
  type OptionNames,
  type OptionProblem,
  type OptionValues,
  rulesBroken,
  specOf,
} from './campaign-options.ts';
import type { OptionDefaults, OptionSpec, ValueOf } from './option.ts';
import { duration, valueSchema } from './option-values.ts';

/** What a campaign can be started with beyond its program, action and source. */
export type CampaignOptions = Pick<
  CampaignOrder,
  'text' | 'startAt' | 'startWindowMs' | 'useBy' | 'guards' | 'where' | 'skipBadRows' | 'encoding'
>;

export type ParsedOptions = { ok: true; options: CampaignOptions } | { ok: false; problems: OptionProblem[] };

interface ParseOptions extends OptionDefaults {
  action: CampaignAction;
  /** How the surface calls the options that a problem mentions. */
  nameOf: OptionNames;
}

/**
 * Parses options by key, text or typed; undefined is absent, and other keys are ignored. Reports every
 * problem at once.
 */
export function parseOptions(
  raw: Readonly<Record<string, unknown>>,
  { action, nameOf, ...defaults }: ParseOptions,
): ParsedOptions {
  const problems: OptionProblem[] = [];
  const values: Record<string, unknown> = {};
  const given = optionKeys.filter((key) => raw[key] !== undefined && raw[key] !== false);
  for (const key of given) {
    const parsed = valueSchema(specOf(key), defaults.timeZone).safeParse(raw[key]);
    if (parsed.success) values[key] = parsed.data;
    else problems.push(...parsed.error.issues.map(({ message }) => ({ key, problem: message })));
  }
  problems.push(...rulesBroken(given, action, nameOf));
  return problems.length > 0
    ? { ok: false, problems }
    : { ok: true, options: toCampaignOptions(values, defaults) };
}

/** How late a planned campaign may start by default: a restart or a short outage does not hold it. */
const START_WINDOW_MS = 3_600_000;

/** Returns the options as a campaign keeps them. */
export function toCampaignOptions(values: OptionValues, defaults: OptionDefaults): CampaignOptions {
  const { text, startAt, startWindow, useBy, where, skipBadRows, encoding = 'utf-8' } = values;
  return {
    ...(text !== undefined && { text }),
    ...(startAt !== undefined && { startAt, startWindowMs: startWindow ?? START_WINDOW_MS }),
    ...(useBy !== undefined && { useBy }),
    ...(where !== undefined && { where }),
    ...(skipBadRows === true && { skipBadRows }),
    ...(encoding !== 'utf-8' && { encoding }),
    guards: guardsOf(values, defaults),
  };
}

/** Words each problem with the name of its option, e.g. `--canary must be a whole number of at least 1`. */
export function problemLines(problems: readonly OptionProblem[], nameOf: OptionNames): string[] {
  return problems.map(({ key, problem }) => `${nameOf(key)} ${problem}`);
}

type Shape<K extends OptionKey> = {
  [Key in K]: z.ZodOptional<z.ZodType<Value<Key>>>;
};

type Value<K extends OptionKey> = (typeof campaignOptions)[K] extends infer S extends OptionSpec
  ? ValueOf<S>
  : never;

/**
 * Returns the schemas of options in the programs file, by key. An option that a schedule gives as a
 * duration has that duration in milliseconds.
 */
export function fileShape<K extends OptionKey>(keys: readonly K[]): Shape<K> {
  const schemas = keys.map((key) => {
    const spec = specOf(key);
    const { afterStart } = spec;
    // Of the file's options only `useBy` is a time, and it is given as a duration.
    const schema = afterStart === undefined ? valueSchema(spec, 'UTC') : duration;
    const { help, example } = afterStart ?? spec;
    return [key, schema.optional().describe(describe(help, example))];
  });
  return Object.fromEntries(schemas) as Shape<K>;
}

/** Returns the schema of the options in an API request: their keys and JSON types. {@link parseOptions} checks the values. */
export function apiShape() {
  const types = {
    count: z.union([z.int(), z.string().max(MAX_FIELD_LENGTH)]),
    switch: z.union([z.boolean(), z.literal('on')]),
  };
  const schemas = optionKeys.map((key) => {
    const { kind, help, example } = specOf(key);
    const schema = kind === 'count' || kind === 'switch' ? types[kind] : z.string().max(MAX_FIELD_LENGTH);
    return [key, schema.optional().describe(describe(help, example))] as const;
  });
  return z.strictObject(Object.fromEntries(schemas) as Record<OptionKey, (typeof schemas)[number][1]>);
}

/** Characters of one field of a form or request. */
export const MAX_FIELD_LENGTH = 2000;

function describe(help: string, example: string | undefined): string {
  return example === undefined || help.includes(example) ? help : `${help} Example: ${example}`;
}
