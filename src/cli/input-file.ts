/** Resolves the file argument of a command: a path, or `@` and the name of a configured source. */

import type { Config } from '../config/config.ts';
import { readVariables } from '../config/load.ts';
import { loadSources } from '../programs/file/sources.ts';
import {
  type Fetched,
  type FetchOptions,
  fetchSource,
  namedSource,
} from '../services/campaigns/files/fetch.ts';
import { environment, withProcess } from './command.ts';
import { host, interruption } from './output/terminal.ts';

interface ResolveOptions {
  config: Config;
  purpose: FetchOptions['purpose'];
  /** Use the newest file of the source even if a campaign has taken it before. */
  again: boolean;
}

/** Downloads the newest file of a source; a path is returned as it is. Throws a `UserError`. */
export async function resolveInputFile(
  file: string,
  { config, purpose, again }: ResolveOptions,
): Promise<Omit<Fetched, 'from'> & { from?: string }> {
  const loadAll = () => loadSources(config.files.programs, readVariables(environment()));
  const source = namedSource(loadAll, file);
  if (source === undefined) return { path: file };
  return withProcess(config, ({ stores: { takenFiles } }) =>
    fetchSource(source, {
      config,
      purpose,
      takenFiles,
      again,
      signal: interruption(),
      onWait: (why) => host.say(`Waiting: ${why}.`),
    }),
  );
}
