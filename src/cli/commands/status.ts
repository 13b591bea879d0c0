/** `passbridge status`: campaigns and their counters, for people or, with `--json`, for machines. */

import { openProcess, type PassbridgeProcess } from '../../app/process.ts';
import { ConfigError } from '../../config/config-error.ts';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { loadProgramsFile } from '../../programs/file/programs.ts';
import type { Campaign } from '../../domain/campaigns/campaign.ts';
import type { ExitCode } from '../exit-code.ts';
import { describeCampaign, describeCampaigns, describeCauses } from '../output/summary.ts';
import { host, makeFileLogger, say } from '../output/terminal.ts';

/** With an id: that campaign alone, with its causes of failure. */
export async function status(id: string | undefined, { json }: { json: boolean }): Promise<ExitCode> {
  const config = loadConfig({ env: process.env, cwd: process.cwd() });
  const passbridge = await openProcess(config, host, makeFileLogger(config));
  const { campaigns } = passbridge.stores;
  try {
    const found = id === undefined ? await campaigns.list() : [await campaigns.find(id)];
    const known = found.filter((campaign) => campaign !== undefined);
    if (id !== undefined && known.length === 0) {
      host.say(`There is no campaign ${id}. \`passbridge status\` lists those there are.`);
      return 2;
    }
    if (json) {
      say(JSON.stringify({ campaigns: known.map(publicView) }));
      return 0;
    }
    say(id === undefined ? describeCampaigns(known) : known.map(describeCampaign).join('\n'));
    if (id === undefined) await sayRefusedRuns(config, passbridge.stores.schedules);
    const causes = id === undefined ? '' : describeCauses(await campaigns.failures(id));
    if (causes !== '') say(`\n${causes}`);
    return 0;
  } finally {
    await passbridge.close();
  }
}

/** Schedules whose last run came to nothing. Campaigns can be looked at with a programs file that has a fault, too. */
async function sayRefusedRuns(
  config: Config,
  { runs }: PassbridgeProcess['stores']['schedules'],
): Promise<void> {
  for (const name of scheduleNames(config)) {
    const [last] = await runs(name);
    if (last?.result !== 'refused') continue;
    say(`\nSchedule ${name} did not start its last run: ${last.note ?? ''}`);
  }
}

function scheduleNames({ files, campaigns }: Config): string[] {
  try {
    return [...loadProgramsFile(files.programs, campaigns.timeZone).schedules.keys()];
  } catch (error) {
    if (error instanceof ConfigError) return [];
    throw error;
  }
}

/** The fields that scripts rely on, in this order. */
const publicFields = [
  'id',
  'program',
  'action',
  'status',
  'rows',
  'done',
  'skipped',
  'rejected',
  'failed',
  'unknown',
  'stopped',
  'pending',
] as const satisfies (keyof Campaign)[];

function publicView(campaign: Campaign) {
  return Object.fromEntries(publicFields.map((field) => [field, campaign[field]]));
}
