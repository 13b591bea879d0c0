/**
 * A process's stay with the server of a place. It brings a server that dies back, on the same socket
 * and data; of several tenants one starts it and the others find it running. The last one out stops it.
 */

import type { Redis } from 'ioredis';
import { sleep } from '../clock.ts';
import { hangUp } from './contact.ts';
import { withLock } from './lock.ts';
import { ensureServer, stopServer, type ServerNeeds } from './server.ts';

export interface Tenancy {
  /** Of the server that runs now; another one after a restart. */
  readonly pid: number;
  /** Ends the stay, and with the last tenant's the server. Call it once. */
  leave(): Promise<void>;
}

/** Redis itself counts the tenants, by this name of their connections: a killed one is gone at once. */
const TENANT = 'passbridge-tenant';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/** Resolves when the server answers. Throws a PrivateRedisError where only the operator can help. */
export async function beginTenancy(needs: ServerNeeds): Promise<Tenancy> {
  const { place, say } = needs;
  const leaving = new AbortController();
  let recovery = Promise.resolve();

  const moveIn = () =>
    withLock(place, async () => {
      const running = await ensureServer(needs);
      await running.redis.client('SETNAME', TENANT);
      return running;
    });

  const recover = async () => {
    say(`The private Redis (pid ${server.pid}) is gone: starting it again.`);
    let pauseMs = FIRST_PAUSE_MS;
    while (!leaving.signal.aborted) {
      try {
        server = await moveIn();
        say(`The private Redis runs again (pid ${server.pid}).`);
        return watch();
      } catch (error) {
        say(error instanceof Error ? error.message : String(error));
        await sleep(pauseMs, leaving.signal);
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      }
    }
  };

  const onEnd = () => {
    if (!leaving.signal.aborted) recovery = recover();
  };
  const watch = () => {
    if (server.redis.status === 'end') onEnd();
    else server.redis.once('end', onEnd);
  };

  let server = await moveIn();
  watch();
  return {
    get pid() {
      return server.pid;
    },
    leave: async () => {
      leaving.abort();
      await recovery;
      await withLock(place, async () => {
        if (server.redis.status !== 'ready') return;
        if (await isLastTenant(server.redis)) await stopServer(server, place);
        else hangUp(server.redis);
      });
    },
  };
}

async function isLastTenant(redis: Redis): Promise<boolean> {
  const clients = String(await redis.client('LIST')).split('\n');
  return clients.filter((client) => client.includes(` name=${TENANT} `)).length <= 1;
}
