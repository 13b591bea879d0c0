/** `passbridge limits`: shows and sets the limits on calls to Passmachine. */

import { Option } from 'commander';
import type { EffectiveLimits } from '../../domain/campaigns/limits.ts';
import { formatDuration } from '../../domain/presentation/format.ts';
import { describePause, type WriteBackPause } from '../../services/monitoring/write-back-pause.ts';
import { type DeclareCommand, type ExitCode, localAction, withPassbridge } from '../command.ts';
import { wholeNumber } from '../flag-values.ts';
import { say } from '../output/terminal.ts';

interface LimitsFlags {
  inFlight?: number;
  perSecond?: number;
  reset?: boolean;
  openGate?: boolean;
  reason?: string;
  json?: boolean;
}

export const declareLimits: DeclareCommand = (program, ended) => {
  program
    .command('limits')
    .description('show the limits on calls to Passmachine, or set them for all running processes')
    .option('--in-flight <n>', 'maximum concurrent calls, up to PASSMACHINE_MAX_IN_FLIGHT', wholeNumber)
    .option('--per-second <n>', 'maximum calls started per second', wholeNumber)
    .addOption(new Option('--reset', 'restore the configured limits').conflicts(['inFlight', 'perSecond']))
    .option(
      '--open-gate',
      'resume calls now that pause because Passmachine or Bloomreach asked for it, or failed',
    )
    .option('--reason <text>', 'recorded in the audit')
    .option('--json', 'print JSON')
    .action(async (flags: LimitsFlags) => ended(await limits(flags)));
};

async function limits({
  inFlight,
  perSecond,
  reset,
  openGate,
  reason,
  json,
}: LimitsFlags): Promise<ExitCode> {
  const service = await import('../../services/campaigns/limits.ts');
  return withPassbridge([], async ({ config, stores, log }) => {
    const before = await stores.passLimits.effective();
    const sets = inFlight !== undefined || perSecond !== undefined;
    const overrides = { maxInFlight: inFlight, maxPerSecond: perSecond };
    if (sets) await service.setLimits(stores, overrides, config.passmachine, localAction(reason));
    if (reset === true) await service.resetLimits(stores, config.passmachine, localAction(reason));
    if (openGate === true && (await service.openGate(stores, localAction(reason))))
      log.warn({ event: 'gate.opened' });
    const after = await stores.passLimits.effective();
    if (sets || reset === true) log.info({ event: 'limits.set', before, after });
    const [gateMs, pause] = await Promise.all([stores.passQueue.gateMs(), stores.bloomreachPauses.current()]);
    const view = { ...publicView(after), gateMs, writeBackPauseMs: pause?.leftMs ?? 0 };
    say(json === true ? JSON.stringify(view) : [describe(after), ...pauseLines(gateMs, pause)].join('\n'));
    return 0;
  });
}

/** The shape of `--json`; scripts rely on it. null: no limit. */
function publicView({ maxInFlight, maxPerSecond }: EffectiveLimits) {
  const entries = Object.entries({ inFlight: maxInFlight, perSecond: maxPerSecond });
  return Object.fromEntries(
    entries.map(([name, { limit, configured, overridden }]) => [
      name,
      { limit: limit ?? null, configured: configured ?? null, overridden },
    ]),
  );
}

function describe({ maxInFlight, maxPerSecond }: EffectiveLimits): string {
  const entries = Object.entries({ 'in flight': maxInFlight, 'per second': maxPerSecond });
  return entries
    .map(([name, { limit, configured, overridden }]) => {
      const source = overridden
        ? `set by an operator; configured: ${configured ?? 'no limit'}`
        : 'as configured';
      return `${name.padEnd(10)}  ${String(limit ?? 'no limit').padStart(8)}   ${source}`;
    })
    .join('\n');
}

/** Names the pauses of both upstreams, if there are any. */
function pauseLines(gateMs: number, pause: WriteBackPause | undefined): string[] {
  const lines = [
    ...(gateMs > 0 ? [`calls to Passmachine pause for another ${formatDuration(gateMs)}`] : []),
    ...(pause === undefined ? [] : [describePause(pause)]),
  ];
  return lines.length === 0 ? [] : [...lines, 'To resume them now: passbridge limits --open-gate'];
}
