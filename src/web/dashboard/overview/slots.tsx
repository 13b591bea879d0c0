/** The places for calls that may be under way at once, and what each is doing. */

import type { Slot } from '../../../domain/monitoring/overview.ts';
import type { Reader } from '../layout.tsx';
import { Moment } from '../parts/moment.tsx';

export function Slots({ slots, reader: { zone } }: { slots: readonly Slot[]; reader: Reader }) {
  return (
    <ol class="slots">
      {slots.map((slot, place) => (
        <li key={place} class={`slot slot-${slot.state}`}>
          <span class="text-secondary">{place + 1}</span> <strong>{words[slot.state]}</strong>
          <br />
          {slot.state === 'busy' && (
            <>
              {slot.action}, <a href={`/campaigns/${encodeURIComponent(slot.campaign)}`}>{slot.campaign}</a>{' '}
              row {slot.row}
            </>
          )}
          {(slot.state === 'waiting' || slot.state === 'breaker') && (
            <>
              until <Moment at={slot.until} zone={zone} />
            </>
          )}
        </li>
      ))}
    </ol>
  );
}

const words = {
  busy: 'busy',
  idle: 'idle',
  waiting: 'waits: Passmachine asked for a pause (429)',
  breaker: 'kept away: Passmachine is down',
} as const;
