/** Cron expressions in plain words. */

import { expect, it } from 'vitest';
import { describeCron } from '../../../src/domain/schedules/cron-words.ts';

it.each([
  ['30 3 * * *', 'At 03:30, every day'],
  ['15 8,20 * * *', 'At 08:15 and 20:15, every day'],
  ['0 9 * * 1-5', 'At 09:00, Monday through Friday'],
  ['*/15 * * * *', 'Every 15 minutes'],
  ['0 9 L * *', 'At 09:00, on the last day of the month'],
  ['30 3 1 1 *', 'At 03:30, on day 1 of the month, only in January'],
])('describes %s', (expression, words) => {
  expect(describeCron(expression)).toBe(words);
});

it('has no words for what is no cron expression', () => {
  expect(describeCron('every full moon')).toBeUndefined();
});
