/** Draws a progress bar that follows a campaign until every row has ended and every card is saved. */

import { Presets, SingleBar } from 'cli-progress';
import type { Campaign } from '../../domain/campaigns/campaign.ts';
import { type Progress, progressOf, timeLeft } from '../../domain/campaigns/finish.ts';
import { formatTimeLeft } from '../../domain/presentation/format.ts';
import { monotonicClock, sleep } from '../../kit/clock.ts';
import { UserError } from '../../kit/user-error.ts';

interface FollowOptions {
  find: () => Promise<Campaign | undefined>;
  isOver: (campaign: Campaign) => Promise<boolean>;
  /** Called about once a second; starts a worker here if no other process works the queue. */
  everySecond: () => Promise<void>;
  signal: AbortSignal;
  /** Returns why nothing moves; asked once a second after {@link STILL_MS} without progress. */
  waitsFor: () => Promise<readonly string[]>;
  /** The bar is drawn only if this is a terminal. */
  stream: NodeJS.WriteStream;
}

const POLL_MS = 200;
/** Without progress for this long, the bar says why. */
const STILL_MS = 5000;

/** Resolves with the campaign when it is over, or with its current state when the signal aborts. */
export async function followCampaign(options: FollowOptions): Promise<Campaign> {
  const { find, everySecond, signal, stream } = options;
  const bar = new SingleBar(
    {
      stream,
      format: ' {bar} {percentage} % | {value} of {total} rows | {cards} cards, {saved} saved | {rest}',
      hideCursor: true,
      clearOnComplete: true,
    },
    Presets.shades_classic,
  );
  const timeLeftText = makeTimeLeftText();
  let started = false;
  let waits: readonly string[] = [];
  let moved = { ended: -1, at: monotonicClock() };
  try {
    for (let tick = 0; ; tick += 1) {
      const campaign = await findOrThrow(find);
      const { rows, pending, stopped, done, writtenBack: saved } = campaign;
      if (!started) bar.start(rows, 0, { cards: 0, saved: 0, rest: '' });
      started = true;
      const ended = rows - pending - stopped;
      if (ended !== moved.ended) moved = { ended, at: monotonicClock() };
      const isStill = campaign.status === 'running' && pending > 0 && monotonicClock() - moved.at >= STILL_MS;
      if (!isStill) waits = [];
      else if (tick % 5 === 0) waits = await options.waitsFor();
      bar.setTotal(rows);
      bar.update(ended, {
        cards: done,
        saved,
        rest: waits.length > 0 ? `waiting: ${waits.join('; ')}` : timeLeftText(campaign),
      });
      if (signal.aborted || (await options.isOver(campaign))) return campaign;
      if (tick % 5 === 0) await everySecond();
      await sleep(POLL_MS, signal);
    }
  } finally {
    bar.stop();
  }
}

/** Returns whether no job of the campaign is queued or running and no card waits to be saved. */
export function isOver({ status, inQueue, ...campaign }: Campaign): boolean {
  const { writeBacks, writtenBack, writeBackFailures } = campaign;
  return status !== 'running' && inQueue === 0 && writeBacks === writtenBack + writeBackFailures;
}

/** The estimate uses the throughput of this period. */
const SAMPLE_PERIOD_MS = 120_000;

/** Returns a function that estimates the time left; its text is empty until throughput is known. */
function makeTimeLeftText() {
  let samples: Progress[] = [];
  return (campaign: Campaign): string => {
    const now = monotonicClock();
    const sample = progressOf(campaign, now);
    if (campaign.status !== 'running') samples = [];
    else samples = [...samples.filter(({ at }) => at > now - SAMPLE_PERIOD_MS), sample];
    const left = timeLeft(samples);
    return left === undefined || campaign.expected === undefined ? '' : `${formatTimeLeft(left)} left`;
  };
}

async function findOrThrow(find: FollowOptions['find']): Promise<Campaign> {
  const campaign = await find();
  if (campaign === undefined) {
    throw new UserError(
      'WRONG_STATUS',
      'The campaign is no longer in Redis, which has lost its data. Run passbridge status, and see docs/deployment.md#backups.',
    );
  }
  return campaign;
}
