/** What a person may do with a source: look it over, or start a campaign with it. */

import { UserError } from '../../kit/user-error.ts';
import { resolve } from 'node:path';
import { type BadRow, isBadRow } from '../../campaign/bad-row.ts';
import { preflightAll } from '../../campaign/preflight.ts';
import type { Config } from '../../config/config.ts';
import type { CampaignOrder } from '../../domain/campaigns/campaign.ts';
import { meantBy } from '../../domain/campaigns/condition.ts';
import type { Guards } from '../../domain/campaigns/guards.ts';
import { campaignId } from '../../domain/jobs/job-id.ts';
import type { Json, Program } from '../../domain/jobs/program.ts';
import type { Source } from '../../domain/campaigns/source-row.ts';
import type { Preflight } from '../../domain/campaigns/preflight.ts';
import { systemClock } from '../../kit/clock.ts';
import { SourceError } from '../../sources/source-error.ts';
import { recorded } from '../operators/audit.ts';
import type { Act } from './control.ts';
import { makeCampaignFileOpener } from './files/campaign-file.ts';
import { type CampaignRequest, openRequest } from './campaign-request.ts';
import type { Stores } from '../stores.ts';

/** Rows that are looked at before a campaign starts; the others are while it runs. */
const HEAD_ROWS = 1000;

/** Bad rows that a refusal names. */
const NAMED_ROWS = 5;

interface PreflightOptions {
  /** What the program's last notification said. */
  lastText?: string | undefined;
  /** Rows that are looked at, a chunk of them more or less; by default all. */
  rows?: number;
}

/** Renders the rows of a file and calls nobody. Throws {@link UserError}. */
export async function preflight(
  request: CampaignRequest,
  { lastText, rows = Infinity }: PreflightOptions = {},
): Promise<Preflight> {
  const { program, action, options } = request;
  return refusing(async () => {
    const { source, condition } = await openRequest(request);
    const now = systemClock();
    return preflightAll({
      source: { ...source, rows: () => firstRows(source, rows) },
      program,
      action,
      ...options,
      ...(condition !== undefined && { isMeant: meantBy(condition, now) }),
      ...(lastText !== undefined && { lastText }),
      now,
    });
  });
}

interface OrderOptions {
  skipBadRows: boolean;
  /** By default a new one. */
  id?: string;
  /** Milliseconds since 1970; by default now. */
  createdAt?: number;
  /** Name of the schedule whose run it is. */
  schedule?: string;
}

/**
 * Checks a file's header and first rows and orders a campaign with it: nothing is sent yet. A row
 * that cannot be read is a sign that others were read wrongly, so it refuses the file, or pauses
 * the campaign when it is met later, unless `skipBadRows` says otherwise.
 */
export async function order(
  request: CampaignRequest,
  { skipBadRows, id, createdAt = systemClock(), schedule }: OrderOptions,
): Promise<CampaignOrder> {
  const { config, program, action, file, from, options } = request;
  return refusing(async () => {
    const { source } = await openRequest(request);
    const head = await readHead(source);
    if (head.bad.length > 0 && !skipBadRows)
      throw new UserError('INVALID_CAMPAIGN', describeBad(file, head.bad));
    const importAbove = config.writeback.imports?.above;
    return {
      id: id ?? campaignId(program.name, action, new Date(createdAt), Math.random()),
      program: program.name,
      programVersion: program.version,
      action,
      source: {
        kind: 'file',
        path: resolve(file),
        ...(from !== undefined && { from }),
        fingerprint: source.fingerprint,
      },
      ...(head.whole && { expected: head.rows }),
      createdAt,
      ...(schedule !== undefined && { schedule }),
      ...(skipBadRows && { skipBadRows }),
      ...(importAbove !== undefined && { importAbove }),
      ...options,
      guards: withDefaults(options.guards, config.campaigns.pauseAt),
    };
  });
}

/** What the last notification of a program said; undefined for none. */
export async function lastTextOf({ campaigns }: Stores, program: Program): Promise<string | undefined> {
  const recent = await campaigns.list();
  return recent.find(({ action, program: name }) => action === 'notify' && name === program.name)?.text;
}

/** Whether the source of an order has more rows than that; reads no further than it must. */
export async function hasMoreRows(
  { expected, source }: CampaignOrder,
  config: Config,
  limit: number,
): Promise<boolean> {
  if (expected !== undefined) return expected > limit;
  const file = await makeCampaignFileOpener(config.customers.idTypes)({ source });
  let rows = 0;
  for await (const chunk of file.rows()) {
    rows += chunk.length;
    if (rows > limit) return true;
  }
  return false;
}

async function* firstRows(source: Source, most: number): ReturnType<Source['rows']> {
  let rows = 0;
  for await (const chunk of source.rows()) {
    yield chunk;
    rows += chunk.length;
    if (rows >= most) return;
  }
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

/** The configured share of failures counts where the campaign names none; 0 means never. */
function withDefaults({ pauseAt, ...guards }: Guards = {}, configured: number | undefined): Guards {
  const share = pauseAt ?? configured ?? 0;
  return share === 0 ? guards : { ...guards, pauseAt: share };
}

/** Starts a campaign that was ordered with a program; it goes on by itself wherever a feeder and a worker run. */
export async function start(
  stores: Stores,
  campaign: CampaignOrder,
  program: Program,
  act: Act,
): Promise<void> {
  const change = { on: campaign.id, after: asRecorded(campaign) };
  await recorded(stores, { ...act, act: 'campaign.start', ...change }, async () => {
    await stores.programVersions.keep(program);
    await stores.campaigns.create(campaign);
    await stores.campaignQueue.addFeed(campaign.id, 0);
  });
}

/** The condition is left out: it may name a customer by an attribute. */
function asRecorded({ program, action, source, expected, text, useBy, guards }: CampaignOrder): Json {
  return {
    program,
    action,
    ...(source.kind === 'file' && { source: source.from ?? source.path }),
    ...(expected !== undefined && { rows: expected }),
    ...(text !== undefined && { text }),
    ...(useBy !== undefined && { useBy: new Date(useBy).toISOString() }),
    ...(guards !== undefined && { guards: guards as Json }),
  };
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
    throw error instanceof SourceError ? new UserError('INVALID_CAMPAIGN', error.message) : error;
  }
}
