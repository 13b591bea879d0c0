/**
 * Carries out what operators found out about unknown creates: those with a card end done with it, the others are
 * created again. Each statement is checked and carried out on its own, so a wrong one does not hold up the others.
 */

import { unknownCodes } from '../../domain/failures/unknown-create.ts';
import {
  findRepeated,
  malformedResolution,
  MAX_RESOLUTIONS,
  NO_CARD,
  refusedResolution,
  type Resolution,
  type ResolutionReport,
  type ResolutionResult,
} from '../../domain/failures/resolution.ts';
import { MAX_SELECTED } from '../../domain/failures/bulk-action.ts';
import { idsOf } from '../../domain/customers/customer-query.ts';
import type { FailedJob } from '../../domain/failures/failed.ts';
import { customerKey, type PassJob, passIdOf } from '../../domain/jobs/pass-job.ts';
import { UserError } from '../../kit/user-error.ts';
import type { UnknownCreate } from '../../ledger/failures/unknown-creates.ts';
import type { ActionContext } from '../campaigns/control.ts';
import { audited } from '../operators/audit.ts';
import type { FindProgram } from '../programs/find-program.ts';
import type { Stores } from '../stores.ts';
import { startBulkAction } from './bulk-actions.ts';
import { causesPerCampaign } from './selection.ts';
import { settleUnknown } from './settle-unknown.ts';

type ResolveStores = Pick<
  Stores,
  | 'audit'
  | 'bulkActions'
  | 'campaignQueue'
  | 'campaigns'
  | 'customers'
  | 'failures'
  | 'jobs'
  | 'unknownCreates'
  | 'vouchers'
>;

interface ResolveDeps {
  stores: ResolveStores;
  findProgram: FindProgram;
}

export interface ResolveOptions {
  /** Whether the operator has confirmed that creating a card again may make a second one. */
  createAgain: boolean;
  /** Checks everything and changes nothing. */
  dryRun: boolean;
}

type Context = ActionContext & { now: number };

/** A statement that is about one unknown create. */
interface Matched {
  resolution: Resolution;
  job: string;
  unknown: UnknownCreate;
}

/** Throws a {@link UserError} for too many statements. `now`: milliseconds since 1970. */
export async function resolveUnknowns(
  deps: ResolveDeps,
  resolutions: readonly Resolution[],
  options: ResolveOptions,
  context: Context,
): Promise<ResolutionReport> {
  if (resolutions.length > MAX_RESOLUTIONS) {
    throw new UserError(
      'BULK_ACTION_REFUSED',
      `${resolutions.length} lines at once; the maximum is ${MAX_RESOLUTIONS}. Split the file.`,
    );
  }
  const results = new Map<Resolution, ResolutionResult>();
  const matched = await checkAll(deps.stores, resolutions, options, { results, now: context.now });
  if (options.dryRun) {
    for (const { resolution } of matched) results.set(resolution, succeeded(resolution));
  } else if (matched.length > 0) {
    await audited(deps.stores, { ...context, ...auditEntryOf(matched, results) }, () =>
      carryOut(deps, matched, results, context),
    );
  }
  return reportOf(resolutions, results, options.dryRun);
}

