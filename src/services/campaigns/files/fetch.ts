/** Fetches what a configured source has now to this machine's disk, from where it is fed like any file. */

import { join } from 'node:path';
import { wantedColumns } from '../../../campaign/wanted-columns.ts';
import type { Config } from '../../../config/config.ts';
import type { CampaignAction } from '../../../domain/campaigns/campaign-action.ts';
import { PASS_DATE_ATTRIBUTE } from '../../../domain/campaigns/reconcile.ts';
import type { Guards } from '../../../domain/campaigns/safeguards/guards.ts';
import type { SourceDefinition } from '../../../domain/campaigns/source-definition.ts';
import type { Program } from '../../../domain/jobs/program.ts';
import { UserError } from '../../../kit/user-error.ts';
import type { TakenFile, TakenFiles } from '../../../ledger/campaigns/taken-files.ts';
import type { Sources } from '../../../programs/file/sources.ts';
import { fetchFile } from './fetch-file.ts';
import { fetchSegment } from './fetch-segment.ts';

export interface Fetched {
  /** Path on this machine. */
  path: string;
  /** Name of the source. */
  from: string;
  /** The file that the campaign takes when it is created. */
  taken?: TakenFile;
}

export interface FetchOptions {
  config: Pick<Config, 'files' | 'bloomreach' | 'campaigns' | 'customers' | 'proxies'>;
  takenFiles: TakenFiles;
  /** Decides which columns of a segment are requested. */
  purpose: {
    program: Program;
    action: CampaignAction;
    guards?: Guards | undefined;
    /** Also requests when each customer's card was made. */
    alsoCardDate?: true;
  };
  /** Fetches the newest file even if a campaign has taken it. */
  again?: boolean;
  signal?: AbortSignal;
  /** Receives why the fetch takes long: a clause without a full stop. */
  onWait?: (why: string) => void;
}

/** Returns the folder of fetched files. */
export function spoolFolder({ files }: Pick<Config, 'files'>): string {
  return join(files.dataDir, 'spool');
}

/** Returns the folder of uploaded files. */
export function uploadFolder({ files }: Pick<Config, 'files'>): string {
  return join(files.dataDir, 'uploads');
}

/**
 * Returns the source that an argument such as `@nightly` names; undefined for the name of a file. Throws a
 * {@link UserError} for an unknown source.
 */
export function namedSource(sources: () => Sources, argument: string): SourceDefinition | undefined {
  if (!argument.startsWith('@')) return undefined;
  const all = sources();
  const source = all.get(argument.slice(1));
  if (source !== undefined) return source;
  const names = [...all.keys()].map((name) => `@${name}`).join(', ') || 'none';
  throw new UserError('FETCH_FAILED', `There is no source ${argument}. The programs file has: ${names}.`);
}

/** Throws a {@link UserError}: `SOURCE_EMPTY` if there is nothing new, `FETCH_FAILED` for an error. */
export async function fetchSource(source: SourceDefinition, options: FetchOptions): Promise<Fetched> {
  const spool = spoolFolder(options.config);
  switch (source.kind) {
    case 'files':
      return { from: source.name, ...(await fetchFile(source, spool, options)) };
    case 'segment':
      return {
        from: source.name,
        path: await fetchSegment(source, spool, { ...options, columns: columnsFor(options) }),
      };
  }
}

function columnsFor({ config, purpose }: FetchOptions) {
  const { program, action, guards, alsoCardDate } = purpose;
  const { ids, attributes } = wantedColumns(program, action, { idTypes: config.customers.idTypes, guards });
  const dates = alsoCardDate === true ? [PASS_DATE_ATTRIBUTE] : [];
  return { ids, attributes: [...new Set([...attributes, ...dates])] };
}
