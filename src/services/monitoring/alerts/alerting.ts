/** Tells people of what is wrong where they are: looks every few seconds, in one process at a time. */

import type { ProgramsFile } from '../../../programs/file/programs.ts';
import { lookAtAlerts } from '../../../domain/monitoring/alert-changes.ts';
import type { Clock } from '../../../kit/clock.ts';
import { sleep } from '../../../kit/clock.ts';
import type { Logger } from '../../../kit/logger.ts';
import { now } from '../overview/overview.ts';
import type { Part } from '../../../kit/part.ts';
import type { Stores } from '../../stores.ts';
import type { AlertChannel } from './channels.ts';

const LOOK_EVERY_MS = 5000;
/** Whoever dies with it is followed by the next process after this. */
const LEASE_MS = 30_000;
const LEASE = 'alerting';

interface AlertingOptions {
  stores: Stores;
  /** Looked at each time: it may change. */
  file: ProgramsFile;
  channels: readonly AlertChannel[];
  clock: Clock;
  log: Logger;
}

/** One look, and what there is to tell. What a channel does not take is told with the next look. */
export async function tellAlerts({ stores, file, channels, clock, log }: AlertingOptions): Promise<void> {
  const { alerts } = await now(stores, clock, file);
  for (const { name, tell } of channels) {
    const { watch, news } = lookAtAlerts(await stores.alertWatches.find(name), alerts, clock());
    const why = news === undefined ? undefined : await tell(news);
    if (why === undefined) {
      await stores.alertWatches.keep(name, watch);
      if (news !== undefined) log.info({ event: 'alerts.told', channel: name, kind: news.kind });
    } else log.warn({ event: 'alerts.not-told', channel: name, why }, 'will be told again');
  }
}

export function startAlerting(options: AlertingOptions): Part {
  const { stores, channels, log } = options;
  const stopping = new AbortController();
  const look = async () => {
    try {
      if (await stores.leases.hold(LEASE, LEASE_MS)) await tellAlerts(options);
    } catch (error) {
      log.error({ event: 'alerts.not-looked-at', err: error });
    }
  };
  const lookOn = async () => {
    while (!stopping.signal.aborted) {
      await look();
      await sleep(LOOK_EVERY_MS, stopping.signal);
    }
  };
  const looking = lookOn();
  return {
    name: 'alerting',
    async stop() {
      stopping.abort();
      await looking;
      await stores.leases.letGo(LEASE).catch(() => {});
      await Promise.all(channels.map(({ close }) => close()));
    },
  };
}
