/** What a world is made of. All of it follows from the seed, and a failing world can be shrunk by leaving parts out. */

import { makeRandom } from './random.ts';

export const faultKinds = ['crash', 'suspend', 'disconnect', 'clock-jump'] as const;

export interface Fault {
  kind: (typeof faultKinds)[number];
  /** It befalls the process of this event, counted from 1. */
  atEvent: number;
  /** How long it lasts; for a clock, by how much it jumps, ms. */
  ms: number;
}

export interface CampaignSpec {
  id: string;
  action: 'issue' | 'reissue' | 'notify';
  /** Numbers of the customers of its rows, in order; a customer may occur twice. */
  customers: readonly number[];
  /** When it starts, ms after the world. */
  startsAt: number;
}

export interface WorldSpec {
  seed: number;
  processes: number;
  cap: number;
  campaigns: readonly CampaignSpec[];
  faults: readonly Fault[];
  /** Share of the calls that upstreams do not serve well, 0 to 1. Troubles end after a minute. */
  troubleShare: number;
  /** When an operator pauses the first campaign, and for how long, ms. */
  pause: { at: number; ms: number } | undefined;
  notificationLimit: number | undefined;
  hasVouchers: boolean;
}

/** Customers that have a card before the world begins have a number above this one. */
export const FIRST_WITH_CARD = 1000;

/** Returns the world of a seed. */
export function specOf(seed: number): WorldSpec {
  const random = makeRandom(seed);
  const rows = random.int(5, 20);
  const issue: CampaignSpec = {
    id: 'issue',
    action: 'issue',
    customers: Array.from({ length: rows }, (_, row) => {
      if (random.chance(0.05)) return FIRST_WITH_CARD + row;
      return row > 0 && random.chance(0.1) ? random.int(1, row) : row + 1;
    }),
    startsAt: 0,
  };
  const campaigns = [issue];
  if (random.chance(0.3)) {
    // The same customers once more: from an older export, or to replace their cards.
    const action = random.pick(['issue', 'reissue'] as const);
    campaigns.push({ ...issue, id: `second-${action}`, action, startsAt: random.int(0, 3000) });
  }
  if (random.chance(0.4)) {
    const customers = Array.from({ length: random.int(2, 5) }, (_, nth) => FIRST_WITH_CARD + nth + 1);
    const count = random.int(1, 3);
    for (let nth = 1; nth <= count; nth += 1) {
      campaigns.push({ id: `notify${nth}`, action: 'notify', customers, startsAt: random.int(0, 2000) });
    }
  }
  const isCalm = random.chance(0.2);
  const faults = Array.from({ length: isCalm ? 0 : random.int(0, 5) }, (): Fault => {
    const kind = random.pick(faultKinds);
    const isLong = random.chance(0.5);
    return {
      kind,
      atEvent: random.int(5, 600),
      ms: kind === 'clock-jump' ? random.int(-1, 1) * 3_600_000 : random.int(1, isLong ? 30_000 : 1500),
    };
  });
  return {
    seed,
    processes: random.int(2, 3),
    cap: random.int(2, 5),
    campaigns,
    faults,
    troubleShare: isCalm ? 0 : random.pick([0, 0.05, 0.2, 0.4]),
    pause: random.chance(0.25) ? { at: random.int(50, 3000), ms: random.int(3000, 8000) } : undefined,
    notificationLimit: random.chance(0.5) ? random.int(1, 2) : undefined,
    hasVouchers: random.chance(0.5),
  };
}
