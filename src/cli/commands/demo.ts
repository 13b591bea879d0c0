/**
 * `passbridge demo`: issues the cards of a bundled export in the sandbox, with a private Redis. Needs no
 * configuration and does not read the user's `.env`.
 */

import { join, resolve } from 'node:path';
import { systemClock } from '../../kit/clock.ts';
import type { LocalSandbox } from '../../services/local-sandbox.ts';
import { type DeclareCommand, type ExitCode, localAction } from '../command.ts';
import { aborted, host, interruption, makeFileLogger, say } from '../output/terminal.ts';

export const declareDemo: DeclareCommand = (program, ended) => {
  program
    .command('demo')
    .description('issue cards to a bundled segment in the sandbox; needs no configuration')
    .option('--once', 'exit after the summary instead of keeping the dashboard up')
    .action(async ({ once }: { once?: boolean }) => ended(await demo(once === true)));
};

/** Customers that the sandbox refuses, so that the summary shows a failure. */
const FAULT = 'create:422~@refuse\\.example';
const LATENCY_MS = 100;

async function demo(once: boolean): Promise<ExitCode> {
  const { startLocalSandbox } = await import('../../services/local-sandbox.ts');
  const sandbox = await startLocalSandbox({ port: 0, latencyMs: LATENCY_MS, faults: [FAULT] });
  try {
    return await runDemo(sandbox, once);
  } finally {
    await sandbox.close();
  }
}

async function runDemo(sandbox: LocalSandbox, once: boolean): Promise<ExitCode> {
  const { openProcess } = await import('../../app/process.ts');
  const { loadConfig } = await import('../../config/load.ts');
  const { loadProgramsFile } = await import('../../programs/file/programs.ts');
  const { keyOf } = await import('../../domain/campaigns/options/campaign-options.ts');
  const { prepareCampaign } = await import('../../services/campaigns/prepare-campaign.ts');
  const { startCampaign } = await import('../../services/campaigns/start-campaign.ts');
  const { examplesFolder } = await import('../../kit/runtime/package-files.ts');
  const { followToSummary } = await import('../run-campaign.ts');

  const signal = interruption();
  const config = loadConfig({
    env: {
      ...sandbox.settings,
      DATA_DIR: resolve('data', 'demo'),
      PROGRAMS_FILE: join(examplesFolder, 'programs.yaml'),
      // A prefix per run: with cards of an earlier run, customers would be skipped.
      QUEUE_PREFIX: `demo-${systemClock().toString(36)}`,
      PORT: '0',
    },
    cwd: examplesFolder,
    need: ['passmachine', 'bloomreach'],
  });
  const programsFile = loadProgramsFile(config.files.programs, config.campaigns.timeZone);
  const program = programsFile.programs.get('loyalty');
  if (program === undefined) throw new Error('examples/programs.yaml lost its program loyalty');
  const file = join(examplesFolder, 'customers.csv');
  const options = { skipBadRows: true } as const;
  const order = await prepareCampaign({ config, program, action: 'issue', file, options, nameOf: keyOf });

  const passbridge = await openProcess(config, host, await makeFileLogger(config));
  try {
    say(
      `Issuing cards for ${file} (${order.expected} rows), at most ${config.passmachine.maxInFlight} calls at once,\n` +
        `in the sandbox at ${sandbox.url}.\n`,
    );
    const startedBy = { kind: 'operator', context: localAction() } as const;
    await startCampaign(passbridge.stores, { order, program, startedBy });
    const code = await followToSummary({
      passbridge,
      config,
      file: programsFile,
      campaign: order.id,
      signal,
    });
    const { cards, writtenBack: saved, maxInFlight } = sandbox.summary();
    say(
      `\nThe sandbox recorded ${cards} cards made, ${saved} of them saved to their customers, and at most ${maxInFlight} calls at once.`,
    );
    if (!once && !signal.aborted) {
      const { dashboard } = await passbridge.startWeb(programsFile, () => new Map());
      say(
        'url' in dashboard
          ? `\nThe dashboard stays up at ${dashboard.url} (Ctrl-C stops it)`
          : `\n${dashboard.problem}`,
      );
      await aborted(signal);
    }
    return code;
  } finally {
    await passbridge.close({ wipe: true });
  }
}
