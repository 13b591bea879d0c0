/**
 * Scripts whose writes count only after replicas have acknowledged them. Replication is asynchronous: a
 * write that no replica has received is lost when its master dies. `WAIT` must be sent on the connection
 * that wrote.
 */

import { retry } from '../retry.ts';
import { defineScript, type RedisConnection, type ScriptCall } from './redis.ts';

export interface ReplicationOptions {
  /** A connection used by nothing else, because `WAIT` blocks it. */
  redis: RedisConnection;
  /** Replicas that must acknowledge a write. */
  minReplicas: number;
}

/** Written, but acknowledged by too few replicas. */
export class NotReplicatedError extends Error {}

/** Milliseconds that replicas have to acknowledge. Other scripts on the connection wait as long. */
const WAIT_MS = 250;

const RETRIES = { times: 40, pauseMs: 250 };

/**
 * Defines a script that throws {@link NotReplicatedError} if its write is not replicated; an ordinary
 * script if `replication` is undefined. It must write on every call and be safe to repeat: after a lost
 * connection it is unknown how far the call got, and only the connection that wrote can wait for it.
 */
export function defineReplicatedScript(
  redis: RedisConnection,
  replication: ReplicationOptions | undefined,
  name: string,
  lua: string,
): ScriptCall {
  if (replication === undefined) return defineScript(redis, name, lua);
  const { redis: writer, minReplicas } = replication;
  defineScript(writer, name, lua);

  const run: ScriptCall = async (keys, args) => {
    const pipeline = writer.pipeline();
    const command: unknown = Reflect.get(pipeline, name);
    if (typeof command !== 'function') throw new Error(`ioredis did not define the script ${name}`);
    Reflect.apply(command, pipeline, [keys.length, ...keys, ...args]);
    const [written, acknowledged] = (await pipeline.wait(minReplicas, WAIT_MS).exec()) ?? [];
    const error = written?.[0] ?? acknowledged?.[0];
    if (error) throw error;
    if (Number(acknowledged?.[1]) < minReplicas) {
      throw new NotReplicatedError(`acknowledged by ${String(acknowledged?.[1])} of ${minReplicas} replicas`);
    }
    return written?.[1];
  };

  return async (keys, args) => {
    const result = await retry(async () => {
      try {
        return { reply: await run(keys, args) };
      } catch (error) {
        if (isConnectionLost(error)) throw error;
        return { error };
      }
    }, RETRIES);
    if ('error' in result) throw result.error;
    return result.reply;
  };
}

function isConnectionLost(error: unknown): boolean {
  return error instanceof Error && /aborted due to connection close|Connection is closed/.test(error.message);
}
