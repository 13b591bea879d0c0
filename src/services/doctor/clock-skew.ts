/** Whether this machine's clock agrees with the other side's, which every call to Passmachine carries. */

import type { Clock } from '../../kit/clock.ts';
import type { HttpClient } from '../../kit/http/http.ts';
import { about, type Finding } from './finding.ts';

export interface WatchedClient extends HttpClient {
  /** How far the other side's clock is ahead of ours by its last answer, ms; undefined before the first. */
  skewMs(): number | undefined;
}

/** The same client, which notes what time the other side has. */
export function watchClock(http: HttpClient, clock: Clock): WatchedClient {
  let skewMs: number | undefined;
  return {
    async send(request) {
      const sentAt = clock();
      const result = await http.send(request);
      // On average it was written half way between the two.
      if (result.answered && result.dateMs !== undefined) skewMs = result.dateMs - (sentAt + clock()) / 2;
      return result;
    },
    close: http.close,
    skewMs: () => skewMs,
  };
}

const WARN_ABOVE_S = 30;
/** How far `X-Timestamp` may be off is documented nowhere; five minutes is what such checks commonly allow. */
const REFUSED_ABOVE_S = 300;

const FIX = 'Have this machine set its clock from the network, e.g. timedatectl set-ntp true.';

/** What a skew means; none where the other side did not tell the time. */
export function clockFindings(check: string, whose: string, skewMs: number | undefined): Finding[] {
  if (skewMs === undefined) return [];
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  const { ok, warning, error } = about(check);
  if (seconds <= WARN_ABOVE_S) return [ok(`within ${WARN_ABOVE_S} s of ${whose}`)];
  const message = `this machine's clock is ${seconds} s ${skewMs > 0 ? 'behind' : 'ahead of'} ${whose}`;
  return [(seconds > REFUSED_ABOVE_S ? error : warning)(message, FIX)];
}
