/**
 * `passbridge demo`: the main job from end to end with nothing to set up. A private Redis, a
 * stand-in Passmachine and Bloomreach, and a bundled export; the user's own `.env` is not read.
 */

import { join, resolve } from 'node:path';
import { order } from '../../services/campaigns/campaigns.ts';
import { examples } from '../../services/programs/examples.ts';
import { openProcess } from '../../app/process.ts';
import { type Rehearsal, startRehearsal } from '../../services/rehearsal.ts';
import { loadConfig } from '../../config/load.ts';
import { loadProgramsFile } from '../../programs/file/programs.ts';
import type { ExitCode } from '../exit-code.ts';
import { runCampaign } from './run-campaign.ts';
import { aborted, host, interruption, makeFileLogger, say } from '../output/terminal.ts';

/** The customers that the stand-in refuses, so that the summary has something to explain. */
const REFUSALS = 'create:422~@refuse\\.example';
const LATENCY_MS = 100;

export async function demo({ once }: { once: boolean }): Promise<ExitCode> {
  const rehearsal = await startRehearsal({ port: 0, latencyMs: LATENCY_MS, faults: [REFUSALS] });
  try {
    return await play(rehearsal, once);
  } finally {
    await rehearsal.close();
  }
}

async function play(rehearsal: Rehearsal, once: boolean): Promise<ExitCode> {
  const signal = interruption();
  const config = loadConfig({
    env: {
      ...rehearsal.settings,
      DATA_DIR: resolve('data', 'demo'),
      PROGRAMS_FILE: join(examples, 'programs.yaml'),
      // Each run its own: yesterday's cards must not make today's customers look served.
      QUEUE_PREFIX: `demo-${Date.now().toString(36)}`,
      PORT: '0',
    },
    cwd: examples,
    need: ['passmachine', 'bloomreach'],
  });
  const programsFile = loadProgramsFile(config.files.programs, config.campaigns.timeZone);
  const program = programsFile.programs.get('loyalty');
  if (program === undefined) throw new Error('examples/programs.yaml lost its program loyalty');
  const file = join(examples, 'customers.csv');
  const ordered = await order({ config, program, action: 'issue', file, options: {} }, { skipBadRows: true });

  const passbridge = await openProcess(config, host, makeFileLogger(config));
  try {
    say(
      `Issuing cards for ${file} (${ordered.expected} rows), at most ${config.passmachine.maxInFlight} calls at once,\n` +
        `to a stand-in Passmachine and Bloomreach at ${rehearsal.url}.\n`,
    );
    const code = await runCampaign({
      passbridge,
      config,
      file: programsFile,
      order: ordered,
      program,
      signal,
    });
    const { cards, saved, maxInFlight } = rehearsal.summary();
    say(
      `\nThe stand-ins saw ${cards} cards made, ${saved} of them saved to their customers, ${maxInFlight} calls at once.`,
    );
    if (!once && !signal.aborted) {
      say(`\nStill up: ${(await passbridge.startWeb(programsFile, () => new Map())).url} (Ctrl-C stops it)`);
      await aborted(signal);
    }
    return code;
  } finally {
    await passbridge.close({ wipe: true });
  }
}
