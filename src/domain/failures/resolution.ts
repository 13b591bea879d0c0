/** What operators find out about unknown creates at Passmachine, and what becomes of each statement. */

import { problemOfPassId } from '../jobs/card-proof.ts';

/** One statement: the card of a create exists, or it does not and the card is to be created again. */
export interface Resolution {
  /** Line of the CSV, or position in the list, from 1. */
  line: number;
  /** Id of the job; if both are given, the customer must be the job's. */
  job?: string | undefined;
  /** Customer id, with or without its type: `registered:c-17`, `c-17`. */
  customer?: string | undefined;
  /** The card's id, or {@link NO_CARD}. */
  passId: string;
}

/** Stands for a card id: Passmachine has no card, so it is to be created again. */
export const NO_CARD = 'none';

/** Maximum number of statements in one request. */
export const MAX_RESOLUTIONS = 1000;

/** Why a statement is refused. Each text completes "line 3: …" and says what to do. */
export const resolutionRefusals = {
  malformed: 'cannot be used',
  'given-twice': 'is given more than once; keep the line that is right',
  'not-unknown': 'has no unknown create; it may have ended meanwhile, so look at its timeline',
  ambiguous: 'has more than one unknown create; name the job instead of the customer',
  'other-customer': 'belongs to another customer; check both ids at Passmachine',
  'earlier-card': 'is the card that the customer had before; look for a newer one at Passmachine',
  'not-confirmed': 'would be created again, which may make a second card; confirm it to go ahead',
  'not-running':
    'belongs to a campaign that is held, paused or stopped; resume it, then create the card again',
} as const;

export type ResolutionRefusal = keyof typeof resolutionRefusals;

/** What became of one statement. `created-again`: its retry was ordered. */
export type ResolutionResult = Resolution &
  (
    | { ok: true; outcome: 'done' | 'created-again' }
    | { ok: false; refusal: ResolutionRefusal; reason: string }
  );

export interface ResolutionReport {
  /** In the order of the statements. */
  results: ResolutionResult[];
  /** Rows that are done now, or would be. */
  done: number;
  createdAgain: number;
  refused: number;
  /** Whether nothing was changed. */
  dryRun: boolean;
}

/** Returns a statement's result as refused. `about`: what the reason is about, e.g. `the card id p-1`. */
export function refusedResolution(
  resolution: Resolution,
  refusal: ResolutionRefusal,
  about: string,
): ResolutionResult {
  return { ...resolution, ok: false, refusal, reason: `${about} ${resolutionRefusals[refusal]}` };
}

/** Returns why a statement is refused on its own, whatever the ledger holds; undefined if it is well-formed. */
export function malformedResolution(resolution: Resolution): ResolutionResult | undefined {
  const { job = '', customer = '', passId } = resolution;
  const refuse = (reason: string): ResolutionResult => ({
    ...resolution,
    ok: false,
    refusal: 'malformed',
    reason,
  });
  if (job === '' && customer === '') return refuse('neither a job nor a customer is given; fill one of them');
  if (passId === '') {
    return refuse(`the card id is empty; fill it in, or ${NO_CARD} if Passmachine has no card`);
  }
  const problem = passId === NO_CARD ? undefined : problemOfPassId(passId);
  return problem === undefined ? undefined : refuse(problem);
}

/** A statement and the job that it is about, if there is one. */
interface AboutJob {
  resolution: Resolution;
  job: string | undefined;
}

/** Refuses statements that name the same card or are about the same job: it is not known which of them is right. */
export function findRepeated(all: readonly AboutJob[]): Map<Resolution, ResolutionResult> {
  const refused = new Map<Resolution, ResolutionResult>();
  const refuseShared = (nameOf: (one: AboutJob) => string | undefined) => {
    const byName = new Map<string, Resolution[]>();
    for (const one of all) {
      const name = nameOf(one);
      if (name !== undefined) byName.set(name, [...(byName.get(name) ?? []), one.resolution]);
    }
    for (const [name, same] of byName) {
      if (same.length < 2) continue;
      const about = `${name} (lines ${same.map(({ line }) => line).join(', ')})`;
      for (const one of same) refused.set(one, refusedResolution(one, 'given-twice', about));
    }
  };
  refuseShared(({ job }) => (job === undefined ? undefined : `the job ${job}`));
  refuseShared(({ resolution: { passId } }) => (passId === NO_CARD ? undefined : `the card id ${passId}`));
  return refused;
}
