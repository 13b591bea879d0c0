/** The processes of a run: each behind taps of its own, and started again when it dies. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { sleep } from '../../src/kit/clock.ts';
import type { CrashPoint, Neighbour } from './crash-points.ts';
import { openTap, type Tap, type Trigger } from './tap.ts';
import { main, type World } from './world.ts';

export interface Member {
  readonly taps: Readonly<Record<Neighbour, Tap>>;
  start(): void;
  /** Ends it at once, by `kill -9`. */
  kill(): Promise<void>;
  /** Asks it to stop and waits until it has; returns its exit code. */
  stop(): Promise<number | null>;
}

export interface Crew {
  readonly members: readonly Member[];
  /**
   * Waits until some member comes to the point, kills it there and starts it again. False when
   * `unless` aborts first.
   */
  crashAt(point: CrashPoint, skip: number, unless: AbortSignal): Promise<boolean>;
  close(): Promise<void>;
}

/** Starts `size` times `passbridge up`. Their logs are `worker-{n}.log` in the run's folder. */
export async function openCrew(world: World, size: number): Promise<Crew> {
  const members = await Promise.all(Array.from({ length: size }, (_, n) => openMember(world, n + 1)));
  for (const member of members) member.start();

  return {
    members,
    async crashAt({ to, ...trigger }, skip, unless) {
      const reached = members.map(async (member) => {
        await member.taps[to].await({ ...trigger, skip } satisfies Trigger);
        return member;
      });
      const never = once(unless, 'abort').then(() => undefined);
      const victim = await Promise.race([...reached, ...(unless.aborted ? [undefined] : [never])]);
      for (const member of members) member.taps[to].disarm();
      if (victim === undefined) return false;
      await victim.kill();
      for (const tap of Object.values(victim.taps)) tap.reopen();
      // Another may have come to the point within the same milliseconds.
      for (const member of members) member.taps[to].release();
      victim.start();
      return true;
    },
    async close() {
      await Promise.all(
        members.map(async (member) => {
          await member.kill();
          await Promise.all(Object.values(member.taps).map((tap) => tap.close()));
        }),
      );
    },
  };
}

async function openMember(world: World, n: number): Promise<Member> {
  const taps = {
    redis: await openTap({ path: world.server.path }),
    passmachine: await openTap(portOf(world.sandbox.passmachineUrl)),
    bloomreach: await openTap(portOf(world.sandbox.bloomreachUrl)),
  };
  let child: ChildProcess | undefined;

  /** Ends it and waits, a few seconds longer than the grace period at most. */
  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return null;
    const exited = once(child, 'exit') as Promise<[number | null]>;
    child.kill(signal);
    const late = sleep(20_000).then((): [number | null] => [null]);
    const [code] = await Promise.race([exited, late]);
    return code;
  };

  return {
    taps,
    start() {
      const log = openSync(join(world.folder, `worker-${n}.log`), 'a');
      child = spawn(process.execPath, [main, 'up'], {
        cwd: world.folder,
        env: {
          ...world.env,
          REDIS_URL: `redis://127.0.0.1:${taps.redis.port}`,
          PASSMACHINE_URL: `http://127.0.0.1:${taps.passmachine.port}`,
          BLOOMREACH_URL: `http://127.0.0.1:${taps.bloomreach.port}`,
        },
        stdio: ['ignore', log, log],
      });
      closeSync(log);
    },
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
  };
}

function portOf(url: string): { port: number } {
  return { port: Number(new URL(url).port) };
}
