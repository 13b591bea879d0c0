/** When a channel is notified of ended campaigns. */

import { describe, expect, it } from 'vitest';
import { trackEnds, watchedSince } from '../../../src/domain/monitoring/campaign-ends.ts';

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;
const watch = { upTo: NOW, reported: {} };

describe('the ends of campaigns', () => {
  it('are reported in their order, and not again', () => {
    const ended = new Map([
      ['later', NOW + 2000],
      ['earlier', NOW + 1000],
    ]);
    const first = trackEnds(watch, ended, NOW + 3000);
    expect(first?.due).toEqual(['earlier', 'later']);
    expect(trackEnds(first?.watch ?? watch, ended, NOW + 60 * MINUTE)).toBeUndefined();
  });

  it('are reported if they were recorded after a later one, by a process that was slow', () => {
    const reported = trackEnds(watch, new Map([['fast', NOW + 9000]]), NOW + 9000)?.watch ?? watch;
    expect(watchedSince(reported)).toBeLessThan(NOW + 1000);
    const both = new Map([
      ['fast', NOW + 9000],
      ['slow', NOW + 1000],
    ]);
    expect(trackEnds(reported, both, NOW + 60 * MINUTE)?.due).toEqual(['slow']);
  });

  it('are reported again if the campaign was resumed and has ended again', () => {
    const reported = trackEnds(watch, new Map([['one', NOW + 1]]), NOW + 1)?.watch ?? watch;
    expect(trackEnds(reported, new Map([['one', NOW + 20 * MINUTE]]), NOW + 20 * MINUTE)?.due).toEqual([
      'one',
    ]);
  });

  it('are remembered for a minute only, so that the state stays small', () => {
    const first = trackEnds(watch, new Map([['one', NOW + 1]]), NOW + 1)?.watch ?? watch;
    const second = trackEnds(first, new Map([['two', NOW + 20 * MINUTE]]), NOW + 20 * MINUTE)?.watch;
    expect(Object.keys(second?.reported ?? {})).toEqual(['two']);
  });
});
