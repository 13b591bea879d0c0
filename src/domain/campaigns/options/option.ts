/**
 * How an option of a campaign is declared: once, for the command line, the dashboard's form, the API, the
 * programs file and the docs. Plain data, because `passbridge --help` must not load a validation library.
 */

import type { CampaignAction } from '../campaign-action.ts';

/** The value of an option by its kind. `option-values.ts` parses each. */
interface OptionValues {
  text: string;
  /** A Jinja expression; whether it compiles is checked when the source is known. */
  condition: string;
  /** A whole number of at least 1. */
  count: number;
  /** From 0 to 1. */
  share: number;
  hours: HourRange;
  /** IANA name of a time zone. */
  zone: string;
  /** Name of a customer attribute. */
  attribute: string;
  /** A name that an operator chooses. */
  name: string;
  /** Milliseconds since 1970. */
  instant: number;
  /** Milliseconds. */
  duration: number;
  switch: boolean;
}

/** Two times of day in minutes after midnight. `from` after `to` means overnight. */
export interface HourRange {
  from: number;
  to: number;
}

interface OptionBase {
  /** Names the option in the form, in summaries and in the dashboard's error messages. */
  label: string;
  /** A sentence in the imperative: help of the command line and the form, and text of the schemas and docs. */
  help: string;
  /** A valid value as it is written; absent for a switch. */
  example?: string;
  /** The actions that it applies to. Absent: all. */
  actions?: readonly CampaignAction[];
  /** Key of the option without which this one does nothing. */
  needs?: string;
  /** Whether it makes no sense in a schedule, which has times of its own. */
  notInSchedules?: true;
  /** Key of the option that it cannot be combined with. */
  excludes?: string;
  /**
   * A schedule gives it as a duration after the start, such as `8h`, because a date would be over after
   * the first run.
   */
  afterStart?: { help: string; example: string };
}

export type OptionSpec = OptionBase &
  (
    | { kind: 'text'; maxLength: number }
    | { kind: 'count'; max?: number }
    /** `exclusive`: neither 0% nor 100%. */
    | { kind: 'share'; exclusive?: true }
    /** The first choice is the default. */
    | { kind: 'choice'; choices: readonly [string, ...string[]] }
    | { kind: 'condition' | 'hours' | 'zone' | 'attribute' | 'name' | 'instant' | 'duration' | 'switch' }
  );

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

export type ValueOf<S extends OptionSpec> = S extends { kind: 'choice'; choices: readonly (infer C)[] }
  ? C
  : OptionValues[Exclude<S['kind'], 'choice'>];

/** Parsed options by key; an option that was not given is absent. */
export type ValuesOf<O extends OptionSpecs> = { -readonly [K in keyof O]?: ValueOf<O[K]> | undefined };

/** The defaults that apply if a campaign does not say otherwise. */
export interface OptionDefaults {
  /** IANA name: TIME_ZONE, or the time zone of the schedule. */
  timeZone: string;
}

/** Something that keeps a campaign from doing harm: its options, and the setting that a campaign keeps. */
export interface Safeguard<O extends OptionSpecs = OptionSpecs, G = unknown> {
  options: O;
  /** Returns what is stored with the campaign; undefined if the options do not ask for it. */
  guard(values: ValuesOf<O>, defaults: OptionDefaults): G | undefined;
}

/** Infers the types of a safeguard from its declaration. */
export function defineSafeguard<const O extends OptionSpecs, G>(safeguard: Safeguard<O, G>): Safeguard<O, G> {
  return safeguard;
}
