/**
 * Scripts whose writes count only once replicas have them. Replication is asynchronous: what no
 * replica has yet is gone when its master dies. `WAIT` asks them, on the connection that wrote.
 */

import { insist } from '../retry.ts';
import { defineScript, type RedisConnection, type ScriptCall } from './redis.ts';

/** How many replicas have to have a write; `redis` is a connection that nothing else waits on. */
export interface Replicas {
  redis: RedisConnection;
  atLeast: number;
}

/** It was written, and too few replicas have it so far. */
export class NotConfirmed extends Error {}

/** Milliseconds that replicas get. It is their round trip, and what others on the connection wait. */
const REPLICAS_MS = 250;

const TRIES = { times: 40, pauseMs: 250 };

/**
 * A script that throws {@link NotConfirmed} where its write is not safe; without `replicas` any script.
 * It has to write each time, and it has to bear being run again: whoever loses the connection
 * cannot tell how far it got, and only the connection that wrote can ask.
 */
export function defineConfirmedScript(
  redis: RedisConnection,
  replicas: Replicas | undefined,
  name: string,
  lua: string,
): ScriptCall {
  if (replicas === undefined) return defineScript(redis, name, lua);
  defineScript(replicas.redis, name, lua);

  const run: ScriptCall = async (keys, args) => {
    const pipeline = replicas.redis.pipeline();
    const command: unknown = Reflect.get(pipeline, name);
    if (typeof command !== 'function') throw new Error(`ioredis did not define the script ${name}`);
    Reflect.apply(command, pipeline, [keys.length, ...keys, ...args]);
    const [written, confirmed] = (await pipeline.wait(replicas.atLeast, REPLICAS_MS).exec()) ?? [];
    const error = written?.[0] ?? confirmed?.[0];
    if (error) throw error;
    if (Number(confirmed?.[1]) < replicas.atLeast) {
      throw new NotConfirmed(`${String(confirmed?.[1])} of ${replicas.atLeast} replicas have it`);
    }
    return written?.[1];
  };

  return async (keys, args) => {
    const result = await insist(async () => {
      try {
        return { reply: await run(keys, args) };
      } catch (error) {
        if (isCutOff(error)) throw error;
        return { error };
      }
    }, TRIES);
    if ('error' in result) throw result.error;
    return result.reply;
  };
}

/** The connection was lost in the middle. */
function isCutOff(error: unknown): boolean {
  return error instanceof Error && /aborted due to connection close|Connection is closed/.test(error.message);
}
