/** The calls to Passmachine that may be in flight at once, as one strip. */

import type { Slot } from '../../../domain/monitoring/overview.ts';
import { formatCount, formatNumber } from '../../../domain/presentation/format.ts';
import { pathTo, routes } from '../../paths.ts';
import type { Viewer } from '../layout.tsx';
import { Time } from '../parts/labels.tsx';

interface CallSlotsProps {
  slots: readonly Slot[];
  viewer: Viewer;
}

export function CallSlots({ slots, viewer }: CallSlotsProps) {
  const busy = slots.filter(({ state }) => state === 'busy').length;
  return (
    <>
      <ol class="slots" aria-label="Call slots">
        {slots.map((slot, index) => (
          <li key={index} class={`slot slot-${slot.state}`} title={describe(slot)}>
            {slot.state === 'busy' ? (
              <a href={pathTo(routes.campaign, { id: slot.campaign })}>
                <span class="visually-hidden">{describe(slot)}</span>
              </a>
            ) : (
              <span class="visually-hidden">{describe(slot)}</span>
            )}
          </li>
        ))}
      </ol>
      <p class="muted">
        {formatNumber(busy)} of {formatCount(slots.length, 'call')} in use
        <Pause slots={slots} viewer={viewer} />
      </p>
    </>
  );
}

/** Until when no calls start. */
function Pause({ slots, viewer: { zone } }: CallSlotsProps) {
  const paused = slots.find((slot) => slot.state === 'waiting' || slot.state === 'breaker');
  if (paused === undefined || !('until' in paused)) return null;
  return (
    <>
      .{' '}
      {paused.state === 'waiting'
        ? 'Rate-limited by Passmachine (429), resumes'
        : 'Passmachine is down, next check'}{' '}
      <Time at={paused.until} zone={zone} seconds />
    </>
  );
}

function describe(slot: Slot): string {
  switch (slot.state) {
    case 'busy':
      return `Busy: ${slot.action}, ${slot.campaign} row ${formatNumber(slot.row)}`;
    case 'idle':
      return 'Idle';
    case 'waiting':
      return 'Rate-limited by Passmachine (429)';
    case 'breaker':
      return 'Paused: Passmachine is down';
  }
}
