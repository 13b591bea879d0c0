/** Declares the commands that run something: `up`, `demo`, `sandbox`, and what holds while it runs. */

import { type Command, Option } from 'commander';
import type { ExitCode } from '../exit-code.ts';
import { signedNumber, wholeNumber } from './flag-values.ts';
import type { Role } from './up.ts';

interface LimitFlags {
  inFlight?: number;
  perSecond?: number;
  reset?: boolean;
  reason?: string;
  json?: boolean;
}

interface SandboxFlags {
  host: string;
  port: number;
  latency: number;
  fault?: string[];
  forbid?: string[];
  clockOffset?: number;
  refuseTokens?: boolean;
}

/** Adds the commands; `ended` takes the exit code of the one that ran. */
export function declareRunningCommands(program: Command, ended: (code: ExitCode) => void): void {
  program
    .command('demo')
    .description('watch a bundled segment become cards, against a stand-in Passmachine and Bloomreach')
    .option('--once', 'exit after the summary instead of staying up')
    .action(async (options: { once?: boolean }) => {
      const { demo } = await import('./demo.ts');
      ended(await demo({ once: options.once === true }));
    });

  program
    .command('up')
    .description('run in the background: work the queue, feed campaigns, serve HTTP')
    .addOption(
      new Option('--role <role>', 'what this process does')
        .choices(['all', 'web', 'worker', 'feeder'])
        .default('all'),
    )
    .action(async ({ role }: { role: Role }) => {
      const { up } = await import('./up.ts');
      ended(await up(role));
    });

  program
    .command('limits')
    .description('the limits on calls to Passmachine, and setting them for every running process')
    .option('--in-flight <n>', 'calls under way at once, up to PASSMACHINE_MAX_IN_FLIGHT', wholeNumber)
    .option('--per-second <n>', 'calls started per second', wholeNumber)
    .addOption(new Option('--reset', 'back to the configured ones').conflicts(['inFlight', 'perSecond']))
    .option('--reason <text>', 'written into the audit')
    .option('--json', 'for machines')
    .action(async (options: LimitFlags) => {
      const { inFlight, perSecond, reset, reason, json } = options;
      const { limits } = await import('./limits.ts');
      ended(await limits({ inFlight, perSecond, reset: reset === true, reason, json: json === true }));
    });

  program
    .command('vouchers')
    .description('how many codes are left for cards, by file')
    .option('--json', 'for machines')
    .action(async (options: { json?: boolean }) => {
      const { vouchers } = await import('./vouchers.ts');
      ended(await vouchers({ json: options.json === true }));
    });

  program
    .command('sandbox')
    .description('run the stand-in Passmachine and Bloomreach alone, for rehearsals')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <port>', 'port, 0 for a free one', wholeNumber, 4010)
    .option('--latency <ms>', 'how long each answer takes', wholeNumber, 100)
    .option('--fault <rules...>', 'scripted faults, e.g. create:500x3')
    .option('--forbid <permissions...>', "what Bloomreach's key may not do: set, events, export")
    .option('--clock-offset <seconds>', 'how far their clocks are ahead; behind where negative', signedNumber)
    .option('--refuse-tokens', 'hand tokens out and let nobody in with one')
    .action(async ({ host, port, latency, fault, forbid, clockOffset, refuseTokens }: SandboxFlags) => {
      const { sandbox } = await import('./sandbox.ts');
      ended(
        await sandbox({
          host,
          port,
          latencyMs: latency,
          faults: fault ?? [],
          forbidden: forbid ?? [],
          clockOffsetMs: (clockOffset ?? 0) * 1000,
          refuseTokens: refuseTokens === true,
        }),
      );
    });
}
