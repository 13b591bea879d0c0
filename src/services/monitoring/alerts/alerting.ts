/** Sends alerts and the ends of campaigns to the configured channels. One process at a time does, every few seconds. */

import { trackAlerts } from '../../../domain/monitoring/alert-changes.ts';
import type { Clock } from '../../../kit/clock.ts';
import type { Logger } from '../../../kit/logger.ts';
import type { Part } from '../../../kit/part.ts';
import { startPeriodic } from '../../../kit/periodic.ts';
import type { ProgramsFile } from '../../../programs/file/programs.ts';
import type { Stores } from '../../stores.ts';
import { readOverview } from '../overview/overview.ts';
import { sendCampaignEnds } from './campaign-ends.ts';
import type { AlertChannel } from './channels.ts';

const CHECK_EVERY_MS = 5000;
/** If the process that checks dies, another one takes over after this time. */
const LEASE_MS = 30_000;

interface AlertingOptions {
  stores: Stores;
  /** Read at every check, because it may change. */
  file: ProgramsFile;
  channels: readonly AlertChannel[];
  clock: Clock;
  log: Logger;
}

/** Checks once and sends the changes. A message that a channel does not accept is sent with the next check. */
export async function sendAlerts({ stores, file, channels, clock, log }: AlertingOptions): Promise<void> {
  const { alerts } = await readOverview(stores, clock, file);
  for (const { name, send } of channels) {
    const { watch, change } = trackAlerts(await stores.alertWatches.find(name), alerts, clock());
    const error = change === undefined ? undefined : await send(change);
    if (error === undefined) {
      await stores.alertWatches.save(name, watch);
      if (change !== undefined) log.info({ event: 'alerts.sent', channel: name, kind: change.kind });
    } else log.warn({ event: 'alerts.send-failed', channel: name, error }, 'will be retried');
  }
}

export function startAlerting(options: AlertingOptions): Part {
  const { stores, channels, log } = options;
  const checks = startPeriodic({
    name: 'alerting',
    everyMs: CHECK_EVERY_MS,
    leader: stores.leases.leader('alerting', LEASE_MS),
    work: async () => {
      await sendAlerts(options);
      await sendCampaignEnds(options);
    },
    log,
  });
  return {
    name: 'alerting',
    quiesce: checks.quiesce,
    async stop() {
      await checks.stop();
      await Promise.all(channels.map(({ close }) => close()));
    },
  };
}
