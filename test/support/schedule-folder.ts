/** A folder with a schedule and its export, for the command line. */

import { makeLedgerKeys } from '../../src/ledger/keys.ts';
import { makeWorkspace } from './cli.ts';
import { goodCustomers } from './customers.ts';
import { loyaltyProgramYaml } from './programs-yaml.ts';
import { openRedis } from './redis.ts';

const programs = (cron: string, more = '') => `${loyaltyProgramYaml}schedules:
  nightly:
    program: loyalty
    action: issue
    source: { file: cards.csv }
    cron: '${cron}'
    timeZone: Europe/Prague
${more}`;

interface ListedSchedule {
  name: string;
  enabled: boolean;
  next: string | null;
  undecided: { count: number } | null;
  runs: { result: string; cause: string; campaign: string | null; note: string | null }[];
}

/** Makes a folder with a schedule and its export, and reads its state as JSON. */
export async function openScheduleFolder(cron: string, more = '') {
  const workspace = await makeWorkspace();
  workspace.env['PROGRAMS_FILE'] = 'programs.yaml';
  const keys = makeLedgerKeys(workspace.env['QUEUE_PREFIX'] ?? '');
  await workspace.write('programs.yaml', programs(cron, more));
  await workspace.write('cards.csv', goodCustomers(5));
  const run = (...args: string[]) => workspace.run(args);
  return {
    ...workspace,
    run,
    schedules: (...args: string[]) => run('schedules', ...args),
    up: () => workspace.start(['up']),
    async listed(): Promise<ListedSchedule> {
      const { stdout } = await run('schedules', 'list', '--json');
      const { schedules } = JSON.parse(stdout) as { schedules: [ListedSchedule] };
      return schedules[0];
    },
    async campaigns(): Promise<{ id: string; status: string; done: number }[]> {
      const { stdout } = await run('status', '--json');
      return (JSON.parse(stdout) as { campaigns: { id: string; status: string; done: number }[] }).campaigns;
    },
    /** Simulates a downtime. */
    async backdate(ms: number) {
      await openRedis().hset(keys.schedule('nightly'), 'through', Date.now() - ms);
    },
  };
}
