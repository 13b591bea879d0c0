/**
 * Fetches the sources of scheduled runs while other schedules go on: each by one process at a time,
 * and not again at once where it could not be fetched.
 */

import { UserError, isUserError } from '../../kit/user-error.ts';
import type { Config } from '../../config/config.ts';
import type { Sources } from '../../programs/file/sources.ts';
import type { Leases } from '../../ledger/leases.ts';
import type { TakenFiles } from '../../ledger/campaigns/taken-files.ts';
import { type Fetched, type FetchOptions, fetchSource } from '../campaigns/files/fetch.ts';

/** What a look finds. Everything but `under-way` is told once; after it a look begins anew. */
export type FetchProgress =
  | { kind: 'under-way' }
  | { kind: 'fetched'; fetched: Fetched }
  | { kind: 'refused'; refusal: UserError };

export interface RunFetcher {
  /** Begins to fetch for a run, by its id, or tells how far that is. */
  look(run: string, source: string, purpose: FetchOptions['purpose']): Promise<FetchProgress>;
  /** Breaks off what is under way. */
  stop(): Promise<void>;
}

interface FetcherOptions {
  config: Config;
  /** Looked at each time: it may change. */
  file: { sources: Sources };
  leases: Leases;
  takenFiles: TakenFiles;
}

interface Entry {
  work: Promise<void>;
  /** Once it is over. */
  ended?: FetchProgress;
}

/** A dead process's fetch is taken up after this. What could not be fetched is left alone as long. */
const LEASE_MS = 30_000;
const RENEW_EVERY_MS = 10_000;

export function makeRunFetcher({ config, file, leases, takenFiles }: FetcherOptions): RunFetcher {
  const stopping = new AbortController();
  const runs = new Map<string, Entry>();

  const fetchFor = async (
    run: string,
    name: string,
    purpose: FetchOptions['purpose'],
  ): Promise<FetchProgress> => {
    const source = file.sources.get(name);
    if (source === undefined) throw new Error(`the programs file was read without source ${name}`);
    const options = { config, takenFiles, purpose, campaign: run, signal: stopping.signal };
    try {
      return { kind: 'fetched', fetched: await fetchSource(source, options) };
    } catch (error) {
      // What is wrong here may be right in a minute, and nobody else hears of it.
      const why = error instanceof Error ? error.message : String(error);
      return {
        kind: 'refused',
        refusal: isUserError(error, 'FETCH_FAILED', 'SOURCE_EMPTY')
          ? error
          : new UserError('FETCH_FAILED', why),
      };
    }
  };

  const start = (run: string, name: string, purpose: FetchOptions['purpose']) => {
    const lease = leaseOf(run);
    const renewing = setInterval(() => void leases.hold(lease, LEASE_MS).catch(() => {}), RENEW_EVERY_MS);
    const work = async () => {
      try {
        entry.ended = await fetchFor(run, name, purpose);
      } finally {
        clearInterval(renewing);
      }
    };
    const entry: Entry = { work: Promise.resolve() };
    runs.set(run, entry);
    entry.work = work();
  };

  return {
    async look(run, source, purpose) {
      const own = runs.get(run);
      if (own?.ended !== undefined) {
        runs.delete(run);
        return own.ended;
      }
      if (own === undefined && !stopping.signal.aborted && (await leases.hold(leaseOf(run), LEASE_MS))) {
        start(run, source, purpose);
      }
      return { kind: 'under-way' };
    },
    async stop() {
      stopping.abort();
      await Promise.all(Array.from(runs.values(), ({ work }) => work));
      await Promise.all(Array.from(runs.keys(), (run) => leases.letGo(leaseOf(run))));
    },
  };
}

function leaseOf(run: string): string {
  return `fetch:${run}`;
}
