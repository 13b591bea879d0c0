/** The longer slice of the simulation, for `npm run test:all`. */

import { expect, it } from 'vitest';
import { findViolation } from './explore.ts';
import { startRedisServer } from './redis-server.ts';

it('400 simulated worlds violate no invariant', async () => {
  const server = await startRedisServer();
  try {
    const found = await findViolation(server, { first: 1001, worlds: 400 });
    expect(found && { spec: JSON.stringify(found.spec), violations: found.violations }).toBeUndefined();
  } finally {
    await server.stop();
  }
});
