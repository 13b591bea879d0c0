/** `passbridge missing <program> <file>`: lists customers whose card is missing, deleted or duplicated, and issues cards. */

import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import type { SourceEncoding } from '../../domain/campaigns/campaign.ts';
import type { CampaignAction } from '../../domain/campaigns/campaign-action.ts';
import type { CardProblem, MissingCard } from '../../domain/failures/missing-card.ts';
import { customerKey } from '../../domain/jobs/pass-job.ts';
import { systemClock } from '../../kit/clock.ts';
import { type CsvFlavor, csvHeader, csvLine } from '../../kit/text/csv-lines.ts';
import { loadPrograms } from '../../programs/file/programs.ts';
import { spoolFolder } from '../../services/campaigns/files/fetch.ts';
import { missingCards, openMissingFiles } from '../../services/failures/missing-cards.ts';
import { environment, type ExitCode, flavorOf, withProcess } from '../command.ts';
import { resolveInputFile } from '../input-file.ts';
import { print, say } from '../output/terminal.ts';
import type { CampaignFlags } from '../campaign-flags.ts';
import { findProgram, optionsOf, runCampaignCommand } from './start-campaign.ts';

export type MissingFlags = CampaignFlags & { csv?: true; spreadsheet?: true; issue?: true };

const meanings: Readonly<Record<CardProblem, string>> = {
  missing: 'have no card',
  deleted: 'have a card that Passmachine no longer has',
  duplicated: 'have two cards',
};

/** The actions that fix a problem. Of two cards, only the customer knows which one is used. */
const fixes = { missing: 'issue', deleted: 'reissue' } as const satisfies Partial<
  Record<CardProblem, CampaignAction>
>;

export async function runMissingCommand(
  programName: string,
  file: string,
  flags: MissingFlags,
): Promise<ExitCode> {
  const config = loadConfig(environment());
  const program = findProgram(loadPrograms(config.files.programs), programName);
  // Reading a source's file does not take it: a campaign can still be started with the same file.
  const purpose = { program, action: 'issue' } as const;
  const { path } = await resolveInputFile(file, { config, purpose, again: true });
  const table = flags.csv === true || flags.spreadsheet === true ? flavorOf(flags.spreadsheet) : undefined;
  const found = await findMissing({
    config,
    program: program.name,
    file: path,
    encoding: optionsOf(flags, 'issue', config).encoding,
    table,
  });
  if (flags.json === true) say(JSON.stringify(found.counts));
  else if (table === undefined) say(describe(found.counts));
  if (flags.issue !== true) return 0;
  // The files of missing cards are UTF-8, whatever the export was.
  const { encoding: _ofExport, ...campaignFlags } = flags;
  let code: ExitCode = 0;
  for (const [problem, action] of Object.entries(fixes) as [keyof typeof fixes, CampaignAction][]) {
    if (found.counts[problem] === 0) continue;
    const ended = await runCampaignCommand({ action, programName, file: found.path(problem) }, campaignFlags);
    if (ended !== 0) code = ended;
  }
  return code;
}

interface Counts extends Record<CardProblem, number> {
  rows: number;
  unreadable: number;
}

interface FindOptions {
  config: Config;
  program: string;
  file: string;
  encoding: SourceEncoding | undefined;
  /** Prints one CSV row for each customer; undefined for none. */
  table: CsvFlavor | undefined;
}

async function findMissing({ config, program, file, encoding, table }: FindOptions) {
  const now = systemClock();
  const counts: Counts = { rows: 0, unreadable: 0, missing: 0, deleted: 0, duplicated: 0 };
  const files = await openMissingFiles(spoolFolder(config), `${program}-${now}`);
  try {
    await withProcess(config, async ({ stores }) => {
      if (table !== undefined) print(csvHeader(table, ['row', 'customer', 'problem', 'cards']));
      const segment = { program, file, idTypes: config.customers.idTypes, encoding };
      for await (const chunk of missingCards(stores, segment, now)) {
        counts.rows += chunk.rows;
        counts.unreadable += chunk.unreadable;
        for (const { problem } of chunk.missing) counts[problem] += 1;
        await files.write(chunk.missing);
        if (table !== undefined) print(chunk.missing.map((card) => csvLine(table, cells(card))).join(''));
      }
    });
  } finally {
    await files.end();
  }
  return { counts, path: files.path };
}

function cells({ row, customer, problem, passIds }: MissingCard): (string | number)[] {
  return [row, customerKey(customer), problem, passIds.join(' ')];
}

function describe({ rows, unreadable, ...problems }: Counts): string {
  return [
    line(rows, 'customers'),
    ...(Object.keys(meanings) as CardProblem[]).map((problem) => line(problems[problem], meanings[problem])),
    ...(unreadable > 0 ? [line(unreadable, 'rows cannot be read')] : []),
    ...(problems.missing + problems.deleted > 0
      ? ['Issue these cards: the same command with --issue. List the customers: --csv.']
      : []),
  ].join('\n');
}

function line(count: number, text: string): string {
  return `${String(count).padStart(9)}  ${text}`;
}
