/** A cron expression in plain words. */

import cronstrue from 'cronstrue';

/** A time of day without a day says nothing of how often it comes. */
const ONLY_TIMES = /^At [\d:, and]+$/;

/** Describes an expression, e.g. `At 03:30, every day`; undefined for one that has no description. */
export function describeCron(expression: string): string | undefined {
  try {
    const words = cronstrue.toString(expression, { use24HourTimeFormat: true });
    return ONLY_TIMES.test(words) ? `${words}, every day` : words;
  } catch {
    return undefined;
  }
}
