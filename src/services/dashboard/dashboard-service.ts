/** Assembles the services behind the dashboard and its API. */

import type { Attention } from '../../domain/monitoring/attention.ts';
import type { ProgramsFile } from '../../programs/file/programs.ts';
import { systemClock } from '../../kit/clock.ts';
import { reuse } from '../../kit/reused.ts';
import { poll } from '../../kit/poll.ts';
import type { DashboardService } from '../../web/dashboard/dashboard-service.ts';
import {
  type ActionContext,
  haltCampaign,
  programNow,
  rescheduleCampaign,
  resumeCampaign,
} from '../campaigns/control.ts';
import { openGate, resetLimits, setLimits } from '../campaigns/limits.ts';
import { throughputOf } from '../monitoring/overview/campaigns.ts';
import { readOverview } from '../monitoring/overview/overview.ts';
import { readSituation } from '../monitoring/situation.ts';
import type { ReadHealth } from '../monitoring/shared-health.ts';
import type { QueueInspector } from '../../queue/queue-diagnostics.ts';
import { findCustomers } from '../customers/customers.ts';
import { failureGroups } from '../failures/list-failures.ts';
import { makeUploads } from '../campaigns/files/uploads.ts';
import { resultsOf } from '../campaigns/results.ts';
import { readLogo } from '../programs/card-logo.ts';
import {
  listSchedules,
  resultOfRun,
  type RequestedRun,
  requestRun,
  type ScheduleQueryDeps,
  skipMissed,
  switchSchedule,
} from '../schedules/schedules.ts';
import type { Stores } from '../stores.ts';
import { type DraftDeps, makeDraftService } from './drafts.ts';
import { makeFailureService } from './failure-service.ts';

/** Dependencies other than the stores. */
export interface DashboardDeps extends Omit<DraftDeps, 'file' | 'uploads'> {
  file: ProgramsFile;
  health: ReadHealth;
  inspector: Pick<QueueInspector, 'queues' | 'find'>;
}

export function makeDashboardService(
  stores: Stores,
  { file, inspector, health, ...deps }: DashboardDeps,
): DashboardService {
  const { config } = deps;
  const { campaigns } = stores;
  const clock = systemClock;
  const uploads = makeUploads(stores, config);
  const scheduling = { file, stores, clock };
  const readAttention = async (): Promise<Attention> => {
    const [{ alerts }, groups] = await Promise.all([
      readOverview(stores, clock, file),
      failureGroups(stores, {}, clock()),
    ]);
    return { alerts, groups };
  };
  return {
    health,
    campaigns: {
      list: ({ offset, limit }) => campaigns.list(limit, offset),
      find: campaigns.find,
      throughput: (campaign) => throughputOf(stores, campaign, clock()),
      waits: async (some) => (await readSituation(stores, some)).waits,
      isOutdated({ program: name, programVersion }) {
        const program = file.programs.get(name);
        return programVersion !== undefined && program !== undefined && program.version !== programVersion;
      },
      failures: campaigns.failures,
      pause: async (id, context) => void (await haltCampaign(stores, id, 'paused', context)),
      resume: async (id, context) => void (await resumeCampaign(stores, id, context)),
      resumeLatest: async (id, context) =>
        void (await resumeCampaign(stores, id, context, await programNow(stores, file, id))),
      stop: async (id, context) => void (await haltCampaign(stores, id, 'stopped', context)),
      reschedule: async (id, time, context) => {
        await rescheduleCampaign(stores, id, { time, timeZone: config.campaigns.timeZone }, context);
      },
      results: (id, states, flavor) =>
        resultsOf(stores, id, { states, flavor, idTypes: config.customers.idTypes }),
    },
    overview: {
      read: () => readOverview(stores, clock, file),
      setLimits: (limits, context) => setLimits(stores, limits, config.passmachine, context),
      resetLimits: (context) => resetLimits(stores, config.passmachine, context),
      openGate: async (context) => void (await openGate(stores, context)),
    },
    failures: makeFailureService(stores, { file, clock }),
    drafts: makeDraftService(stores, { ...deps, file, uploads }),
    cards: { logo: (program) => readLogo(file.programs.get(program), config.files.programs) },
    uploads,
    schedules: {
      list: () => listSchedules(scheduling),
      run: (name, context) => requestRunAndWait(scheduling, name, context),
      skipMissed: async (name, context) => void (await skipMissed(scheduling, name, context)),
      switch: (name, enabled, context) => switchSchedule(scheduling, name, enabled, context),
    },
    attention: { read: reuse(readAttention, REUSED) },
    audit: { page: stores.audit.page },
    customers: {
      find: (text) => findCustomers(stores, text, clock()),
    },
    diagnostics: {
      queues: () => inspector.queues(clock()),
      findJob: inspector.find,
    },
  };
}

/** Every page shows the number of open decisions, so reading it must not cost more with more viewers. */
const REUSED = { freshMs: 2000, staleMs: 60_000 };

/** After this time the response says that the run is waiting for its source. */
const MAX_WAIT_MS = 4000;
const POLL_MS = 100;

/** Requests a run, which a feeder starts, and waits for its campaign. Throws a `UserError` if the run fails. */
async function requestRunAndWait(
  schedules: ScheduleQueryDeps,
  name: string,
  context: ActionContext,
): Promise<RequestedRun> {
  return requestRun(schedules, name, context, async (requested) => {
    const outcome = await poll(
      POLL_MS,
      () => resultOfRun(schedules, requested),
      AbortSignal.timeout(MAX_WAIT_MS),
    );
    return outcome ?? { kind: 'waits', campaign: requested.id };
  });
}