/** Refuses what cannot be carried out; returns the rest. */
async function checkAll(
  stores: ResolveStores,
  resolutions: readonly Resolution[],
  { createAgain }: ResolveOptions,
  { results, now }: { results: Map<Resolution, ResolutionResult>; now: number },
): Promise<Matched[]> {
  const unknowns = await readUnknowns(stores);
  let matched: Matched[] = [];
  /** All but malformed ones: a card id that is given twice is in doubt, even if one of the lines is wrong otherwise. */
  const wellFormed: { resolution: Resolution; job: string | undefined }[] = [];
  for (const resolution of resolutions) {
    const malformed = malformedResolution(resolution);
    const found = malformed ?? (await match(stores, unknowns, resolution));
    if ('unknown' in found) matched.push(found);
    else results.set(resolution, found);
    if (malformed === undefined) {
      wellFormed.push({ resolution, job: 'unknown' in found ? found.job : undefined });
    }
  }
  const refuseAll = (refused: ReadonlyMap<Resolution, ResolutionResult>) => {
    for (const { resolution } of matched) {
      const result = refused.get(resolution);
      if (result !== undefined) results.set(resolution, result);
    }
    matched = matched.filter(({ resolution }) => !refused.has(resolution));
  };
  refuseAll(findRepeated(wellFormed));
  const refused = new Map<Resolution, ResolutionResult>();
  for (const one of matched) {
    const result =
      one.resolution.passId === NO_CARD
        ? await refusalOfCreate(stores, one, createAgain)
        : await refusalOfCard(stores, one, { unknowns, now });
    if (result !== undefined) refused.set(one.resolution, result);
  }
  refuseAll(refused);
  return matched;
}

interface Unknowns {
  byJob: Map<string, UnknownCreate>;
  byCustomer: Map<string, UnknownCreate[]>;
  /** The customer of each card that an unknown create's customer had before. */
  earlierCards: Map<string, string>;
}

async function readUnknowns({ campaigns, failures }: ResolveStores): Promise<Unknowns> {
  const unknowns: Unknowns = { byJob: new Map(), byCustomer: new Map(), earlierCards: new Map() };
  for await (const { campaign, cause } of causesPerCampaign({ campaigns, failures }, {})) {
    if (!unknownCodes.includes(cause.code)) continue;
    for await (const page of failures.pages(campaign, cause.id)) {
      for (const record of page) {
        if ('state' in record && record.state === 'unknown' && record.job.action === 'create') {
          addUnknown(unknowns, { record, cause: cause.id });
        }
      }
    }
  }
  return unknowns;
}

function addUnknown({ byJob, byCustomer, earlierCards }: Unknowns, unknown: UnknownCreate): void {
  const { job } = unknown.record;
  if (byJob.has(job.id)) return;
  byJob.set(job.id, unknown);
  for (const id of new Set([...idsOf(job.customer), ...Object.values(job.customer.ids)])) {
    byCustomer.set(id, [...(byCustomer.get(id) ?? []), unknown]);
  }
  const passId = passIdOf(job.customer);
  if (passId !== undefined) earlierCards.set(passId, customerKey(job.customer));
}

async function match(
  { unknownCreates }: ResolveStores,
  { byJob, byCustomer }: Unknowns,
  resolution: Resolution,
): Promise<Matched | ResolutionResult> {
  const { job = '', customer = '' } = resolution;
  if (job !== '') {
    // An operator may have discarded it before looking it up.
    const unknown = byJob.get(job) ?? (await unknownCreates.find(job));
    if (unknown === undefined) return refusedResolution(resolution, 'not-unknown', `the job ${job}`);
    if (customer !== '' && !isCustomer(unknown.record, customer)) {
      return refusedResolution(resolution, 'other-customer', `the job ${job}`);
    }
    return { resolution, job, unknown };
  }
  const [unknown, ...others] = byCustomer.get(customer) ?? [];
  if (unknown === undefined) return refusedResolution(resolution, 'not-unknown', `the customer ${customer}`);
  if (others.length > 0) return refusedResolution(resolution, 'ambiguous', `the customer ${customer}`);
  return { resolution, job: unknown.record.job.id, unknown };
}

function isCustomer({ job }: FailedJob, id: string): boolean {
  return idsOf(job.customer).includes(id) || Object.values(job.customer.ids).includes(id);
}

