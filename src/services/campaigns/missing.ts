/** Who of a segment has no card, or not the right one, by the segment and by what is known beside it. */

import { UserError } from '../../kit/user-error.ts';
import type { MissingChunk } from '../../domain/failures/missing-card.ts';
import { passIdOf } from '../../domain/jobs/pass-job.ts';
import type { CustomerTimeline } from '../../domain/customers/timeline.ts';
import { findMissingCards, type KnownCards } from '../../bulk-actions/missing-cards.ts';
import { openFile } from '../../sources/open-file.ts';
import { faultOfSource } from './files/campaign-file.ts';
import { failuresOf } from '../failures/selection.ts';
import type { Stores } from '../stores.ts';

/** The newest that are looked at. */
const CAMPAIGNS = 1000;

interface Segment {
  /** Name of the program whose cards they should have. */
  program: string;
  file: string;
  idTypes: readonly string[];
}

/** Goes through a file, chunk by chunk. Throws a {@link UserError} where it cannot be read. */
export async function* missingCards(
  stores: Stores,
  { program, file, idTypes }: Segment,
  now: number,
): AsyncGenerator<MissingChunk> {
  try {
    const source = await openFile(file, { idTypes });
    yield* findMissingCards(source, await knownCards(stores, program, now));
  } catch (error) {
    const fault = faultOfSource(error);
    throw fault === undefined ? error : new UserError('INVALID_CAMPAIGN', fault);
  }
}

/** From the 404s that Passmachine answered, as far as they were not mended, and from what was made within CARD_TTL_DAYS. */
async function knownCards(
  { campaigns, failures, people }: Stores,
  program: string,
  now: number,
): Promise<KnownCards> {
  const gone = new Set<string>();
  for (const { id, program: name } of await campaigns.list(CAMPAIGNS)) {
    if (name !== program) continue;
    for await (const { record } of failuresOf(
      { campaigns, failures },
      { campaign: id, code: 'PM_PASS_GONE' },
    )) {
      const passId = 'job' in record ? passIdOf(record.job.customer) : undefined;
      if (passId !== undefined) gone.add(passId);
    }
  }
  const twice = new Map<string, readonly string[]>();
  for await (const page of people?.all(now) ?? []) {
    for (const person of page) {
      const made = madeFor(person, program);
      if (made.length > 1) twice.set(person.customer, made);
    }
  }
  return { gone, twice };
}

/** Cards that stand beside each other: one that replaced another is the only one. */
function madeFor({ events }: CustomerTimeline, program: string): string[] {
  const made: string[] = [];
  for (const { action, what, job, note } of events) {
    if (action !== 'create' || what !== 'done' || !job.startsWith(`${program}-`)) continue;
    if (job.startsWith(`${program}-reissue-`)) made.length = 0;
    made.push(note);
  }
  return [...new Set(made)];
}
