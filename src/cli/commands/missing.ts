/** `passbridge missing <program> <file>`: who of a segment has no card, or not the right one; and issuing them. */

import { stringify } from 'csv-stringify/sync';
import { spoolFolder } from '../../services/campaigns/files/fetch.ts';
import { openMissingFiles } from '../../services/campaigns/missing-files.ts';
import { missingCards } from '../../services/campaigns/missing.ts';
import { openProcess } from '../../app/process.ts';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { loadPrograms } from '../../programs/file/programs.ts';
import type { CampaignAction } from '../../domain/campaigns/campaign.ts';
import type { Lack, MissingCard } from '../../domain/failures/missing-card.ts';
import { customerKey } from '../../domain/jobs/pass-job.ts';
import type { CampaignFlags } from './campaign-flags.ts';
import type { ExitCode } from '../exit-code.ts';
import { obtain } from './obtain.ts';
import { findProgram, startCampaign } from './start-campaign.ts';
import { host, makeFileLogger, say } from '../output/terminal.ts';

export interface MissingFlags extends CampaignFlags {
  csv?: true;
  issue?: true;
}

const meanings: Readonly<Record<Lack, string>> = {
  none: 'have no card',
  gone: 'have a card that Passmachine does not know any more',
  two: 'have two cards',
};

/** What mends it. Which of two cards is used, nobody but the customer knows. */
const mendedBy: Readonly<Record<Exclude<Lack, 'two'>, CampaignAction>> = { none: 'issue', gone: 'reissue' };

export async function missing(name: string, file: string, flags: MissingFlags): Promise<ExitCode> {
  const config = loadConfig({ env: process.env, cwd: process.cwd() });
  const program = findProgram(loadPrograms(config.files.programs), name);
  // To look is not to take: a campaign may still be started with the same file.
  const purpose = { program, action: 'issue' } as const;
  const { path } = await obtain(file, { config, purpose, again: true });
  const found = await look({ config, program: program.name, file: path, csv: flags.csv === true });
  if (flags.csv !== true) say(report(found.counts));
  if (flags.issue !== true) return 0;
  let code: ExitCode = 0;
  for (const [lack, action] of Object.entries(mendedBy) as [keyof typeof mendedBy, CampaignAction][]) {
    if (found.counts[lack] === 0) continue;
    const ended = await startCampaign({ action, name, file: found.path(lack) }, flags);
    if (ended !== 0) code = ended;
  }
  return code;
}

interface Counts extends Record<Lack, number> {
  rows: number;
  unreadable: number;
}

interface LookOptions {
  config: Config;
  program: string;
  file: string;
  /** Prints each. */
  csv: boolean;
}

async function look({ config, program, file, csv }: LookOptions) {
  const now = Date.now();
  const counts: Counts = { rows: 0, unreadable: 0, none: 0, gone: 0, two: 0 };
  const files = await openMissingFiles(spoolFolder(config), `${program}-${now}`);
  const passbridge = await openProcess(config, host, makeFileLogger(config));
  try {
    if (csv) process.stdout.write(stringify([['row', 'customer', 'lack', 'cards']]));
    const segment = { program, file, idTypes: config.customers.idTypes };
    for await (const chunk of missingCards(passbridge.stores, segment, now)) {
      counts.rows += chunk.rows;
      counts.unreadable += chunk.unreadable;
      for (const { lack } of chunk.missing) counts[lack] += 1;
      await files.write(chunk.missing);
      if (csv) process.stdout.write(stringify(chunk.missing.map(cells)));
    }
  } finally {
    await files.end();
    await passbridge.close();
  }
  return { counts, path: files.path };
}

function cells({ row, customer, lack, passIds }: MissingCard): (string | number)[] {
  return [row, customerKey(customer), lack, passIds.join(' ')];
}

function line(count: number, text: string): string {
  return `${String(count).padStart(9)}  ${text}`;
}

function report({ rows, unreadable, ...lacks }: Counts): string {
  return [
    line(rows, 'customers'),
    ...(Object.keys(meanings) as Lack[]).map((lack) => line(lacks[lack], meanings[lack])),
    ...(unreadable > 0 ? [line(unreadable, 'rows cannot be read')] : []),
    ...(lacks.none + lacks.gone > 0
      ? ['Make those cards: the same command with --issue. Who it is: --csv.']
      : []),
  ].join('\n');
}
