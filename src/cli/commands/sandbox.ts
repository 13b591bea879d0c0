/** `passbridge sandbox`: a simulated Passmachine and Bloomreach to test against. */

import { type DeclareCommand, type ExitCode } from '../command.ts';
import { signedNumber, wholeNumber } from '../flag-values.ts';
import { aborted, interruption, say } from '../output/terminal.ts';

interface SandboxFlags {
  host: string;
  port: number;
  latency: number;
  fault?: string[];
  forbid?: string[];
  clockOffset?: number;
  refuseTokens?: boolean;
  eventsTo?: string;
}

export const declareSandbox: DeclareCommand = (program, ended) => {
  program
    .command('sandbox')
    .description('run a simulated Passmachine and Bloomreach to test against')
    .option('--host <address>', 'listen on this address', '127.0.0.1')
    .option('--port <port>', 'listen on this port; 0: any free port', wholeNumber, 4010)
    .option('--latency <ms>', 'answer after this many milliseconds', wholeNumber, 100)
    .option('--fault <rules...>', 'inject faults, e.g. create:500x3 create:502-after@5%')
    .option('--forbid <permissions...>', 'take permissions from the Bloomreach key: set, events, export')
    .option(
      '--clock-offset <seconds>',
      'run both clocks ahead by this many seconds; negative: behind',
      signedNumber,
    )
    .option(
      '--events-to <url>',
      'send the events of new cards to this passbridge, e.g. http://127.0.0.1:3000',
    )
    .option('--refuse-tokens', 'issue tokens but reject them')
    .action(async (flags: SandboxFlags) => ended(await sandbox(flags)));
};

async function sandbox({ latency, fault, forbid, clockOffset, ...flags }: SandboxFlags): Promise<ExitCode> {
  const { startLocalSandbox } = await import('../../services/local-sandbox.ts');
  const running = await startLocalSandbox({
    host: flags.host,
    port: flags.port,
    latencyMs: latency,
    faults: fault ?? [],
    forbidden: forbid ?? [],
    clockOffsetMs: (clockOffset ?? 0) * 1000,
    refuseTokens: flags.refuseTokens === true,
    ...(flags.eventsTo !== undefined && { eventTarget: { url: flags.eventsTo } }),
  });
  const settings = Object.entries(running.settings).map(([name, value]) => `${name}=${value}`);
  say(
    [
      `The sandbox (Passmachine and Bloomreach) listens at ${running.url}. To use it, put this into .env:`,
      '',
      ...settings,
      '',
      `Record of all calls: ${running.url}/_sandbox/witness. Ctrl-C stops the sandbox.`,
    ].join('\n'),
  );
  await aborted(interruption());
  await running.close();
  return 0;
}
