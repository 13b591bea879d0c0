/**
 * Fetches the sources of scheduled runs in the background, so that other schedules continue. A lease makes
 * one process at a time fetch for a run, and delays the next try after a failure.
 */

import type { Config } from '../../config/config.ts';
import { isUserError, UserError } from '../../kit/user-error.ts';
import type { TakenFiles } from '../../ledger/campaigns/taken-files.ts';
import type { Leases } from '../../ledger/leases.ts';
import type { Sources } from '../../programs/file/sources.ts';
import { type Fetched, type FetchOptions, fetchSource } from '../campaigns/files/fetch.ts';

/** Every result but `in-progress` is returned once; the next call starts a new fetch. */
export type FetchProgress =
  /** `why`: why it takes long, if this process fetches and knows. */
  | { kind: 'in-progress'; why?: string }
  | { kind: 'fetched'; fetched: Fetched }
  | { kind: 'failed'; error: UserError };

export interface RunFetcher {
  /** Starts to fetch for a run, by its id, or returns the progress. */
  fetch(run: string, source: string, purpose: FetchOptions['purpose']): Promise<FetchProgress>;
  /** Aborts fetches in progress. */
  stop(): Promise<void>;
}

interface FetcherOptions {
  config: Config;
  /** Read each time, because the file may be reloaded. */
  file: { sources: Sources };
  leases: Leases;
  takenFiles: TakenFiles;
}

interface Fetch {
  work: Promise<void>;
  /** Set when the fetch has ended, until it is returned. */
  result?: FetchProgress;
  why?: string;
}

/** After this time another process may continue for a dead one. */
const LEASE_MS = 30_000;
const RENEW_EVERY_MS = 10_000;

/** Pause after a failed fetch, in this process and, by the lease, in the others. */
const RETRY_AFTER_MS = LEASE_MS;

export function makeRunFetcher({ config, file, leases, takenFiles }: FetcherOptions): RunFetcher {
  const stopping = new AbortController();
  const fetches = new Map<string, Fetch>();

  const fetchNow = async (
    name: string,
    purpose: FetchOptions['purpose'],
    onWait: (why: string) => void,
  ): Promise<FetchProgress> => {
    const source = file.sources.get(name);
    if (source === undefined) throw new Error(`the programs file has no source ${name}`);
    const options = { config, takenFiles, purpose, signal: stopping.signal, onWait };
    try {
      return { kind: 'fetched', fetched: await fetchSource(source, options) };
    } catch (error) {
      // Any error may be temporary, and operators must see it in the run's entry: it is shown nowhere else.
      const message = error instanceof Error ? error.message : String(error);
      const isExpected = isUserError(error, 'FETCH_FAILED', 'SOURCE_EMPTY');
      return { kind: 'failed', error: isExpected ? error : new UserError('FETCH_FAILED', message) };
    }
  };

  const start = (run: string, source: string, purpose: FetchOptions['purpose']) => {
    const renewing = setInterval(
      () => void leases.acquire(leaseOf(run), LEASE_MS).catch(() => {}),
      RENEW_EVERY_MS,
    );
    const fetch: Fetch = { work: Promise.resolve() };
    fetches.set(run, fetch);
    fetch.work = (async () => {
      try {
        fetch.result = await fetchNow(source, purpose, (why) => (fetch.why = why));
      } finally {
        clearInterval(renewing);
      }
    })();
  };

  return {
    async fetch(run, source, purpose) {
      const own = fetches.get(run);
      if (own?.result !== undefined) {
        const { result } = own;
        delete own.result;
        if (result.kind === 'failed') setTimeout(() => fetches.delete(run), RETRY_AFTER_MS).unref();
        else fetches.delete(run);
        return result;
      }
      if (own === undefined && !stopping.signal.aborted && (await leases.acquire(leaseOf(run), LEASE_MS))) {
        start(run, source, purpose);
      }
      return { kind: 'in-progress', ...(own?.why !== undefined && { why: own.why }) };
    },
    async stop() {
      stopping.abort();
      await Promise.all(Array.from(fetches.values(), ({ work }) => work));
      await Promise.all(Array.from(fetches.keys(), (run) => leases.release(leaseOf(run))));
    },
  };
}

function leaseOf(run: string): string {
  return `fetch:${run}`;
}
