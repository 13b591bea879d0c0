/**
 * `passbridge demo`: issues the cards of a bundled export in the sandbox, with a private Redis. Needs no
 * configuration and does not read the user's `.env`.
 */

import { join, relative, resolve } from 'node:path';
import type { ConfigWith } from '../../config/config.ts';
import type { LocalSandbox } from '../../services/local-sandbox.ts';
import { type DeclareCommand, type ExitCode, localAction } from '../command.ts';
import { invocation } from '../output/invocation.ts';
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

const EXPLANATION = `This demo runs a campaign against a sandbox that simulates Passmachine and Bloomreach. The sandbox keeps its
own record of every call that reaches it: its report says how many cards were really made, and whether a customer
got two, whatever passbridge itself reports.
`;

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
  const { loadProgramsFile } = await import('../../programs/file/programs.ts');
  const { keyOf } = await import('../../domain/campaigns/options/campaign-options.ts');
  const { prepareCampaign } = await import('../../services/campaigns/prepare-campaign.ts');
  const { startCampaign } = await import('../../services/campaigns/start-campaign.ts');
  const { examplesFolder } = await import('../../kit/runtime/package-files.ts');
  const { followToSummary } = await import('../run-campaign.ts');

  const signal = interruption();
  const folder = resolve('data', 'demo');
  /** Prints as a command that works in the user's shell, again and again. */
  const command = (args: string) => `(cd ${relative('.', folder)} && ${invocation(process)} ${args})`;
  const config = await prepareFolder(sandbox, folder);
  const programsFile = loadProgramsFile(config.files.programs, config.campaigns.timeZone);
  const program = programsFile.programs.get('loyalty');
  if (program === undefined) throw new Error('examples/programs.yaml lost its program loyalty');
  const file = join(examplesFolder, 'customers.csv');
  const options = { skipBadRows: true } as const;
  const order = await prepareCampaign({ config, program, action: 'issue', file, options, nameOf: keyOf });

  const passbridge = await openProcess(config, host, await makeFileLogger(config));
  try {
    say(EXPLANATION);
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
      hints: { command, interrupted: 'Interrupted. The next demo starts from the beginning.' },
    });
    say(`\n${describeRecord(sandbox)}`);
    if (code === 130) return code;
    say('\nLook around, now or later; the data stays until the next demo:');
    for (const args of ['status', 'failures']) say(`  ${command(args)}`);
    if (once) return code;
    const { dashboard } = await passbridge.startWeb(programsFile, () => new Map());
    say(
      'url' in dashboard
        ? `\nThe dashboard stays up at ${dashboard.url} (Ctrl-C stops it)`
        : `\n${dashboard.problem}`,
    );
    await aborted(signal);
    // What failed on purpose has been shown; the end of the demo is none of it.
    return 0;
  } finally {
    await passbridge.close();
  }
}

/** Deletes the data of the last demo, and writes the settings of this one. */
async function prepareFolder(
  sandbox: LocalSandbox,
  folder: string,
): Promise<ConfigWith<'passmachine' | 'bloomreach'>> {
  const { loadConfig } = await import('../../config/load.ts');
  const { examplesFolder } = await import('../../kit/runtime/package-files.ts');
  const { makeLogger } = await import('../../kit/logger.ts');
  const { clearDemo, writeDemoSettings } = await import('../demo-folder.ts');
  const settings = {
    ...sandbox.settings,
    DATA_DIR: folder,
    PROGRAMS_FILE: join(examplesFolder, 'programs.yaml'),
    PORT: '0',
  };
  const config = loadConfig({ env: settings, cwd: examplesFolder, need: ['passmachine', 'bloomreach'] });
  await clearDemo(config, host, makeLogger('silent'));
  await writeDemoSettings(folder, settings);
  return config;
}

function describeRecord(sandbox: LocalSandbox): string {
  const { cards, writtenBack, maxInFlight, doubles } = sandbox.summary();
  const twice = doubles.length === 0 ? 'No customer has two.' : `${doubles.length} customers have two.`;
  return `The sandbox recorded ${cards} cards made, ${writtenBack} of them saved to their customers, and at most ${maxInFlight} calls at once. ${twice}`;
}
