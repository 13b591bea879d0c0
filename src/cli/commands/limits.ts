/** `passbridge limits`: the limits in force on calls to Passmachine, and setting them while everything runs. */

import { resetLimits, setLimits } from '../../services/limits.ts';
import { openProcess } from '../../app/process.ts';
import { loadConfig } from '../../config/load.ts';
import type { LimitsInForce } from '../../domain/campaigns/limits.ts';
import { localAction } from './act.ts';
import type { ExitCode } from '../exit-code.ts';
import { host, makeFileLogger, say } from '../output/terminal.ts';

interface LimitsOptions {
  inFlight: number | undefined;
  perSecond: number | undefined;
  /** Back to the configured ones. */
  reset: boolean;
  reason: string | undefined;
  json: boolean;
}

export async function limits({ inFlight, perSecond, reset, reason, json }: LimitsOptions): Promise<ExitCode> {
  const config = loadConfig({ env: process.env, cwd: process.cwd() });
  const log = makeFileLogger(config);
  const passbridge = await openProcess(config, host, log);
  const { stores } = passbridge;
  try {
    const before = await stores.passLimits.inForce();
    const sets = inFlight !== undefined || perSecond !== undefined;
    const byHand = { maxInFlight: inFlight, maxPerSecond: perSecond };
    if (sets) await setLimits(stores, byHand, config.passmachine, localAction(reason));
    if (reset) await resetLimits(stores, config.passmachine, localAction(reason));
    const after = await stores.passLimits.inForce();
    if (sets || reset) log.info({ event: 'limits.set', before, after });
    say(json ? JSON.stringify(publicView(after)) : describe(after));
    return 0;
  } finally {
    await passbridge.close();
  }
}

/** What scripts rely on; null: no limit. */
function publicView({ maxInFlight, maxPerSecond }: LimitsInForce) {
  const entries = Object.entries({ inFlight: maxInFlight, perSecond: maxPerSecond });
  return Object.fromEntries(
    entries.map(([name, { limit, configured, byHand }]) => [
      name,
      { limit: limit ?? null, configured: configured ?? null, byHand },
    ]),
  );
}

function describe({ maxInFlight, maxPerSecond }: LimitsInForce): string {
  const entries = Object.entries({ 'in flight': maxInFlight, 'per second': maxPerSecond });
  return entries
    .map(([name, { limit, configured, byHand }]) => {
      const source = byHand ? `set by hand; configured: ${configured ?? 'no limit'}` : 'as configured';
      return `${name.padEnd(10)}  ${String(limit ?? 'no limit').padStart(8)}   ${source}`;
    })
    .join('\n');
}
