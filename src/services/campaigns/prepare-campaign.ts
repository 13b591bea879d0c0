/** Checks a file before a campaign is started with it: a preflight over its rows, or the order itself. */

import { resolve } from 'node:path';
import { type BadRow, countToSend, isBadRow } from '../../campaign/count-rows.ts';
import type { ForgottenList } from '../../campaign/judged-row.ts';
import { preflightAll, warnAbout } from '../../campaign/preflight.ts';
import { makeRowFilter } from '../../campaign/row-filter.ts';
import type { Config } from '../../config/config.ts';
import type { CampaignOrder } from '../../domain/campaigns/campaign.ts';
import { type Condition, matcherFor } from '../../domain/campaigns/condition.ts';
import type { Preflight } from '../../domain/campaigns/preflight.ts';
import type { PreflightWarning } from '../../domain/campaigns/preflight-warning.ts';
import type { Guards } from '../../domain/campaigns/safeguards/guards.ts';
import type { Source } from '../../domain/campaigns/source-row.ts';
import { campaignId } from '../../domain/jobs/job-id.ts';
import type { Program } from '../../domain/jobs/program.ts';
import { systemClock } from '../../kit/clock.ts';
import { UserError } from '../../kit/user-error.ts';
import type { SourceFile } from '../../sources/open-file.ts';
import { EncodingError, SourceError } from '../../sources/source-error.ts';
import type { Stores } from '../stores.ts';
import {
  type CampaignRequest,
  type CheckedRequest,
  openRequest,
  refuseImpossibleRate,
} from './campaign-request.ts';
import { makeCampaignFileOpener } from './files/campaign-file.ts';
import { confirmEncoding } from './files/export-file.ts';

/** Rows that are checked before a campaign starts; the others are checked while it runs. */
const HEAD_ROWS = 1000;

/** Bad rows that an error message lists. */
const LISTED_BAD_ROWS = 5;

export interface PreflightOptions {
  /** Text of the program's last notification. */
  lastText?: string | undefined;
  /** About how many rows are read, in whole chunks; by default all. */
  rows?: number;
  /** Counts forgotten customers as skipped. */
  forgotten?: Pick<ForgottenList, 'among'>;
  onProgress?: (rows: number) => void;
  /** Ends the reading early; the result is of the rows read so far. */
  signal?: AbortSignal;
}

/** A request that may be started, with the rows that were read to find out. */
interface Admission extends CheckedRequest {
  head: Head;
}

/**
 * Decides whether a campaign may be started, for its start and for everything that announces one: by its options, the
 * header of its file and the first rows. A row that cannot be read suggests that others were read wrongly, so it is
 * refused unless the option `skipBadRows` is set. Throws a {@link UserError}, or a `SourceError` for the file.
 */
async function admit(request: CampaignRequest): Promise<Admission> {
  const checked = await openRequest(request);
  const head = await readHead(checked.source);
  if (head.bad.length > 0 && request.options.skipBadRows !== true)
    throw new UserError('INVALID_CAMPAIGN', describeBadRows(request, head.bad));
  return { ...checked, head };
}

/** Resolves with the fingerprint of the file if the campaign could be started now. Throws a {@link UserError} otherwise. */
export async function checkStart(request: CampaignRequest): Promise<Fingerprint> {
  return asUserError(request, async () => (await admit(request)).source.fingerprint);
}

/** Renders the rows of a file without calling an upstream. Throws a {@link UserError} if it could not be started. */
export async function preflight(
  request: CampaignRequest,
  { lastText, rows = Infinity, signal, ...rest }: PreflightOptions = {},
): Promise<Preflight> {
  const { program, action, options } = request;
  return asUserError(request, async () => {
    const { source, condition } = await admit(request);
    const now = systemClock();
    const found = await preflightAll({
      source: { ...source, rows: () => firstRows(source, rows, signal) },
      program,
      action,
      ...options,
      ...(condition !== undefined && {
        matches: matcherFor(condition, now),
        truthTests: condition.truthTests,
      }),
      ...(lastText !== undefined && { lastText }),
      ...rest,
      now,
    });
    refuseImpossibleRate(request, found.toSend);
    return found;
  });
}

/** Returns what the first rows of a file warn about. Throws a {@link UserError}. */
export async function headWarnings(request: CampaignRequest): Promise<PreflightWarning[]> {
  const { program, action } = request;
  return asUserError(request, async () => {
    const { source, condition } = await openRequest(request);
    const head = { ...source, rows: () => firstRows(source, HEAD_ROWS) };
    return warnAbout({ source: head, program, action, truthTests: condition?.truthTests ?? [] });
  });
}

interface OrderOptions {
  /** By default a new id. */
  id?: string;
  /** Milliseconds since 1970; by default now. */
  createdAt?: number;
  /** Name of the schedule whose run it is. */
  schedule?: string;
  /** Returns what a finished preflight has counted of this file, so that its rows need not be counted again. */
  counted?: ((file: Fingerprint) => CountedRows | undefined) | undefined;
}

export type Fingerprint = SourceFile['fingerprint'];

