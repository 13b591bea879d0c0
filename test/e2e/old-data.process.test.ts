/** Starting on a Redis that holds data of an older version. */

import { expect, it } from 'vitest';
import { printed } from '../support/cli.ts';
import { openWithOldData } from '../support/old-data.ts';

it('`up` deletes old data with --wipe-old-data', async () => {
  const { start, hasOldData } = await openWithOldData();
  const refused = start(['up']);
  expect((await refused.ended).code).toBe(2);
  await printed(start(['up', '--wipe-old-data']), /up at/);
  expect(await hasOldData()).toBe(false);
});
