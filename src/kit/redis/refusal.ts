/** Why Redis refuses a command, or does not answer it, in words for operators. */

export interface RedisRefusal {
  /** Redis' own error code, e.g. `OOM`. */
  code: string;
  /** What is wrong: one clause without a full stop. */
  problem: string;
  /** What to do: one or two sentences. */
  remedy: string;
}

export const refusals = {
  OOM: {
    code: 'OOM',
    problem: 'Redis is full: its memory has reached maxmemory',
    remedy:
      'Give Redis more memory (redis-cli CONFIG SET maxmemory, and redis.conf), or delete data of others in it. Work continues automatically; nothing is lost.',
  },
  MISCONF: {
    code: 'MISCONF',
    problem: 'Redis cannot write to its disk, which is probably full, and therefore stores nothing',
    remedy:
      'Free space on the disk of Redis and see its log. Work continues automatically once a write has succeeded; nothing is lost.',
  },
  READONLY: {
    code: 'READONLY',
    problem: 'Redis is a read-only replica',
    remedy:
      'During a failover, wait: passbridge reconnects until it reaches the new master. Otherwise set REDIS_URL to the master.',
  },
  LOADING: {
    code: 'LOADING',
    problem: 'Redis is loading its data from disk',
    remedy: 'Wait until it has finished; work continues automatically.',
  },
  MASTERDOWN: {
    code: 'MASTERDOWN',
    problem: 'Redis is a replica that has lost its master',
    remedy: 'Wait for the failover, or set REDIS_URL to the master.',
  },
  NOREPLICAS: {
    code: 'NOREPLICAS',
    problem: 'Redis accepts no writes, because too few of its replicas are connected (min-replicas-to-write)',
    remedy: 'Start the replicas, or lower min-replicas-to-write.',
  },
  CLUSTERDOWN: {
    code: 'CLUSTERDOWN',
    problem: 'The Redis Cluster is down: some of its slots have no reachable node',
    remedy: 'Restart the missing nodes; redis-cli --cluster check names them.',
  },
  BUSY: {
    code: 'BUSY',
    problem: 'Redis is busy with a script that takes too long',
    remedy: 'Wait, or see redis-cli CLIENT LIST and SCRIPT KILL.',
  },
  NOPERM: {
    code: 'NOPERM',
    problem: 'The user in REDIS_URL may not run every command',
    remedy: 'Grant it all commands on the keys below QUEUE_PREFIX.',
  },
} as const satisfies Record<string, RedisRefusal>;

/** A command was not sent because Redis does not answer. */
export class RedisAwayError extends Error {
  override readonly name = 'RedisAwayError';

  constructor() {
    super('Redis does not answer');
  }
}

/** The refusal of a {@link RedisAwayError}. */
export const noAnswer: RedisRefusal = {
  code: 'NO_ANSWER',
  problem: 'Redis does not answer',
  remedy:
    'Nothing is lost, and work continues automatically once Redis answers. Try again in a few seconds; if it lasts: passbridge doctor.',
};

/** Returns a refusal as text for operators. */
export function describeRefusal({ problem, remedy }: RedisRefusal): string {
  return `${problem}. ${remedy}`;
}

/**
 * Resolves if Redis answers, although a Redis that cannot write to its disk refuses even `PING`. Rejects if it does not
 * answer, or not to us.
 */
export async function ping(redis: { ping(): Promise<unknown> }): Promise<void> {
  try {
    await redis.ping();
  } catch (error) {
    if (explainRefusal(error)?.code !== 'MISCONF') throw error;
  }
}

/** The reply to `EXEC`, or of a script of Redis 6, quotes the code in the middle of its text. */
const CODE = new RegExp(`(?:^|[ -])(${Object.keys(refusals).join('|')}) `);

/**
 * Returns why Redis refused a command; undefined for any other error. A transaction is refused because one of its
 * commands was.
 */
export function explainRefusal(error: unknown): RedisRefusal | undefined {
  if (error instanceof RedisAwayError) return noAnswer;
  if (!(error instanceof Error) || error.name !== 'ReplyError') return undefined;
  const code = CODE.exec(error.message)?.[1];
  if (code !== undefined && code in refusals) return refusals[code as keyof typeof refusals];
  const earlier: unknown = 'previousErrors' in error ? error.previousErrors : [];
  return Array.isArray(earlier)
    ? earlier.map(explainRefusal).find((refusal) => refusal !== undefined)
    : undefined;
}
