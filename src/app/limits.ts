/** Keeps the limits on Passmachine calls in Redis as configured, where every worker obeys them. */

import type { Logger } from '../kit/logger.ts';
import type { PassQueue } from '../queue/pass-queue.ts';

/** BullMQ keeps the cap among its own keys; whoever clears a queue by hand clears the cap with it. */
const CHECK_EVERY_MS = 30_000;

interface Limits {
  maxInFlight: number;
  maxPerSecond?: number | undefined;
}

/** Sets both limits now, and the cap again whenever it is found changed. */
export async function holdLimits(queue: PassQueue, limits: Limits, log: Logger) {
  const { maxInFlight, maxPerSecond } = limits;
  await queue.setCap(maxInFlight);
  await queue.setRate(maxPerSecond);

  const check = async () => {
    const found = await queue.cap();
    if (found === maxInFlight) return;
    log.error({ event: 'cap.changed', found, maxInFlight }, 'the cap on calls in flight was gone; set again');
    await queue.setCap(maxInFlight);
  };
  const timer = setInterval(() => {
    check().catch((error: unknown) => log.error({ event: 'cap.unchecked', err: error }));
  }, CHECK_EVERY_MS);

  return {
    async stop() {
      clearInterval(timer);
    },
  };
}
