import { render } from 'preact-render-to-string';
import { describe, expect, it } from 'vitest';
import type { CampaignCounters } from '../../../src/domain/campaigns/campaign.ts';
import type { CallRates } from '../../../src/domain/monitoring/overview.ts';
import { CallCharts } from '../../../src/web/dashboard/charts/call-charts.tsx';
import { scaleTop } from '../../../src/web/dashboard/charts/chart.tsx';
import { StackedBar } from '../../../src/web/dashboard/charts/stacked-bar.tsx';

const BUCKETS = 360;

function ratesWith(changes: Partial<CallRates> = {}): CallRates {
  return {
    perSecond: 0,
    failuresPerSecond: 0,
    from: Date.UTC(2026, 10, 30, 13),
    stepMs: 10_000,
    calls: Array<number>(BUCKETS).fill(0),
    failures: Array<number>(BUCKETS).fill(0),
    p50: Array<null>(BUCKETS).fill(null),
    p95: Array<null>(BUCKETS).fill(null),
    ...changes,
  };
}

describe('the charts of the calls', () => {
  it('have a bar per minute with calls, and a table with the same figures', () => {
    const calls = Array<number>(BUCKETS).fill(0).fill(30, 0, 12);
    const p50 = Array<number | null>(BUCKETS).fill(null).fill(235, 0, 12);
    const html = render(<CallCharts rates={ratesWith({ calls, p50 })} zone="Europe/Prague" />);
    expect(html.match(/<title>30 calls\/s, 0\u00a0% failed<\/title>/g)?.length).toBe(2);
    // The first five minutes: two with calls.
    expect(html).toMatch(/<time[^>]*>14:00<\/time><\/th><td class="number">12<\/td>/);
    expect(html).toContain('<td class="number">235 ms</td>');
    expect(html.match(/<tr>/g)?.length).toBe(1 + 12);
  });

  it('interrupt a line where there were no calls', () => {
    const p95 = Array<number | null>(BUCKETS).fill(null).fill(100, 0, 12).fill(200, 60, 66);
    const html = render(<CallCharts rates={ratesWith({ p95 })} zone="UTC" />);
    const [, path = ''] = /<path class="line line-slow" d="([^"]*)"/.exec(html) ?? [];
    expect(path.match(/M/g)?.length).toBe(2);
  });

  it('need no inline style and no script', () => {
    const html = render(<CallCharts rates={ratesWith()} zone="UTC" />);
    expect(html).not.toMatch(/ style=|<script|<style/);
    expect(html).not.toContain('NaN');
  });
});

it('a scale has room for its highest value', () => {
  expect([0, 0.3, 1, 41, 50, 51, 999].map(scaleTop)).toEqual([1, 0.5, 1, 50, 50, 100, 1000]);
});

/** The widths of the parts, in percent. */
const widths = (some: CampaignCounters) =>
  [...render(<StackedBar counters={some} label="Rows" />).matchAll(/ width="([\d.]+)"/g)].map(([, width]) =>
    Number(width),
  );

describe('the bar of a campaign', () => {
  const counters: CampaignCounters = {
    rows: 1_000_000,
    done: 999_998,
    skipped: 0,
    rejected: 0,
    failed: 1,
    unknown: 1,
    stopped: 0,
    pending: 0,
  };
  it('shows one failure among a million, and is full all the same', () => {
    const [done = 0, failed = 0, unknown = 0] = widths(counters);
    expect(failed).toBeGreaterThan(0.5);
    expect(unknown).toBeGreaterThan(0.5);
    expect(done + failed + unknown).toBeCloseTo(100);
  });

  it('is as full as the rows have ended', () => {
    expect(widths({ ...counters, done: 250_000, failed: 0, unknown: 0, pending: 750_000 })).toEqual([25]);
    expect(widths({ ...counters, rows: 0, done: 0, failed: 0, unknown: 0 })).toEqual([]);
  });

  it('says its figures to screen readers', () => {
    expect(render(<StackedBar counters={counters} label="Rows of x" />)).toContain(
      'aria-label="Rows of x: 999,998 done, 1 failed, 1 unknown"',
    );
  });
});
