/** Schedules as they run by themselves: one look a second, by every process that feeds. */

import { sleep } from '../../kit/clock.ts';
import { redisSeconds } from '../../kit/redis/redis-nodes.ts';
import { begin, stopReplaced } from './start-run.ts';
import { adopt, decideOn } from './due-schedules.ts';
import type { Schedules } from '../../domain/schedules/schedule.ts';
import type { Part } from '../../kit/part.ts';
import type { ScheduleDesk } from './schedule-deps.ts';

const LOOK_EVERY_MS = 1000;

/** A clock further off than this would decide on due times that have not come. */
const MOST_SKEW_MS = 30_000;

/** Looks every second what has come due. From now on its file counts, not that of a process started before; so does a changed one. */
export async function startSchedules(service: ScheduleDesk): Promise<Part> {
  const { file, log } = service;
  const stopping = new AbortController();
  let adopted: Schedules | undefined;
  const look = async () => {
    try {
      if (!(await isClockRight(service))) return;
      const { schedules } = file;
      if (schedules !== adopted) {
        await Promise.all([...schedules.values()].map((schedule) => adopt(service, schedule)));
      }
      adopted = schedules;
      await lookAtSchedules(service);
    } catch (error) {
      log.error({ event: 'schedules.not-looked-at', err: error });
    }
  };
  const lookOn = async () => {
    while (!stopping.signal.aborted) {
      await sleep(LOOK_EVERY_MS, stopping.signal);
      if (!stopping.signal.aborted) await look();
    }
  };
  await look();
  const looking = lookOn();
  return {
    name: 'schedules',
    async stop() {
      stopping.abort();
      await looking;
    },
  };
}

/** One look: decides what has come due and begins what is to begin. What fails for one schedule fails for it alone. */
export async function lookAtSchedules(service: ScheduleDesk): Promise<void> {
  const { file, stores, log } = service;
  const alone = async (schedule: string, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      log.error({ event: 'schedule.stumbled', schedule, err: error });
    }
  };
  for (const schedule of file.schedules.values()) {
    await alone(schedule.name, () => stopReplaced(service, schedule.name));
    await alone(schedule.name, () => decideOn(service, schedule));
  }
  for (const dueRun of await stores.schedules.dueRuns()) {
    await alone(dueRun.schedule, () => begin(service, dueRun));
  }
}

/** By the clock of Redis, which all processes share. */
async function isClockRight({ stores, clock, log }: ScheduleDesk): Promise<boolean> {
  const skew = clock() - (await redisSeconds(stores.redis, stores.prefix)) * 1000;
  if (Math.abs(skew) <= MOST_SKEW_MS) return true;
  log.error(
    { event: 'schedules.clock-wrong', skewMs: skew },
    'this clock and that of Redis differ: no schedule is run here',
  );
  return false;
}
