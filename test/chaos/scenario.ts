/** What a chaos scenario is, and how one is played from an empty world to its verdict. */

import type { FinalState } from '../../src/domain/jobs/outcome.ts';
import { type Crew, openCrew } from './crew.ts';
import { microBatch } from './evidence.ts';
import { judge, type Verdict } from './judge.ts';
import { openWorld, type World, type WorldOptions } from './world.ts';

/** `short` fits into the test suite; `full` is what the scorecard shows. */
export type Size = 'short' | 'full';

/** What was done to a campaign that is over now. */
export interface Deed {
  id: string;
  rows: number;
  /** Processes ended by `kill -9`. */
  kills: number;
  /** The most rows that may be unknown; by default twenty a kill: the calls that are out, and as many at most that were about to be. */
  mayBeUnknown?: number;
  /** States besides done and unknown that rows may have ended in. */
  states?: readonly FinalState[];
  /** What was measured, for the scorecard. */
  figures?: Readonly<Record<string, string>>;
  /** What the scenario itself found wrong. */
  problems?: readonly string[];
}

export interface Scenario {
  name: string;
  /** What the scorecard says of it. */
  about: string;
  world?: Omit<WorldOptions, 'seed'>;
  /** It measures time, which others at once would falsify. */
  alone?: true;
  /** How many times `passbridge up` is started beforehand. */
  processes: number;
  act(world: World, size: Size, crew: Crew): Promise<Deed>;
}

export interface Result extends Verdict {
  name: string;
  seed: number;
  seconds: number;
  kills: number;
  figures: Readonly<Record<string, string>>;
}

const CAP = 10;

/** Plays a scenario and judges it. Never throws: what went wrong is among the problems. */
export async function play(scenario: Scenario, seed: number, size: Size): Promise<Result> {
  const startedAt = performance.now();
  const world = await openWorld({ ...scenario.world, seed });
  const finish = async (verdict: Verdict, { kills, figures = {} }: Pick<Deed, 'kills' | 'figures'>) => {
    const broken = verdict.problems.length > 0;
    await world.close({ keep: broken });
    const problems = broken ? [...verdict.problems, `its logs are in ${world.folder}`] : [];
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    return { name: scenario.name, seed, seconds, kills, figures, ...verdict, problems };
  };
  try {
    const deed = await withCrew(world, scenario.processes, (crew) => scenario.act(world, size, crew));
    const { kills, mayBeUnknown = kills * 2 * CAP, states = [], problems = [] } = deed;
    const verdict = judge(await microBatch(world, deed), { unknown: mayBeUnknown, states });
    return await finish({ ...verdict, problems: [...verdict.problems, ...problems] }, deed);
  } catch (error) {
    return finish(unjudged(error), { kills: 0 });
  }
}

async function withCrew<T>(world: World, size: number, work: (crew: Crew) => Promise<T>): Promise<T> {
  const crew = await openCrew(world, size);
  try {
    return await work(crew);
  } finally {
    await crew.close();
  }
}

function unjudged(error: unknown): Verdict {
  const problems = [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  return { rows: 0, done: 0, unknown: 0, lost: 0, doubled: 0, falseDone: 0, maxInFlight: 0, problems };
}
