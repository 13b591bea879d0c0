/** Holds as many permits as this process has use for, and tells its turnstile how many those are. */

import { type Clock, sleep } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';
import { LEASE_MS, type Permits } from './permits.ts';
import { makeCallLimiter, type CallLimiter } from './call-limiter.ts';

interface HolderOptions {
  permits: Permits;
  /** The configured cap. */
  most: number;
  /** The longest that a call may take, ms: none begins that could outlive the lease. */
  callMs: number;
  clock: Clock;
  log: Logger;
}

export interface PermitHolder {
  acquire: CallLimiter['acquire'];
  /** Sends those away whose call has not begun; permits go on being held for the others. */
  close(): void;
  /** Once no call is under way. */
  stop(): Promise<void>;
}

/** How often the lease is prolonged, and others hear of what is wanted here. */
const RENEW_MS = 250;
/** How often somebody asks whose permits others have yet to let go of. */
const ASK_MS = 40;
/** Between two askings at the least, however many jobs come. */
const BREATHER_MS = 5;

export function holdPermits({ permits, most, callMs, clock, log }: HolderOptions): PermitHolder {
  const stopping = new AbortController();
  let prompt: (() => void) | undefined;
  let allowed = 0;
  let until = 0;
  let asked = 0;
  /** When (ms) there is a start to be had again; 0 while one may be left. */
  let startsAt = 0;
  let othersLack = false;
  const wanting = () => {
    const { wanted, begins } = limiter.demand();
    const isShort = allowed < most && Math.min(most, wanted) > asked;
    if (isShort || (begins > 0 && clock() >= startsAt)) prompt?.();
  };
  const idle = () => {
    if (othersLack) prompt?.();
  };
  const limiter = makeCallLimiter(clock, wanting, idle);

  /** How long to wait before the next asking, ms. */
  const ask = async (): Promise<number> => {
    const demand = limiter.demand();
    const wanted = Math.min(most, demand.wanted);
    // What is not used is let go of little by little, since the next job is often near, and at once for others.
    const spared = othersLack ? wanted : Math.max(wanted, allowed - 1);
    const keep = Math.max(demand.busy, Math.min(allowed, spared));
    const at = clock();
    asked = wanted;
    allowed = Math.min(allowed, keep);
    limiter.allow(allowed, until);
    const answer = await permits.renew({ ...demand, keep, wanted });
    const { starts = Infinity, startsForMs = Infinity } = answer;
    startsAt = starts === 0 ? at + startsForMs : 0;
    // Before calls are allowed that may have none.
    limiter.start(starts, at + startsForMs);
    ({ allowed, othersLack } = answer);
    until = at + LEASE_MS - callMs;
    limiter.allow(allowed, until);
    const pause = allowed < answer.due ? ASK_MS : RENEW_MS;
    return starts === 0 && demand.begins > 0 ? Math.min(pause, startsForMs + 1) : pause;
  };

  const hold = async () => {
    while (!stopping.signal.aborted) {
      const prompted = new Promise<void>((resolve) => (prompt = resolve));
      const pauseMs = await ask().catch((error: unknown) => {
        log.warn({ event: 'permits.unrenewed', err: error });
        return RENEW_MS;
      });
      await sleep(BREATHER_MS, stopping.signal);
      const pause = new AbortController();
      await Promise.race([prompted, sleep(pauseMs, pause.signal)]);
      pause.abort();
    }
  };

  const holding = hold();
  return {
    acquire: limiter.acquire,
    close: limiter.close,
    async stop() {
      stopping.abort();
      prompt?.();
      await holding;
      await permits.giveBack().catch((error: unknown) => log.warn({ event: 'permits.kept', err: error }));
    },
  };
}
