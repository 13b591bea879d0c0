/** A slice of the simulation: the number of worlds is fixed, so the result is the same on every machine. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findViolation } from './explore.ts';
import { formatHistory } from './history.ts';
import { type RedisServer, startRedisServer } from './redis-server.ts';
import { playWorld } from './world.ts';
import { specOf } from './world-spec.ts';

let server: RedisServer;

beforeAll(async () => {
  server = await startRedisServer();
});
afterAll(() => server.stop());

async function playSeeds(count: number): Promise<string[]> {
  const histories: string[] = [];
  for (let seed = 1; seed <= count; seed += 1) {
    histories.push(formatHistory((await playWorld(server, specOf(seed))).history));
  }
  return histories;
}

describe('simulated worlds', () => {
  it('have the same history, byte for byte, each time their seed is played', async () => {
    const first = await playSeeds(20);
    expect(new Set(first).size).toBe(20);
    expect(await playSeeds(20)).toEqual(first);
  });

  it('violate no invariant', async () => {
    const found = await findViolation(server, { first: 21, worlds: 20 });
    expect(found && { spec: JSON.stringify(found.spec), violations: found.violations }).toBeUndefined();
  });
});
