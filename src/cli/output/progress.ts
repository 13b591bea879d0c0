/** A bar that follows a campaign until every row has ended and every card is saved. */

import { Presets, SingleBar } from 'cli-progress';
import type { Campaign } from '../../domain/campaigns/campaign.ts';
import { type Progress, progressOf, timeLeft } from '../../domain/campaigns/finish.ts';
import { sleep } from '../../kit/clock.ts';
import { describeTime } from './duration.ts';

interface FollowOptions {
  find: () => Promise<Campaign | undefined>;
  isOver: (campaign: Campaign) => Promise<boolean>;
  /** Called about once a second, to lend a hand where nobody works the queue. */
  everySecond: () => Promise<void>;
  signal: AbortSignal;
  /** Where the bar is drawn; nothing is drawn where this is no terminal. */
  stream: NodeJS.WriteStream;
}

const POLL_MS = 200;

/** Resolves with the campaign once it is over, or as it stands when the signal aborts. */
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
  const throughput = makeThroughput();
  let started = false;
  try {
    for (let tick = 0; ; tick += 1) {
      const campaign = await mustFind(find);
      const { rows, pending, stopped, done, saved } = campaign;
      if (!started) bar.start(rows, 0, { cards: 0, saved: 0, rest: '' });
      started = true;
      const ended = rows - pending - stopped;
      bar.setTotal(rows);
      bar.update(ended, { cards: done, saved, rest: throughput(campaign) });
      if (signal.aborted || (await options.isOver(campaign))) return campaign;
      if (tick % 5 === 0) await everySecond();
      await sleep(POLL_MS, signal);
    }
  } finally {
    bar.stop();
  }
}

/** Nothing is at work any more: every row has ended or is halted, and no card waits to be saved. */
export function isOver({ status, inQueue, saves, saved, unsaved }: Campaign): boolean {
  return status !== 'running' && inQueue === 0 && saves === saved + unsaved;
}

/** Progress that is looked back on, at most. */
const LOOK_BACK_MS = 120_000;

/** Tells the time left by the pace of the last minutes; nothing until there is one. */
function makeThroughput() {
  let seen: Progress[] = [];
  return (campaign: Campaign): string => {
    const now = Date.now();
    const progress = progressOf(campaign, now);
    if (campaign.status !== 'running') seen = [];
    else seen = [...seen.filter(({ at }) => at > now - LOOK_BACK_MS), progress];
    const left = timeLeft(seen);
    return left === undefined || campaign.expected === undefined ? '' : `${describeTime(left)} left`;
  };
}

async function mustFind(find: FollowOptions['find']): Promise<Campaign> {
  const campaign = await find();
  if (campaign === undefined) throw new Error('the campaign is no longer in Redis');
  return campaign;
}
