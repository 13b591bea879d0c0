/** A folder with the example's programs and a source `nightly`, for the command line. */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeWorkspace } from './cli.ts';

/** `source` and what follows it are YAML. */
export async function openSourceFolder(source: string) {
  const workspace = await makeWorkspace({ latencyMs: 1 });
  const programs = await readFile(workspace.env['PROGRAMS_FILE'] ?? '', 'utf8');
  await workspace.write('programs.yaml', `${programs}\nsources:\n  nightly: ${source}\n`);
  await mkdir(join(workspace.folder, 'exports'));
  workspace.env['PROGRAMS_FILE'] = './programs.yaml';
  const run = (...args: string[]) => workspace.run(args);
  const put = (name: string, text: string) => writeFile(join(workspace.folder, 'exports', name), text);
  return { ...workspace, run, put };
}

/** A schedule that starts a campaign with the source every minute. */
export const everyMinute = `
schedules:
  new-exports:
    program: loyalty
    action: issue
    source: nightly
    cron: '* * * * *'
    startWithin: 30s
`;