async function refusalOfCreate(
  { campaigns }: ResolveStores,
  { resolution, unknown: { record, cause } }: Matched,
  createAgain: boolean,
): Promise<ResolutionResult | undefined> {
  const { id, campaign } = record.job;
  if (!createAgain) return refusedResolution(resolution, 'not-confirmed', `the card of ${id}`);
  if (cause === undefined) return refusedResolution(resolution, 'not-unknown', `the discarded job ${id}`);
  const isHalted = (await campaigns.find(campaign))?.halt !== undefined;
  return isHalted ? refusedResolution(resolution, 'not-running', `the job ${id}`) : undefined;
}

async function refusalOfCard(
  { customers }: ResolveStores,
  { resolution, unknown }: Matched,
  { unknowns, now }: { unknowns: Unknowns; now: number },
): Promise<ResolutionResult | undefined> {
  const { customer } = unknown.record.job;
  const key = customerKey(customer);
  const { passId } = resolution;
  const about = `the card id ${passId}`;
  if (passIdOf(customer) === passId) return refusedResolution(resolution, 'earlier-card', about);
  const earlierOwner = unknowns.earlierCards.get(passId);
  const isOthers =
    (earlierOwner !== undefined && earlierOwner !== key) ||
    (await customers?.isCardOfOther(passId, key, now)) === true;
  return isOthers ? refusedResolution(resolution, 'other-customer', about) : undefined;
}

async function carryOut(
  { stores, findProgram }: ResolveDeps,
  matched: readonly Matched[],
  results: Map<Resolution, ResolutionResult>,
  context: Context,
): Promise<void> {
  const again = matched.filter(({ resolution }) => resolution.passId === NO_CARD);
  const by = `by ${context.by}`;
  for (const { resolution, job, unknown } of matched) {
    const { passId } = resolution;
    if (passId === NO_CARD) continue;
    const isSettled = await settleUnknown(stores, findProgram, unknown, { passId, by, now: context.now });
    const result = isSettled
      ? succeeded(resolution)
      : refusedResolution(resolution, 'not-unknown', `the job ${job}`);
    results.set(resolution, result);
  }
  for (let from = 0; from < again.length; from += MAX_SELECTED) {
    const jobs = again
      .slice(from, from + MAX_SELECTED)
      .map(({ unknown: { record } }) => selected(record.job));
    // Only confirmed resolutions come this far.
    const request = { kind: 'retry', filter: { jobs, unknown: true }, acceptSecondCards: true } as const;
    await startBulkAction(stores, request, context);
  }
  for (const { resolution } of again) results.set(resolution, succeeded(resolution));
}

const selected = ({ campaign, id }: PassJob) => ({ campaign, job: id });

function succeeded(resolution: Resolution): ResolutionResult {
  return { ...resolution, ok: true, outcome: resolution.passId === NO_CARD ? 'created-again' : 'done' };
}

/** Jobs that an audit entry names. */
const MAX_NAMED = 20;

function auditEntryOf(matched: readonly Matched[], refused: ReadonlyMap<Resolution, ResolutionResult>) {
  const campaigns = [...new Set(matched.map(({ unknown }) => unknown.record.job.campaign))];
  const createdAgain = matched.filter(({ resolution }) => resolution.passId === NO_CARD).length;
  return {
    action: 'failures.resolve',
    target: campaigns.length === 1 ? (campaigns[0] ?? '') : `${campaigns.length} campaigns`,
    after: {
      done: matched.length - createdAgain,
      'created again': createdAgain,
      refused: refused.size,
      jobs: matched.slice(0, MAX_NAMED).map(({ job }) => job),
    },
  } as const;
}

function reportOf(
  resolutions: readonly Resolution[],
  results: ReadonlyMap<Resolution, ResolutionResult>,
  dryRun: boolean,
): ResolutionReport {
  const all = resolutions.flatMap((resolution) => results.get(resolution) ?? []);
  const count = (outcome: 'done' | 'created-again') =>
    all.filter((result) => result.ok && result.outcome === outcome).length;
  return {
    results: all,
    done: count('done'),
    createdAgain: count('created-again'),
    refused: all.filter(({ ok }) => !ok).length,
    dryRun,
  };
}
