/** The `passbridge up` processes of a run, each behind its own fault proxies. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { sleep } from '../../src/kit/clock.ts';
import type { CrashPoint, Dependency } from './crash-points.ts';
import { openHostClock } from './host-clock.ts';
import { type FaultProxy, openFaultProxy, type Trigger } from './fault-proxy.ts';
import { main, type Testbed } from './testbed.ts';

export interface WorkerProcess {
  readonly proxies: Readonly<Record<Dependency, FaultProxy>>;
  start(): void;
  /** Ends it immediately, by `kill -9`. */
  kill(): Promise<void>;
  /** Ends it at the end of the run. */
  discard(): Promise<void>;
  /** Sends SIGTERM and waits for the exit; returns the exit code. */
  stop(): Promise<number | null>;
  /** Suspends it by SIGSTOP, as a virtual machine is, and continues it after `ms`. */
  suspend(ms: number): Promise<void>;
  /** Sets the clock of its host. Throws if the scenario declares no clocks. */
  setClock(secondsAhead: number): Promise<void>;
}

export interface WorkerProcesses {
  readonly workers: readonly WorkerProcess[];
  /**
   * Waits until a worker reaches the crash point, kills it there and starts it again. Returns false if `unless`
   * aborts first.
   */
  crashAt(point: CrashPoint, skip: number, unless: AbortSignal): Promise<boolean>;
  close(): Promise<void>;
}

/** Starts `count` processes of `passbridge up`. Their logs are `worker-{n}.log` in the run's folder. */
export async function startWorkerProcesses(
  testbed: Testbed,
  count: number,
  hostClocks: readonly number[] = [],
): Promise<WorkerProcesses> {
  const workers = await Promise.all(
    Array.from({ length: count }, (_, n) => openWorker(testbed, n + 1, hostClocks[n])),
  );
  for (const worker of workers) worker.start();

  return {
    workers,
    async crashAt({ to, ...trigger }, skip, unless) {
      const reached = workers.map(async (worker) => {
        await worker.proxies[to].waitFor({ ...trigger, skip } satisfies Trigger);
        return worker;
      });
      const aborted = once(unless, 'abort').then(() => undefined);
      const victim = await Promise.race([...reached, ...(unless.aborted ? [undefined] : [aborted])]);
      for (const worker of workers) worker.proxies[to].disarm();
      if (victim === undefined) return false;
      await victim.kill();
      for (const proxy of Object.values(victim.proxies)) proxy.reopen();
      // Another worker may have reached the point within the same milliseconds.
      for (const worker of workers) worker.proxies[to].unfreeze();
      victim.start();
      return true;
    },
    async close() {
      await Promise.all(
        workers.map(async (worker) => {
          await worker.discard();
          await Promise.all(Object.values(worker.proxies).map((proxy) => proxy.close()));
        }),
      );
    },
  };
}

async function openWorker(
  testbed: Testbed,
  n: number,
  secondsAhead: number | undefined,
): Promise<WorkerProcess> {
  const clock =
    secondsAhead === undefined
      ? undefined
      : await openHostClock(join(testbed.folder, `host-clock-${n}`), secondsAhead);
  const proxies = {
    redis: await openFaultProxy({ path: testbed.server.path }),
    passmachine: await openFaultProxy(portOf(testbed.sandbox.passmachineUrl)),
    bloomreach: await openFaultProxy(portOf(testbed.sandbox.bloomreachUrl)),
  };
  let child: ChildProcess | undefined;

  /** Ends the process; waits a few seconds longer than the grace period at most. */
  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return null;
    const exited = once(child, 'exit') as Promise<[number | null]>;
    child.kill(signal);
    const late = sleep(20_000).then((): [number | null] => [null]);
    const [code] = await Promise.race([exited, late]);
    return code;
  };

  return {
    proxies,
    start() {
      const log = openSync(join(testbed.folder, `worker-${n}.log`), 'a');
      child = spawn(process.execPath, [main, 'up'], {
        cwd: testbed.folder,
        env: {
          ...testbed.env,
          ...clock?.env,
          REDIS_URL: `redis://127.0.0.1:${proxies.redis.port}`,
          PASSMACHINE_URL: `http://127.0.0.1:${proxies.passmachine.port}`,
          BLOOMREACH_URL: `http://127.0.0.1:${proxies.bloomreach.port}`,
        },
        stdio: ['ignore', log, log],
      });
      closeSync(log);
    },
    async kill() {
      await testbed.interrupted.interrupt(() => end('SIGKILL'));
    },
    discard: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
    async suspend(ms) {
      await testbed.interrupted.interrupt(() => child?.kill('SIGSTOP'));
      await sleep(ms);
      child?.kill('SIGCONT');
    },
    async setClock(seconds) {
      if (clock === undefined) throw new Error('the scenario has no hostClocks');
      await clock.set(seconds);
    },
  };
}

function portOf(url: string): { port: number } {
  return { port: Number(new URL(url).port) };
}
