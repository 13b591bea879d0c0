/** The file that a command works on: a path, or what a configured source has now. */

import {
  type Fetched,
  type FetchOptions,
  fetchSource,
  namedSource,
} from '../services/campaigns/files/fetch.ts';
import { openProcess } from '../app/process.ts';
import type { Config } from '../config/config.ts';
import { readVariables } from '../config/load.ts';
import { loadSources } from '../programs/file/sources.ts';
import { host, interruption, makeFileLogger } from './output/terminal.ts';

interface ObtainOptions {
  config: Config;
  purpose: FetchOptions['purpose'];
  /** Although a campaign has taken it before. */
  again: boolean;
}

/** Throws a `UserError`. */
export async function resolveInputFile(
  file: string,
  { config, purpose, again }: ObtainOptions,
): Promise<Omit<Fetched, 'from'> & { from?: string }> {
  const variables = readVariables({ env: process.env, cwd: process.cwd() });
  const source = namedSource(() => loadSources(config.files.programs, variables), file);
  if (source === undefined) return { path: file };
  const passbridge = await openProcess(config, host, makeFileLogger(config));
  try {
    const { takenFiles } = passbridge.stores;
    return await fetchSource(source, { config, purpose, takenFiles, again, signal: interruption() });
  } finally {
    await passbridge.close();
  }
}
