/**
 * The safeguards that a campaign can be started with. A new one is a file beside this one and a line in
 * the table: its options then exist on the command line, in the form, in the API and in the programs file.
 */

import type { OptionDefaults, OptionSpecs, ValuesOf } from '../options/option.ts';
import { canary } from './canary.ts';
import { changedOnly } from './changed-only.ts';
import { pauseAt } from './failure-share.ts';
import { holdout } from './holdout.ts';
import { notificationLimit } from './notification-limit.ts';
import { sendingRate } from './sending-rate.ts';
import { quietHours } from './quiet-hours.ts';

/** By the name under which a campaign keeps each, in the order of the help. */
export const safeguards = {
  canary,
  pauseAt,
  quietHours,
  notificationLimit,
  sendingRate,
  changedOnly,
  holdout,
};

type Safeguards = typeof safeguards;

/** What protects one campaign; fixed when it starts. An operator can resume what a safeguard held or paused. */
export type Guards = {
  -readonly [K in keyof Safeguards]?: NonNullable<ReturnType<Safeguards[K]['guard']>>;
};

type Intersection<U> = (U extends unknown ? (member: U) => void : never) extends (all: infer I) => void
  ? I
  : never;

/** The options of all safeguards by key. */
export type GuardOptions = Intersection<Safeguards[keyof Safeguards]['options']>;

// The compiler cannot see that merging the tables gives the intersection of their types.
export const guardOptions = Object.assign(
  {},
  ...Object.values(safeguards).map(({ options }) => options),
) as GuardOptions & OptionSpecs;

/** Returns the guards that the options ask for. */
export function guardsOf(values: ValuesOf<GuardOptions>, defaults: OptionDefaults): Guards {
  const found = Object.entries(safeguards).map(([name, { guard }]) => [
    name,
    (guard as (given: object, defaults: OptionDefaults) => unknown)(values, defaults),
  ]);
  return Object.fromEntries(found.filter(([, guard]) => guard !== undefined)) as Guards;
}
