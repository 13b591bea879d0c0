/** What the dashboard and its API see and do, put together from the stages. */

import type { ProgramsFile } from '../../programs/file/programs.ts';
import { systemClock } from '../../kit/clock.ts';
import type { DashboardService } from '../../web/dashboard/dashboard-service.ts';
import { haltCampaign, programNow, resumeCampaign } from '../campaigns/control.ts';
import { resetLimits, setLimits } from '../limits.ts';
import { throughputOf } from '../monitoring/overview/campaigns.ts';
import { now } from '../monitoring/overview/overview.ts';
import { findCustomers } from '../customers/customers.ts';
import { resultsOf } from '../campaigns/results.ts';
import { listSchedules, skipMissed, switchSchedule } from '../schedules/schedules.ts';
import type { Stores } from '../stores.ts';
import { type DraftDeps, makeDraftService } from './drafts.ts';
import { makeFailureService } from './failure-service.ts';
import { askForRun } from './request-run.ts';

/** What it takes besides the stores. */
export interface DashboardDeps extends Omit<DraftDeps, 'file'> {
  file: ProgramsFile;
}

export function makeDashboardService(stores: Stores, { file, ...deps }: DashboardDeps): DashboardService {
  const { config } = deps;
  const { campaigns } = stores;
  const clock = systemClock;
  const scheduling = { file, stores, clock };
  return {
    campaigns: {
      list: ({ offset, limit }) => campaigns.list(limit, offset),
      find: campaigns.find,
      throughput: (campaign) => throughputOf(stores, campaign, clock()),
      isOutdated({ program: name, programVersion }) {
        const program = file.programs.get(name);
        return programVersion !== undefined && program !== undefined && program.version !== programVersion;
      },
      failures: campaigns.failures,
      pause: async (id, act) => void (await haltCampaign(stores, id, 'paused', act)),
      resume: async (id, act) => void (await resumeCampaign(stores, id, act)),
      resumeLatest: async (id, act) =>
        void (await resumeCampaign(stores, id, act, await programNow(stores, file, id))),
      stop: async (id, act) => void (await haltCampaign(stores, id, 'stopped', act)),
      results: (id, states) => resultsOf(stores, id, { states, idTypes: config.customers.idTypes }),
    },
    now: {
      now: () => now(stores, clock, file),
      setLimits: (limits, act) => setLimits(stores, limits, config.passmachine, act),
      resetLimits: (act) => resetLimits(stores, config.passmachine, act),
    },
    failures: makeFailureService(stores, { file, clock }),
    drafts: makeDraftService(stores, { ...deps, file }),
    schedules: {
      list: () => listSchedules(scheduling),
      run: (name, act) => askForRun(scheduling, name, act),
      skipMissed: async (name, act) => void (await skipMissed(scheduling, name, act)),
      switch: (name, enabled, act) => switchSchedule(scheduling, name, enabled, act),
    },
    audit: { page: stores.audit.page },
    people: {
      find: (text) => findCustomers(stores, text, clock()),
    },
  };
}
