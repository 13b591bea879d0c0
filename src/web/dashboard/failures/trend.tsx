/** How often a cause struck in each of the last 24 hours, as bars beside the words. */

import type { FailureGroup } from '../../../domain/failures/failure-group.ts';
import { number } from '../parts/wording.ts';

const HOURS = 24;
const HOUR_MS = 3_600_000;
const [BAR, HEIGHT] = [6, 24];

export function Trend({ perHour, now }: Pick<FailureGroup, 'perHour'> & { now: number }) {
  const thisHour = Math.floor(now / HOUR_MS) * HOUR_MS;
  const counts = Array.from({ length: HOURS }, (_, age) => {
    const hour = thisHour - (HOURS - 1 - age) * HOUR_MS;
    return perHour.find((found) => found.hour === hour)?.count ?? 0;
  });
  const most = Math.max(...counts, 1);
  const day = counts.reduce((sum, count) => sum + count, 0);
  return (
    <span>
      <svg width={HOURS * BAR} height={HEIGHT} aria-hidden="true" focusable="false">
        {counts.map((count, place) => {
          const height = count === 0 ? 1 : Math.max(2, (count / most) * HEIGHT);
          return (
            <rect
              key={place}
              x={place * BAR}
              y={HEIGHT - height}
              width={BAR - 1}
              height={height}
              fill="currentColor"
            />
          );
        })}
      </svg>{' '}
      {number(day)} in 24 hours, {number(counts.at(-1) ?? 0)} in this hour
    </span>
  );
}
