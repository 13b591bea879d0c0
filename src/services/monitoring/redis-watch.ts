/** Logs when Redis stops storing what this process sends, and when it does again. Commands wait for it in silence. */

import type { Logger } from '../../kit/logger.ts';
import type { Part } from '../../kit/part.ts';
import { startPeriodic } from '../../kit/periodic.ts';
import { connectionRemedy } from '../../kit/redis/connection-errors.ts';
import type { RedisConnection } from '../../kit/redis/redis.ts';

/** A restart or a failover takes less, as a rule. */
const CHECK_EVERY_MS = 5000;

interface WatchOptions {
  redis: Pick<RedisConnection, 'on' | 'off'>;
  /** Returns why Redis stores nothing now; see {@link import('./readiness.ts').makeUnreadinessCheck}. */
  unreadiness: () => Promise<string | undefined>;
  log: Logger;
}

/** Each problem is logged once, with the remedy if the connection has failed. */
export function startRedisWatch({ redis, unreadiness, log }: WatchOptions): Part {
  let connectionError: string | undefined;
  let logged: string | undefined;
  const onError = (error: Error) => {
    connectionError = error.message === '' && 'code' in error ? String(error.code) : error.message;
  };
  const onReady = () => (connectionError = undefined);
  redis.on('error', onError);
  redis.on('ready', onReady);

  const check = async () => {
    const problem = await unreadiness();
    if (problem === logged) return;
    if (problem === undefined) log.info({ event: 'redis.available' }, 'Redis stores data again');
    else {
      const remedy =
        connectionError === undefined ? '' : `: ${connectionError}. ${connectionRemedy(connectionError)}`;
      log.warn({ event: 'redis.unavailable', problem }, `${problem}${remedy}`);
    }
    logged = problem;
  };

  const task = startPeriodic({
    name: 'redis watch',
    everyMs: CHECK_EVERY_MS,
    firstAfterMs: CHECK_EVERY_MS,
    work: check,
    log,
  });
  return {
    ...task,
    async stop() {
      redis.off('error', onError);
      redis.off('ready', onReady);
      await task.stop();
    },
  };
}
