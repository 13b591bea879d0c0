/** What a person may do with a source: look it over, or start a campaign with it. */

import { resolve } from 'node:path';
import { missingColumns } from '../campaign/door.ts';
import { type BadRow, isBadRow } from '../campaign/bad-row.ts';
import { surveyAll } from '../campaign/survey.ts';
import type { Config } from '../config/config.ts';
import { type CampaignAction, type CampaignOrder, passActionOf } from '../job/campaign.ts';
import { campaignId } from '../job/job-id.ts';
import { type Program, type Template, templateOf } from '../job/program.ts';
import type { Source } from '../job/source-row.ts';
import type { Survey } from '../job/survey.ts';
import { systemClock, unixSeconds } from '../kit/clock.ts';
import { openFile } from '../source/open-file.ts';
import { SourceError } from '../source/source-error.ts';
import type { Stores } from './stores.ts';

/** A source, or its fit with the program, that no campaign can be run with. Nothing was sent. */
export class CampaignRefused extends Error {}

interface Request {
  config: Config;
  program: Program;
  action: CampaignAction;
  /** Path of the export. */
  file: string;
  wishes: Wishes;
}

/** What may be asked of a campaign beyond its action. */
export type Wishes = Pick<CampaignOrder, 'text' | 'useBy'>;

/** Our own measure: a lock screen shows some 180 characters, the back of a card somewhat more. */
const LONGEST_TEXT = 250;

/** Rows that are looked at before a campaign starts; the others are while it runs. */
const HEAD_ROWS = 1000;

/** Bad rows that a refusal names. */
const NAMED_ROWS = 5;

/** Renders every row of a file and calls nobody. Throws {@link CampaignRefused}. */
export async function survey(request: Request): Promise<Survey> {
  const { program, action, wishes } = request;
  return refusing(async () => {
    const source = await openFitting(request);
    return surveyAll({ source, program, action, ...wishes, time: unixSeconds(systemClock) });
  });
}

/**
 * Checks a file's header and first rows and orders a campaign with it: nothing is sent yet. A row
 * that cannot be read is a sign that others were read wrongly, so it refuses the file, or pauses
 * the campaign when it is met later, unless `skipBadRows` says otherwise.
 */
export async function order(
  request: Request,
  { skipBadRows }: { skipBadRows: boolean },
): Promise<CampaignOrder> {
  const { program, action, file, wishes } = request;
  return refusing(async () => {
    const source = await openFitting(request);
    const head = await readHead(source);
    if (head.bad.length > 0 && !skipBadRows) throw new CampaignRefused(describeBad(file, head.bad));
    const createdAt = systemClock();
    return {
      id: campaignId(program.name, action, new Date(createdAt), Math.random()),
      program: program.name,
      action,
      source: { path: resolve(file), fingerprint: source.fingerprint },
      ...(head.whole && { expected: head.rows }),
      createdAt,
      ...(skipBadRows && { skipBadRows }),
      ...wishes,
    };
  });
}

/** The first rows: how many, whether they are all, and the bad ones among them. */
async function readHead(source: Source) {
  let rows = 0;
  const bad: BadRow[] = [];
  for await (const chunk of source.rows()) {
    rows += chunk.length;
    bad.push(...chunk.filter(isBadRow));
    if (rows > HEAD_ROWS) return { rows, whole: false, bad };
  }
  return { rows, whole: true, bad };
}

/** Starts an ordered campaign; it goes on by itself wherever a feeder and a worker run. */
export async function start({ campaigns, campaignQueue }: Stores, campaign: CampaignOrder): Promise<void> {
  await campaigns.create(campaign);
  await campaignQueue.addFeed(campaign.id, 0);
}

async function openFitting({ config, program, action, file, wishes }: Request) {
  const template = fittingTemplate(program, action, wishes);
  const source = await openFile(file, { idTypes: config.customers.idTypes });
  if (source.attributes === undefined) return source;
  const missing = missingColumns(template, source.attributes);
  if (missing.length === 0) return source;
  const names = missing.map((name) => `customer.${name}`).join(', ');
  throw new CampaignRefused(
    `${file} has no column for ${names}, which ${program.name}.${passActionOf[action]} needs. ` +
      `Its attributes are: ${source.attributes.join(', ') || 'none'}. ` +
      "Add them to the export, or allow them to be absent in the template: {{ customer.NAME | default('') }}.",
  );
}

/** The section that the action sends. Throws where the program or what is wished for does not fit it. */
function fittingTemplate(program: Program, action: CampaignAction, { text, useBy }: Wishes): Template {
  const section = passActionOf[action];
  const template = templateOf(program, section);
  if (template === undefined) {
    throw new CampaignRefused(
      `The programs file has no ${program.name}.${section}, which ${action} sends. Add the section and start again.`,
    );
  }
  if (template.usesText && text === undefined) {
    throw new CampaignRefused(`${program.name}.${section} shows {{ text }}: say what with --text "…".`);
  }
  if (!template.usesText && text !== undefined) {
    throw new CampaignRefused(
      `${program.name}.${section} does not show a text: put {{ text }} into the section, or leave --text away.`,
    );
  }
  if (text !== undefined && text.length > LONGEST_TEXT) {
    throw new CampaignRefused(
      `The text has ${text.length} characters, and a card shows ${LONGEST_TEXT} at most. Shorten it.`,
    );
  }
  if (useBy !== undefined && useBy <= systemClock()) {
    throw new CampaignRefused(
      `--use-by ${new Date(useBy).toISOString()} has passed: nothing would be sent. Give a later time, or none.`,
    );
  }
  return template;
}

function describeBad(file: string, bad: readonly BadRow[]): string {
  const named = bad.slice(0, NAMED_ROWS).map(({ number, failure }) => `  row ${number}: ${failure.detail}`);
  const more = bad.length > named.length ? [`  … and ${bad.length - named.length} more`] : [];
  return [
    `${file}: ${bad.length} of its first rows do not fit the header:`,
    ...named,
    ...more,
    'Look there for an unquoted delimiter or quote. To reject just these rows and send the others: --skip-bad-rows.',
  ].join('\n');
}

async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof SourceError ? new CampaignRefused(error.message) : error;
  }
}
