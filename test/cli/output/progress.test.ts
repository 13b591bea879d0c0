/** The progress bar of a campaign in the foreground, on a simulated terminal. */

import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { followCampaign } from '../../../src/cli/output/progress.ts';
import type { Campaign } from '../../../src/domain/campaigns/campaign.ts';
import { makeCampaign } from '../../support/make.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Follows a campaign whose state a test sets. `screen` returns what was drawn since the last call. */
function follow(find: () => Promise<Campaign | undefined>, { isTTY = true } = {}) {
  const terminal = Object.assign(new PassThrough(), { isTTY, columns: 200, rows: 40 });
  const lines: string[] = [];
  const stream = terminal as unknown as NodeJS.WriteStream;
  const controller = new AbortController();
  const state = { waits: ['no worker is running'], asked: 0 };
  const ended = followCampaign({
    find,
    isOver: async ({ status }) => status === 'finished',
    everySecond: async () => {},
    async waitsFor() {
      state.asked += 1;
      return state.waits;
    },
    signal: controller.signal,
    stream,
    say: (line) => void lines.push(line),
  });
  const screen = () => String(terminal.read() ?? '');
  return { state, ended, screen, lines, abort: () => controller.abort() };
}

describe('progress without a terminal', () => {
  it('is a line every ten seconds, and nothing in between', async () => {
    let campaign = makeCampaign({ rows: 1000, expected: 5000, pending: 1000 });
    const { ended, lines, screen } = follow(async () => campaign, { isTTY: false });
    await vi.advanceTimersByTimeAsync(9000);
    expect(lines).toEqual([]);
    campaign = { ...campaign, rows: 2000, pending: 800, done: 1200, writtenBack: 1100 };
    await vi.advanceTimersByTimeAsync(2000);
    expect(lines).toEqual([expect.stringMatching(/: 1,200 of 5,000 rows \| 1,200 cards, 1,100 saved/)]);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(lines).toHaveLength(3);
    expect(screen()).toBe('');
    campaign = { ...campaign, status: 'finished', pending: 0 };
    await vi.advanceTimersByTimeAsync(1000);
    await ended;
  });
});

describe('the progress bar', () => {
  it('shows in its first frame what has been done before', async () => {
    let campaign = makeCampaign({ rows: 10, pending: 4, done: 6, writtenBack: 5 });
    const { ended, screen } = follow(async () => campaign);
    await vi.advanceTimersByTimeAsync(150);
    const first = screen();
    expect(first).toContain('60 % | 6 of 10 rows | 6 cards, 5 saved');
    expect(first).not.toContain(' 0 of 10');
    campaign = { ...campaign, status: 'finished', pending: 0, done: 10 };
    await vi.advanceTimersByTimeAsync(1000);
    await ended;
  });

  it('says why nothing moves after five seconds, and stops saying it once a row ends', async () => {
    let campaign = makeCampaign({ rows: 3, pending: 3 });
    const { state, ended, screen } = follow(async () => campaign);
    await vi.advanceTimersByTimeAsync(4500);
    expect([state.asked, screen()]).toEqual([0, expect.not.stringContaining('waiting')]);
    await vi.advanceTimersByTimeAsync(2500);
    expect(screen()).toContain('0 of 3 rows | 0 cards, 0 saved | waiting: no worker is running');
    campaign = { ...campaign, pending: 2, done: 1 };
    await vi.advanceTimersByTimeAsync(1000);
    screen();
    await vi.advanceTimersByTimeAsync(2000);
    expect(screen()).not.toContain('waiting');
    campaign = { ...campaign, status: 'finished', pending: 0, done: 3 };
    await vi.advanceTimersByTimeAsync(1000);
    expect(await ended).toMatchObject({ done: 3 });
  });

  it('asks for the reason once a second, and not while cards are saved', async () => {
    let campaign = makeCampaign({ rows: 1, done: 1, writeBacks: 99 });
    let isSaving = true;
    const { state, ended, abort } = follow(async () => {
      if (isSaving) campaign = { ...campaign, writtenBack: campaign.writtenBack + 1 };
      return campaign;
    });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(state.asked).toBe(0);
    isSaving = false;
    await vi.advanceTimersByTimeAsync(5000);
    const before = state.asked;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(state.asked - before).toBe(10);
    abort();
    await vi.advanceTimersByTimeAsync(1000);
    expect(await ended).toMatchObject({ writeBacks: 99 });
  });

  it('says why while Redis does not answer, and ends at a signal all the same', async () => {
    const campaign = makeCampaign({ rows: 3, pending: 3 });
    let isAway = false;
    const { state, ended, screen, abort } = follow(() =>
      isAway ? new Promise(() => {}) : Promise.resolve(campaign),
    );
    await vi.advanceTimersByTimeAsync(1000);
    screen();
    isAway = true;
    state.waits = ['Redis does not answer'];
    await vi.advanceTimersByTimeAsync(8000);
    expect(screen()).toContain('waiting: Redis does not answer');
    abort();
    await vi.advanceTimersByTimeAsync(5000);
    expect(await ended).toBeUndefined();
  });
});
