/** `passbridge status`: campaigns with their counters, and the running processes. */

import type { Config } from '../../config/config.ts';
import type { Campaign } from '../../domain/campaigns/campaign.ts';
import type { Health } from '../../domain/monitoring/health.ts';
import { describeWait, reasonsOf, type CampaignWait } from '../../domain/monitoring/wait-reason.ts';
import type { Stores } from '../../services/stores.ts';
import { type DeclareCommand, type ExitCode, withPassbridge } from '../command.ts';
import { describeProcesses, publicProcess } from '../output/process-list.ts';
import { describeCampaign, describeCampaigns, describeCauses } from '../output/summary.ts';
import { publicCampaign } from '../output/public-campaign.ts';
import { host, say } from '../output/terminal.ts';

export const declareStatus: DeclareCommand = (program, ended) => {
  program
    .command('status')
    .description('show campaigns with their counters, and the running processes')
    .argument('[campaign]', 'show only this campaign, with its causes of failure')
    .option('--json', 'print JSON')
    .action(async (id: string | undefined, { json }: { json?: boolean }) =>
      ended(await status(id, json === true)),
    );
};

function status(id: string | undefined, json: boolean): Promise<ExitCode> {
  return withPassbridge([], async ({ config, stores }) => {
    const { campaigns } = stores;
    const found = id === undefined ? await openAndNewest(campaigns) : [await campaigns.find(id)];
    const restored = await stores.storeNotice.find();
    const known = found.filter((campaign) => campaign !== undefined);
    if (id !== undefined && known.length === 0) {
      host.say(
        `There is no campaign ${id}; campaigns are deleted CAMPAIGNS_KEPT_DAYS after they have ended. Run \`passbridge status\` to list the others.`,
      );
      return 2;
    }
    const { readSituation } = await import('../../services/monitoring/situation.ts');
    const { health, waits: all } = await readSituation(stores, known);
    const waits = id === undefined ? all : reasonsOf(all, id);
    const alive = await stores.heartbeats.alive();
    if (json) {
      say(
        JSON.stringify({
          campaigns: known.map(publicCampaign),
          health,
          waits,
          processes: alive.map(publicProcess),
          ...(restored !== undefined && { restored: restored.notice }),
        }),
      );
      return 0;
    }
    if (restored !== undefined) say(`${restored.notice.reason}\n`);
    if (id === undefined) {
      say(describeCampaigns(known));
      printWaits(waits);
      printHealth(health, waits);
      await printRefusedRuns(config, stores.schedules);
      const processes = describeProcesses(alive);
      if (processes !== '') say(`\n${processes}`);
      return 0;
    }
    say(known.map(describeCampaign).join('\n'));
    const causes = describeCauses(await campaigns.failures(id));
    if (causes !== '') say(`\n${causes}`);
    printWaits(waits);
    printHealth(health, waits);
    return 0;
  });
}

/** Newest campaigns that are listed whether or not they have ended. */
const NEWEST = 50;

/** Returns the open campaigns, however old, and the newest ones; newest first. */
async function openAndNewest({ listOpen, list }: Stores['campaigns']): Promise<Campaign[]> {
  const [open, newest] = await Promise.all([listOpen(), list(NEWEST)]);
  const byId = new Map([...open, ...newest].map((campaign) => [campaign.id, campaign]));
  return [...byId.values()].toSorted((a, b) => b.createdAt - a.createdAt);
}

function printWaits(waits: readonly CampaignWait[]): void {
  for (const wait of waits) {
    say(`\n${wait.campaign === undefined ? '' : `${wait.campaign}: `}${describeWait(wait)}`);
  }
}

/** A reason for waiting that has been printed is not repeated. */
function printHealth({ headline, problems }: Health, waits: readonly CampaignWait[]): void {
  say(`\n${headline}`);
  for (const { code, detail, remedy } of problems) {
    if (waits.every(({ cause }) => cause !== code)) say(`\nProblem: ${detail}. ${remedy}`);
  }
}

/** Names the schedules that could not start their last run, also if the programs file is invalid by now. */
async function printRefusedRuns(config: Config, { runs }: Stores['schedules']): Promise<void> {
  const { scheduleNames } = await import('../../programs/file/schedule-names.ts');
  for (const name of await scheduleNames(config.files.programs)) {
    const [last] = await runs(name);
    if (last?.result !== 'refused') continue;
    say(`\nSchedule ${name} did not start its last run: ${last.note ?? ''}`);
  }
}
