/** What the files of deploy/ ask of a web process is answered. */

import { request } from 'undici';
import { expect, it } from 'vitest';
import { makeDashboardService, printed } from '../support/cli.ts';
import { probes } from './probes.ts';

it('a web process answers the probes', async () => {
  const { start } = await makeDashboardService();
  const [, url = ''] = await printed(start(['up', '--role', 'web']), /up at (\S+)/);
  for (const path of probes) {
    const { statusCode, body } = await request(`${url}${path}`);
    await body.dump();
    expect([path, statusCode]).toEqual([path, 200]);
  }
});
