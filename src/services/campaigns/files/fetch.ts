/** Brings what a configured source has now onto this machine's disk, from where it is fed as any file. */

import { UserError } from '../../../kit/user-error.ts';
import { join } from 'node:path';
import type { Config } from '../../../config/config.ts';
import { wantedColumns } from '../../../campaign/wanted-columns.ts';
import type { Sources } from '../../../programs/file/sources.ts';
import type { CampaignAction } from '../../../domain/campaigns/campaign.ts';
import type { Guards } from '../../../domain/campaigns/guards.ts';
import type { Program } from '../../../domain/jobs/program.ts';
import type { SourceDefinition } from '../../../domain/campaigns/source-definition.ts';
import type { TakenFile, TakenFiles } from '../../../ledger/campaigns/taken-files.ts';
import { fetchFile } from './fetch-file.ts';
import { fetchSegment } from './fetch-segment.ts';

export interface Fetched {
  /** On this machine. */
  path: string;
  /** Of the source. */
  from: string;
  /** The file that counts as taken once a campaign was started with it. */
  taken?: TakenFile;
}

export interface FetchOptions {
  config: Pick<Config, 'files' | 'bloomreach' | 'campaigns' | 'customers'>;
  takenFiles: TakenFiles;
  /** What it is fetched for: a segment is asked for nothing else. */
  purpose: { program: Program; action: CampaignAction; guards?: Guards | undefined };
  /** Takes the newest file although a campaign has taken it before. */
  again?: boolean;
  /** The campaign that it is fetched for, which may have taken its file before. */
  campaign?: string;
  signal?: AbortSignal;
}

/** Where fetched files lie. */
export function spoolFolder({ files }: Pick<Config, 'files'>): string {
  return join(files.dataDir, 'spool');
}

/** The source that an argument such as `@nightly` names; undefined where it is the name of a file. */
export function namedSource(sources: () => Sources, argument: string): SourceDefinition | undefined {
  if (!argument.startsWith('@')) return undefined;
  const all = sources();
  const source = all.get(argument.slice(1));
  if (source !== undefined) return source;
  const names = [...all.keys()].map((name) => `@${name}`).join(', ') || 'none';
  throw new UserError('FETCH_FAILED', `There is no source ${argument}. The programs file has: ${names}.`);
}

/** Throws a {@link UserError}. */
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
  const { program, action, guards } = purpose;
  return wantedColumns(program, action, { idTypes: config.customers.idTypes, guards });
}
