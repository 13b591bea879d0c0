/** What failed, as an operator asks for it: across campaigns, by cause; and the order to send it again. */

import { nearest } from '../config/nearest.ts';
import type { FailedRecord } from '../job/failed.ts';
import { type FailureCode, failureKinds } from '../job/failure.ts';
import type { Stores } from './stores.ts';

/** A selection that names nothing there is; the message says what there is. */
export class SelectionRefused extends Error {}

export interface Selection {
  /** One campaign, or all. */
  campaign?: string | undefined;
  /** A code or the beginning of some, e.g. `PM_UNKNOWN`; or all. */
  code?: string | undefined;
}

/** One failure and the campaign that it belongs to. */
export interface FoundFailure {
  campaign: string;
  record: FailedRecord;
}

/** How much of a selection is sent again, and what is left out, by reason. */
export interface RetryPlan {
  jobs: number;
  saves: number;
  /** Held as unknown, and not asked for. */
  unknown: number;
  /** Turned away where they were read: their content is in the export only. */
  atDoor: number;
  /** Of campaigns that are held, paused or stopped. */
  halted: number;
}

/** Campaigns that a selection without a campaign looks into, newest first. */
const CAMPAIGNS = 1000;

/** The failures of a selection, campaign by campaign. Throws a {@link SelectionRefused}. */
export async function* failuresOf(stores: Stores, selection: Selection): AsyncGenerator<FoundFailure> {
  const codes = codesOf(selection);
  for (const campaign of await campaignsOf(stores, selection)) {
    for (const code of codes) {
      for await (const page of stores.failures.pages(campaign, code)) {
        for (const record of page) yield { campaign, record };
      }
    }
  }
}

/**
 * Orders that what is selected be sent again, and says how much that is. Creates that may have
 * been made are left out unless `unknown` asks for them. Throws a {@link SelectionRefused}.
 */
export async function retryFailures(
  stores: Stores,
  selection: Selection,
  { unknown, now }: { unknown: boolean; now: number },
): Promise<RetryPlan & { campaigns: string[] }> {
  const codes = codesOf(selection).filter((code) => unknown || failureKinds[code].stage !== 'maybe');
  const plan: RetryPlan = { jobs: 0, saves: 0, unknown: 0, atDoor: 0, halted: 0 };
  const isHalted = await haltedAmong(stores);
  const campaigns = new Set<string>();
  for await (const { campaign, record } of failuresOf(stores, selection)) {
    const part = isHalted(campaign) ? 'halted' : partOf(record, unknown);
    plan[part] += 1;
    if (part === 'jobs' || part === 'saves') campaigns.add(campaign);
  }
  for (const campaign of campaigns) await stores.campaignQueue.addRetry({ campaign, codes, failedBy: now });
  return { ...plan, campaigns: [...campaigns] };
}

/** Whether a campaign is halted: its jobs would only wait until it is resumed. */
async function haltedAmong({ campaigns }: Stores): Promise<(id: string) => boolean> {
  const halted = (await campaigns.list(CAMPAIGNS)).filter(({ halt }) => halt !== undefined);
  const ids = new Set(halted.map(({ id }) => id));
  return (id) => ids.has(id);
}

function partOf(record: FailedRecord, unknown: boolean): keyof RetryPlan {
  if ('writeBack' in record) return 'saves';
  if (!('job' in record) || record.state === 'done') return 'atDoor';
  return record.state === 'unknown' && !unknown ? 'unknown' : 'jobs';
}

function codesOf({ code }: Selection): FailureCode[] {
  const all = Object.keys(failureKinds) as FailureCode[];
  const wanted = all.filter((known) => code === undefined || known.startsWith(code.toUpperCase()));
  if (wanted.length > 0) return wanted;
  const hint = nearest(code ?? '', all);
  throw new SelectionRefused(
    `There is no failure code ${code}${hint === undefined ? '' : `, did you mean ${hint}`}? docs/errors.md lists them.`,
  );
}

async function campaignsOf({ campaigns }: Stores, { campaign }: Selection): Promise<string[]> {
  if (campaign === undefined) return (await campaigns.list(CAMPAIGNS)).map(({ id }) => id);
  if ((await campaigns.find(campaign)) !== undefined) return [campaign];
  throw new SelectionRefused(
    `There is no campaign ${campaign}. \`passbridge status\` lists those there are.`,
  );
}
