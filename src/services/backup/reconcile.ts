/**
 * Settles from an export of Bloomreach who has a card, after a store was restored. Reading the export again changes
 * nothing, so an interrupted run is simply started again. Memory does not depend on the size of the export.
 */

import { stat } from 'node:fs/promises';
import type { Campaign } from '../../domain/campaigns/campaign.ts';
import { cardInExport, PASS_DATE_ATTRIBUTE, type ReconcileCounts } from '../../domain/campaigns/reconcile.ts';
import type { OpenNotice } from '../../domain/campaigns/restored.ts';
import type { Source } from '../../domain/campaigns/source-row.ts';
import { PASS_ID_ATTRIBUTE } from '../../domain/jobs/pass-job.ts';
import { systemClock } from '../../kit/clock.ts';
import { UserError } from '../../kit/user-error.ts';
import type { SourceFile } from '../../sources/open-file.ts';
import type { ActionContext } from '../campaigns/control.ts';
import { type ExportFile, openExport, refusedExport } from '../campaigns/files/export-file.ts';
import { audited } from '../operators/audit.ts';
import type { Stores } from '../stores.ts';

type ReconcileStores = Pick<Stores, 'audit' | 'campaigns' | 'storeNotice' | 'reconcileCards'>;

export interface ReconcileRequest extends ExportFile {
  program: string;
  /** When the export was made, ms since 1970; absent: when its file was written. */
  exportedAt?: number | undefined;
  dryRun: boolean;
}

export interface Reconciled extends ReconcileCounts {
  /** Campaigns of the program that wait for `passbridge resume`. */
  held: Campaign[];
}

/** Customers that one script records. */
const BATCH = 500;

/** Throws a {@link UserError} if the store was not restored, or if the export cannot settle who has a card. */
export async function reconcileCards(
  stores: ReconcileStores,
  request: ReconcileRequest,
  context: ActionContext,
): Promise<Reconciled> {
  const { program, dryRun } = request;
  const open = await openNotice(stores, program);
  const held = await heldCampaigns(stores, program);
  const reissues = held.filter(({ action }) => action === 'reissue');
  const source = await openCards(request);
  await refuseUnfit(source, request, { open, needsDates: reissues.length > 0 });
  if (dryRun) return { ...(await readCards(stores, request, source, reissues)), held };
  const after = { export: request.file };
  return audited(stores, { ...context, action: 'store.reconcile', target: program, after }, async () => {
    const counts = await readCards(stores, request, source, reissues);
    await stores.storeNotice.markReconciled(program, systemClock());
    return { ...counts, held };
  });
}

/** Lets campaigns of a program continue without an export: the operator accepts that customers may get second cards. */
export async function acceptRestored(
  stores: ReconcileStores,
  program: string,
  context: ActionContext,
): Promise<Campaign[]> {
  await openNotice(stores, program);
  const after = { accepted: true };
  return audited(stores, { ...context, action: 'store.reconcile', target: program, after }, async () => {
    await stores.storeNotice.markReconciled(program, systemClock());
    return heldCampaigns(stores, program);
  });
}

/** Closes the notice once it is settled for every program; returns the programs that are left. */
export async function closeIfReconciled(
  { storeNotice }: Pick<Stores, 'storeNotice'>,
  programs: Iterable<string>,
): Promise<string[]> {
  const open = await storeNotice.find();
  const left = open === undefined ? [] : [...programs].filter((name) => !open.reconciled.has(name));
  if (open !== undefined && left.length === 0) await storeNotice.close();
  return left;
}

async function openNotice({ storeNotice }: ReconcileStores, program: string): Promise<OpenNotice> {
  const open = await storeNotice.find();
  if (open !== undefined && !open.reconciled.has(program)) return open;
  const why =
    open === undefined
      ? 'The store was not restored, so there is nothing to reconcile.'
      : `The cards of ${program} are reconciled.`;
  throw refusal(`${why} Continue held campaigns with passbridge resume.`);
}

async function heldCampaigns({ campaigns }: ReconcileStores, program: string): Promise<Campaign[]> {
  const all = await campaigns.list(1000);
  return all.filter(
    (one) => one.program === program && one.status === 'held' && one.halt?.kind === 'restored',
  );
}

async function openCards(request: ReconcileRequest): Promise<SourceFile> {
  try {
    return await openExport(request);
  } catch (error) {
    throw refusedExport(error, 'RECONCILE_REFUSED');
  }
}

async function refuseUnfit(
  source: SourceFile,
  { file, exportedAt }: ReconcileRequest,
  { open: { notice }, needsDates }: { open: OpenNotice; needsDates: boolean },
): Promise<void> {
  const at = exportedAt ?? (await stat(file)).mtimeMs;
  if (at <= notice.at) {
    throw refusal(
      `${file} was written at ${new Date(at).toISOString()}, before the store was found restored at ${new Date(notice.at).toISOString()}, so it lacks cards. Export the customers again.`,
    );
  }
  const { columns } = source;
  const wanted = [PASS_ID_ATTRIBUTE, ...(needsDates ? [PASS_DATE_ATTRIBUTE] : [])];
  const missing = columns === undefined ? [] : wanted.filter((name) => !columns.includes(name));
  if (missing.length === 0) return;
  throw refusal(
    `${file} has no column ${missing.join(' and no column ')}, so it does not say who has a card. Add it to the export.`,
  );
}

async function readCards(
  stores: ReconcileStores,
  { program, dryRun }: ReconcileRequest,
  source: Pick<Source, 'rows'>,
  reissues: readonly Campaign[],
): Promise<ReconcileCounts> {
  const counts = { customers: 0, withCard: 0, recorded: 0, unreadable: 0 };
  try {
    for await (const chunk of source.rows()) {
      const customers = chunk.flatMap((row) => (row.ok ? [row.customer] : []));
      const cards = customers.flatMap((customer) => cardInExport(customer, reissues) ?? []);
      counts.customers += customers.length;
      counts.unreadable += chunk.length - customers.length;
      counts.withCard += cards.length;
      for (let first = 0; first < cards.length; first += BATCH) {
        const batch = cards.slice(first, first + BATCH);
        const unknown = await stores.reconcileCards.record(program, batch, dryRun);
        counts.recorded += unknown.filter(Boolean).length;
      }
    }
  } catch (error) {
    throw refusedExport(error, 'RECONCILE_REFUSED');
  }
  return counts;
}

function refusal(message: string): UserError {
  return new UserError('RECONCILE_REFUSED', message);
}
