/** The first contact with Redis: waits while it is down, for a limited time or for ever, but not if the address is wrong. */

import { Cluster } from 'ioredis';
import { sleep } from '../clock.ts';
import { startTimeout } from '../deadline.ts';
import { connectionRemedy, permanentRemedy } from './connection-errors.ts';
import type { RedisConnection } from './redis.ts';
import { ping } from './refusal.ts';

interface WaitOptions {
  /** Prints a line for the operator. */
  say: (line: string) => void;
  /** Milliseconds after which an unreachable Redis is an error; absent: never. A Redis that loads its data has longer. */
  giveUpAfterMs?: number | undefined;
}

/** Milliseconds after which the operator is told why the start takes so long. */
const REPORT_AFTER_MS = 3000;
/** How often a Redis that loads its data is looked at again. */
const LOADING_POLL_MS = 1000;
const PROBE_TIMEOUT_MS = 2000;
const NO_REPLY = 'no reply';

/** Resolves with undefined when Redis answers, or with what is wrong and the remedy if it will not. */
export async function waitForRedis(
  redis: RedisConnection,
  { say, giveUpAfterMs }: WaitOptions,
): Promise<string | undefined> {
  let lastError = NO_REPLY;
  let giveUp: ((problem: string) => void) | undefined;
  const failed = new Promise<string>((resolve) => (giveUp = resolve));
  const onError = (error: Error) => {
    lastError = error.message === '' ? codeOf(error) : error.message;
    const remedy = permanentRemedy(lastError);
    if (remedy !== undefined) giveUp?.(remedy);
  };
  // Emitted for the connection itself, a node of a Cluster, and a sentinel.
  const events = ['error', 'node error', 'sentinelError'];
  for (const event of events) redis.on(event, onError);

  const seconds = Math.round((giveUpAfterMs ?? 0) / 1000);
  const isOver = new AbortController();
  const expire = async () => {
    while (await isLoading(redis)) {
      await sleep(LOADING_POLL_MS, isOver.signal);
      if (isOver.signal.aborted) return;
    }
    giveUp?.(`Redis did not answer within ${seconds} s (${lastError}). ${connectionRemedy(lastError)}`);
  };
  const clearLimit =
    giveUpAfterMs === undefined ? () => {} : startTimeout(giveUpAfterMs, () => void expire());
  const report = setTimeout(() => say(`Waiting for Redis: ${lastError}`), REPORT_AFTER_MS);
  const answered = ping(redis).then(
    () => undefined,
    async (error: Error) => {
      onError(error);
      return failed;
    },
  );
  try {
    return await Promise.race([answered, failed]);
  } finally {
    clearTimeout(report);
    clearLimit();
    isOver.abort();
    for (const event of events) redis.off(event, onError);
  }
}

/** Addresses of several kinds for one name fail together, in an error that has only a code. */
function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : NO_REPLY;
}

/**
 * Returns whether Redis answers another connection. ioredis keeps commands back while Redis loads its data, and for up
 * to ten seconds after that; `INFO` is answered meanwhile.
 */
async function isLoading(redis: RedisConnection): Promise<boolean> {
  if (redis instanceof Cluster || redis.status !== 'connect') return false;
  const probe = redis.duplicate({
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
    connectTimeout: PROBE_TIMEOUT_MS,
    commandTimeout: PROBE_TIMEOUT_MS,
    retryStrategy: () => null,
  });
  probe.on('error', () => {});
  try {
    await probe.info('persistence');
    return true;
  } catch {
    return false;
  } finally {
    probe.disconnect();
  }
}
