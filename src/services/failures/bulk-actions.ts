/** Acts on many failures at once: ordered in a moment, carried out in the background, told by receipts. */

import { UserError } from '../../kit/user-error.ts';
import { randomUUID } from 'node:crypto';
import { makeRuleCompiler } from '../../programs/template/edit-rule.ts';
import {
  type BulkActionOrder,
  type BulkFilter,
  type LeftOut,
  meansCause,
  MOST_SELECTED,
  type BulkAction,
} from '../../domain/failures/bulk-action.ts';
import type { EditRule } from '../../domain/failures/edit-rule.ts';
import type { Json } from '../../domain/jobs/program.ts';
import type { Stores } from '../stores.ts';
import { recorded } from '../operators/audit.ts';
import type { Act } from '../campaigns/control.ts';
import { campaignsOf } from './selection.ts';

/** What an operator asks for. */
export type BulkActionRequest = Pick<BulkActionOrder, 'kind' | 'filter' | 'rule'>;

type BulkStores = Pick<Stores, 'audit' | 'campaigns' | 'failures' | 'bulkActions' | 'campaignQueue'>;

/**
 * Orders an act on what has failed by now (ms), and returns its receipt; whatever the number, it
 * takes a moment. Ordered twice, each failure is dealt with once: the later receipt ends with less
 * done. Throws a {@link UserError} or a `UserError`.
 */
export async function startBulkAction(
  stores: BulkStores,
  wish: BulkActionRequest,
  { now, ...by }: Act & { now: number },
): Promise<BulkAction> {
  refuseUnfit(wish, by.reason);
  const { kind, filter } = wish;
  const total = await countMeant(stores, filter);
  const after = {
    failures: total,
    ...forAudit(filter),
    ...(wish.rule !== undefined && { changes: attributesOf(wish.rule) }),
  };
  const change = { on: filter.campaign ?? 'all campaigns', after };
  return recorded(stores, { ...by, act: `failures.${kind}`, ...change }, () =>
    open(stores, wish, total, { ...by, now }),
  );
}

async function open(
  stores: BulkStores,
  { kind, filter, rule }: BulkActionRequest,
  total: number,
  { by, reason, now }: Act & { now: number },
): Promise<BulkAction> {
  const id = `${kind}-${new Date(now).toISOString().slice(0, 10).replaceAll('-', '')}-${randomUUID().slice(0, 8)}`;
  const act: BulkActionOrder = { id, kind, filter, by, reason, at: now, ...(rule !== undefined && { rule }) };
  await stores.bulkActions.open(act, total);
  // Whoever dies before this leaves a receipt that waits: it is taken up.
  await stores.campaignQueue.addBulkAction(id);
  return { ...act, status: 'waiting', total, done: 0, leftOut: {} };
}

/** The newest receipts, newest first. */
export function listBulkActions(
  { bulkActions }: Pick<Stores, 'bulkActions'>,
  limit = 50,
): Promise<BulkAction[]> {
  return bulkActions.list(limit);
}

export function findBulkAction(
  { bulkActions }: Pick<Stores, 'bulkActions'>,
  id: string,
): Promise<BulkAction | undefined> {
  return bulkActions.find(id);
}

/** The first 1,000 that an act left as they are. */
export function leftOutOf({ bulkActions }: Pick<Stores, 'bulkActions'>, id: string): Promise<LeftOut[]> {
  return bulkActions.leftOutOf(id);
}

/** Has an act go no further, at once; what it did stands. Returns its receipt; undefined for no such act. */
export async function cancelBulkAction(
  { audit, bulkActions }: Pick<Stores, 'audit' | 'bulkActions'>,
  id: string,
  { now, ...by }: Act & { now: number },
): Promise<BulkAction | undefined> {
  const bulkAction = await bulkActions.find(id);
  if (bulkAction === undefined) return undefined;
  const change = { on: id, before: { status: bulkAction.status, done: bulkAction.done } };
  await recorded({ audit }, { ...by, act: 'failures.cancel', ...change }, () => bulkActions.cancel(id, now));
  return bulkActions.find(id);
}

function refuseUnfit({ kind, filter, rule }: BulkActionRequest, reason: string): void {
  if ((filter.jobs?.length ?? 0) > MOST_SELECTED) {
    throw new UserError(
      'BULK_ACTION_REFUSED',
      `At most ${MOST_SELECTED} can be selected one by one. Take a whole cause instead.`,
    );
  }
  if (kind === 'discard' && reason.trim() === '') {
    throw new UserError('BULK_ACTION_REFUSED', 'Say why they are discarded: it is kept with each of them.');
  }
  if ((kind === 'edit') !== (rule !== undefined)) {
    throw new UserError('BULK_ACTION_REFUSED', 'An edit needs a rule, and nothing else takes one.');
  }
  const compiled = rule === undefined ? undefined : makeRuleCompiler()(rule);
  if (compiled?.ok === false) throw new UserError('BULK_ACTION_REFUSED', compiled.problems.join('\n'));
}

/** Which attributes a rule changes; what to may be somebody's, so the receipt alone has it. */
function attributesOf(rule: EditRule): string[] {
  return 'values' in rule ? Object.keys(rule.values) : [rule.attribute];
}

/** Of what was picked one by one the number is enough: the receipt has the rest. */
function forAudit({ jobs, causes, ...filter }: BulkFilter): Record<string, Json> {
  return {
    ...filter,
    ...(causes !== undefined && { causes: [...causes] }),
    ...(jobs !== undefined && { picked: jobs.length }),
  };
}

/** By the lengths of the lists: no record is read. */
async function countMeant(stores: BulkStores, filter: BulkFilter): Promise<number> {
  const campaigns = await campaignsOf(stores, filter);
  if (filter.jobs !== undefined) return filter.jobs.length;
  const found = await Promise.all(
    campaigns.map(async (id) => {
      const causes = await stores.failures.causes(id);
      return causes.filter(({ cause }) => meansCause(filter, id, cause.id)).map(({ count }) => count);
    }),
  );
  return found.flat().reduce((sum, count) => sum + count, 0);
}
