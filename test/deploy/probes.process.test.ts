/** The probes that the deployment files request. */

import { request } from 'undici';
import { expect, it } from 'vitest';
import { makeWorkspace, printed } from '../support/cli.ts';
import { probes } from './image.ts';

it('a web process answers the probes', async () => {
  const { start } = await makeWorkspace();
  const [, url = ''] = await printed(start(['up', '--role', 'web']), /up at (\S+)/);
  for (const path of probes) {
    const { statusCode, body } = await request(`${url}${path}`);
    await body.dump();
    expect([path, statusCode]).toEqual([path, 200]);
  }
});
