/** Draws a progress bar that follows a campaign until every row has ended and every card is saved. */

import { Presets, SingleBar } from 'cli-progress';
import type { Campaign } from '../../domain/campaigns/campaign.ts';
import { type Progress, progressOf, timeLeft } from '../../domain/campaigns/finish.ts';
import { formatNumber, formatTimeLeft } from '../../domain/presentation/format.ts';
import { monotonicClock, sleep } from '../../kit/clock.ts';
import { visibleLine } from '../../kit/text/visible.ts';
import { UserError } from '../../kit/user-error.ts';

interface FollowOptions {
  find: () => Promise<Campaign | undefined>;
  isOver: (campaign: Campaign) => Promise<boolean>;
  /** Called about once a second; starts a worker here if no other process works the queue. */
  everySecond: () => Promise<void>;
  signal: AbortSignal;
  /**
   * Returns why nothing moves; asked once a second after {@link STILL_MS} without progress. Undefined: Redis has not
   * returned the campaign yet. Must resolve while Redis is away, too.
   */
  waitsFor: (campaign: Campaign | undefined) => Promise<readonly string[]>;
  /** The bar is drawn only if this is a terminal. */
  stream: NodeJS.WritableStream & { isTTY?: boolean };
  /** Without a terminal, receives a line every {@link LINE_EVERY_MS}. */
  say: (line: string) => void;
}

const POLL_MS = 200;
const TICKS_A_SECOND = 5;
const SECOND_MS = 1000;
const LINE_EVERY_MS = 10_000;
/** Without progress for this long, the bar says why. */
const STILL_MS = 5000;
/** How long the end waits for a last read of the campaign. */
const LAST_READ_MS = 2000;

/**
 * Resolves with the campaign when it is over, or with its current state when the signal aborts; undefined if Redis does
 * not return it any more then.
 */
export async function followCampaign(options: FollowOptions): Promise<Campaign | undefined> {
  const { everySecond, signal, stream, say } = options;
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
  const isStill = makeStillness();
  let campaign: Campaign | undefined;
  let started = false;
  let waits: readonly string[] = [];

  let linePrintedAt = monotonicClock();
  const printLine = (shown: Campaign, rest: string) => {
    if (monotonicClock() - linePrintedAt < LINE_EVERY_MS) return;
    linePrintedAt = monotonicClock();
    say(describeProgress(shown, rest));
  };

  const draw = (rest: string) => {
    if (campaign === undefined) return;
    if (!stream.isTTY) return printLine(campaign, rest);
    const { rows, done, writtenBack: saved } = campaign;
    const payload = { cards: done, saved, rest };
    if (started) {
      bar.setTotal(rows);
      bar.update(endedRows(campaign), payload);
    } else bar.start(rows, endedRows(campaign), payload);
    started = true;
  };

  /** Awaits work on Redis, and says why it takes long. Undefined if it is still not done soon after the signal aborts. */
  const patiently = async <T>(work: Promise<T>): Promise<{ value: T } | undefined> => {
    const done = work.then((value) => ({ value }));
    for (let pauseMs = STILL_MS; !signal.aborted; pauseMs = SECOND_MS) {
      const finished = await raceWith(done, pauseMs, signal);
      if (finished !== undefined) return finished;
      if (!signal.aborted) draw(waitText(await options.waitsFor(campaign)));
    }
    return raceWith(done, LAST_READ_MS);
  };

  try {
    for (let tick = 0; ; tick += 1) {
      const found = await patiently(findOrThrow(options.find));
      if (found === undefined) return undefined;
      campaign = found.value;
      if (!isStill(campaign)) waits = [];
      else if (tick % TICKS_A_SECOND === 0) waits = await options.waitsFor(campaign);
      draw(waits.length > 0 ? waitText(waits) : timeLeftText(campaign));
      const over = await patiently(options.isOver(campaign));
      if (signal.aborted || over?.value === true) return campaign;
      if (tick % TICKS_A_SECOND === 0) await patiently(everySecond());
      await sleep(POLL_MS, signal);
    }
  } finally {
    bar.stop();
  }
}

/** Returns the progress as one line. The total is that of the rows read so far, until all of them are. */
function describeProgress(campaign: Campaign, rest: string): string {
  const { id, rows, expected = rows, done, writtenBack } = campaign;
  const counts = `${formatNumber(endedRows(campaign))} of ${formatNumber(Math.max(rows, expected))} rows`;
  const cards = `${formatNumber(done)} cards, ${formatNumber(writtenBack)} saved`;
  return [`${id}: ${counts}`, cards, ...(rest === '' ? [] : [rest])].join(' | ');
}

/** Resolves with undefined after `ms`, or when the signal aborts. */
async function raceWith<T>(work: Promise<T>, ms: number, signal?: AbortSignal): Promise<T | undefined> {
  const pause = new AbortController();
  const signals = signal === undefined ? [pause.signal] : [pause.signal, signal];
  const late = sleep(ms, AbortSignal.any(signals)).then(() => undefined);
  return Promise.race([work, late]).finally(() => pause.abort());
}

function waitText(waits: readonly string[]): string {
  return waits.length === 0 ? '' : visibleLine(`waiting: ${waits.join('; ')}`);
}

function endedRows({ rows, pending, stopped }: Campaign): number {
  return rows - pending - stopped;
}

/** Returns a function that tells whether a campaign has neither ended a row nor saved a card for a while. */
function makeStillness() {
  let last = { progress: '', at: monotonicClock() };
  return (campaign: Campaign): boolean => {
    const progress = `${campaign.status} ${endedRows(campaign)} ${campaign.writtenBack}`;
    if (progress !== last.progress) last = { progress, at: monotonicClock() };
    return monotonicClock() - last.at >= STILL_MS;
  };
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
