/** Bulk actions on failures: ordered immediately, run in the background by a feeder, cancelled on request. */

import { randomUUID } from 'node:crypto';
import {
  type BulkAction,
  type BulkActionOrder,
  type BulkFilter,
  type ExcludedFailure,
  includesCause,
  MAX_SELECTED,
  mayMakeSecondCards,
} from '../../domain/failures/bulk-action.ts';
import type { EditRule } from '../../domain/failures/edit-rule.ts';
import type { Json } from '../../domain/jobs/program.ts';
import { UserError } from '../../kit/user-error.ts';
import { compileRule } from '../../programs/template/edit-rule.ts';
import type { ActionContext } from '../campaigns/control.ts';
import { audited } from '../operators/audit.ts';
import type { Stores } from '../stores.ts';
import { assertChanges } from './edit-rules.ts';
import { assertCampaign, causesPerCampaign } from './selection.ts';

/** What an operator requests. */
export interface BulkActionRequest extends Pick<BulkActionOrder, 'kind' | 'filter' | 'rule'> {
  /** Whether the operator has confirmed that customers who have a card may get a second one. */
  acceptSecondCards?: boolean;
}

type BulkStores = Pick<Stores, 'audit' | 'campaigns' | 'failures' | 'bulkActions' | 'campaignQueue'>;

/**
 * Orders an action on the failures that exist at `now` (milliseconds since 1970). Takes a moment, however many
 * there are. If it is ordered twice, each failure is handled once: the later action ends with fewer done. Throws a
 * {@link UserError} for an invalid request.
 */
export async function startBulkAction(
  stores: BulkStores,
  request: BulkActionRequest,
  { now, ...context }: ActionContext & { now: number },
): Promise<BulkAction> {
  assertValid(request, context.reason);
  const { kind, filter } = request;
  if (request.rule !== undefined) await assertChanges(stores, filter, request.rule, now);
  const total = await countMatching(stores, filter);
  const after = {
    failures: total,
    ...filterForAudit(filter),
    ...(request.rule !== undefined && { changes: attributesOf(request.rule) }),
  };
  const change = { target: filter.campaign ?? 'all campaigns', after };
  return audited(stores, { ...context, action: `failures.${kind}`, ...change }, () =>
    open(stores, request, total, { ...context, now }),
  );
}

async function open(
  stores: BulkStores,
  { kind, filter, rule }: BulkActionRequest,
  total: number,
  { by, reason, now }: ActionContext & { now: number },
): Promise<BulkAction> {
  const day = new Date(now).toISOString().slice(0, 10).replaceAll('-', '');
  const order: BulkActionOrder = {
    id: `${kind}-${day}-${randomUUID().slice(0, 8)}`,
    kind,
    filter,
    by,
    reason,
    at: now,
    ...(rule !== undefined && { rule }),
  };
  await stores.bulkActions.open(order, total);
  // A crash before the next line leaves a waiting action that no job refers to; reconciliation queues it.
  await stores.campaignQueue.addBulkAction(order.id);
  return { ...order, status: 'waiting', total, done: 0, excluded: {}, ended: {}, writeBacks: 0 };
}

/** Returns the newest bulk actions, newest first. */
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

/** Returns the first 1,000 failures that an action excluded. */
export function listExcluded(
  { bulkActions }: Pick<Stores, 'bulkActions'>,
  id: string,
): Promise<ExcludedFailure[]> {
  return bulkActions.listExcluded(id);
}

/** Cancels an action immediately; failures already handled are not reverted. Returns undefined if there is no such action. */
export async function cancelBulkAction(
  { audit, bulkActions }: Pick<Stores, 'audit' | 'bulkActions'>,
  id: string,
  { now, ...context }: ActionContext & { now: number },
): Promise<BulkAction | undefined> {
  const bulkAction = await bulkActions.find(id);
  if (bulkAction === undefined) return undefined;
  const change = { target: id, before: { status: bulkAction.status, done: bulkAction.done } };
  await audited({ audit }, { ...context, action: 'failures.cancel', ...change }, () =>
    bulkActions.cancel(id, now),
  );
  return bulkActions.find(id);
}

function assertValid({ kind, filter, rule, acceptSecondCards }: BulkActionRequest, reason: string): void {
  if (mayMakeSecondCards({ kind, filter }) && acceptSecondCards !== true) {
    throw new UserError(
      'BULK_ACTION_REFUSED',
      'Some of these customers may already have a card and would get a second one. Look them up at Passmachine, or confirm it (acceptSecondCards).',
    );
  }
  if ((filter.jobs?.length ?? 0) > MAX_SELECTED) {
    throw new UserError(
      'BULK_ACTION_REFUSED',
      `At most ${MAX_SELECTED} failures can be selected one by one. Select a whole cause instead.`,
    );
  }
  if (kind === 'discard' && reason.trim() === '') {
    throw new UserError(
      'BULK_ACTION_REFUSED',
      'A discard needs a reason. Enter one: it is stored with each failure.',
    );
  }
  if ((kind === 'edit') !== (rule !== undefined)) {
    throw new UserError(
      'BULK_ACTION_REFUSED',
      'An edit needs a rule, and no other kind takes one. Add the rule or remove it.',
    );
  }
  const compiled = rule === undefined ? undefined : compileRule(rule);
  if (compiled?.ok === false) throw new UserError('BULK_ACTION_REFUSED', compiled.problems.join('\n'));
}

/** The attributes that a rule changes. Their new values may be personal data, so the audit does not get them. */
function attributesOf(rule: EditRule): string[] {
  return 'values' in rule ? Object.keys(rule.values) : [rule.attribute];
}

/** The filter with selected jobs as a number: the bulk action has the list. */
function filterForAudit({ jobs, causes, ...filter }: BulkFilter): Record<string, Json> {
  return {
    ...filter,
    ...(causes !== undefined && { causes: [...causes] }),
    ...(jobs !== undefined && { selected: jobs.length }),
  };
}

/** Counts by the sizes of the lists, without reading records. */
async function countMatching(stores: BulkStores, filter: BulkFilter): Promise<number> {
  if (filter.jobs !== undefined) {
    await assertCampaign(stores, filter);
    return filter.jobs.length;
  }
  let sum = 0;
  for await (const { campaign, cause, count } of causesPerCampaign(stores, filter)) {
    if (includesCause(filter, campaign, cause.id)) sum += count;
  }
  return sum;
}