interface CountedRows {
  rows: number;
  toSend: number;
}

/**
 * Checks a file's header and first rows and returns the order of a campaign with it; nothing is stored or
 * sent. A throttled campaign must know how many rows it spreads, so all of its rows are counted. A row that cannot be
 * read pauses the campaign when it is met after the first rows. Throws a {@link UserError}.
 */
export async function prepareCampaign(
  request: CampaignRequest,
  { id, createdAt = systemClock(), schedule, counted: countedOf }: OrderOptions = {},
): Promise<CampaignOrder> {
  const { config, program, action, file, from, options } = request;
  return asUserError(request, async () => {
    const { source, condition, head } = await admit(request);
    const known = countedOf?.(source.fingerprint);
    const counted = await countThrottled(source, request, { condition, known });
    const expected = counted?.rows ?? (head.isComplete ? head.rows : undefined);
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
      ...(expected !== undefined && { expected }),
      createdAt,
      ...(schedule !== undefined && { schedule }),
      ...(importAbove !== undefined && { importAbove }),
      ...options,
      guards: withDefaults(options.guards, config.campaigns.pauseAt),
    };
  });
}

/** Counts the rows of a throttled campaign; undefined for any other. Throws a {@link UserError} if it cannot keep its rate. */
async function countThrottled(
  source: Source,
  request: CampaignRequest,
  { condition, known }: { condition: Condition | undefined; known: CountedRows | undefined },
): Promise<{ rows: number } | undefined> {
  const { program, action, options } = request;
  const { sendingRate, holdout } = options.guards ?? {};
  if (sendingRate === undefined) return undefined;
  if (known !== undefined) {
    refuseImpossibleRate(request, known.toSend);
    return known;
  }
  const matches = condition && matcherFor(condition, systemClock());
  const run = {
    id: 'count',
    program,
    action,
    ...(matches !== undefined && { matches }),
    ...(holdout !== undefined && { guards: { holdout } }),
  };
  const counted = await countToSend(source, makeRowFilter(run, { remember: true }));
  refuseImpossibleRate(request, counted.toSend);
  return counted;
}

/** Returns the text of a program's last notification; undefined if there was none. */
export async function lastTextOf(
  { campaigns }: Pick<Stores, 'campaigns'>,
  program: Program,
): Promise<string | undefined> {
  const recent = await campaigns.list();
  return recent.find(
    ({ action, program: name, isTest }) => action === 'notify' && name === program.name && isTest !== true,
  )?.text;
}

/** Returns whether the source of an order has more than `limit` rows, reading no more of it than necessary. */
export async function hasMoreRows(order: CampaignOrder, config: Config, limit: number): Promise<boolean> {
  if (order.expected !== undefined) return order.expected > limit;
  const file = await makeCampaignFileOpener(config.customers.idTypes)(order);
  let rows = 0;
  for await (const chunk of file.rows()) {
    rows += chunk.length;
    if (rows > limit) return true;
  }
  return false;
}

async function* firstRows(source: Source, limit: number, signal?: AbortSignal): ReturnType<Source['rows']> {
  let rows = 0;
  for await (const chunk of source.rows(signal === undefined ? {} : { signal })) {
    yield chunk;
    rows += chunk.length;
    if (rows >= limit) return;
  }
}

interface Head {
  rows: number;
  isComplete: boolean;
  bad: BadRow[];
}

async function readHead(source: Source): Promise<Head> {
  let rows = 0;
  const bad: BadRow[] = [];
  for await (const chunk of source.rows()) {
    rows += chunk.length;
    bad.push(...chunk.filter(isBadRow));
    if (rows > HEAD_ROWS) return { rows, isComplete: false, bad };
  }
  return { rows, isComplete: true, bad };
}

/** Applies PAUSE_AT_FAILURES if the campaign has no share of its own; 0 means that it must never pause. */
function withDefaults({ pauseAt, ...guards }: Guards = {}, configured: number | undefined): Guards {
  const share = pauseAt ?? configured ?? 0;
  return share === 0 ? guards : { ...guards, pauseAt: share };
}

function describeBadRows({ file, nameOf }: CampaignRequest, bad: readonly BadRow[]): string {
  const listed = bad
    .slice(0, LISTED_BAD_ROWS)
    .map(({ number, failure }) => `  row ${number}: ${failure.detail}`);
  const more = bad.length > listed.length ? [`  … and ${bad.length - listed.length} more`] : [];
  return [
    `${file}: ${bad.length} of its first rows do not fit the header:`,
    ...listed,
    ...more,
    `Look there for an unquoted delimiter or quote. To reject only these rows and send the others: ${nameOf('skipBadRows')}.`,
  ].join('\n');
}

export async function asUserError<T>(
  { nameOf, isUnattended }: CampaignRequest,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof EncodingError && isUnattended !== true) {
      throw new UserError('INVALID_CAMPAIGN', confirmEncoding(error, nameOf('encoding')));
    }
    throw error instanceof SourceError ? new UserError('INVALID_CAMPAIGN', error.message) : error;
  }
}
