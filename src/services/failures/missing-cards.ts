/** Finds the customers of a segment whose card is missing, deleted or duplicated, and writes them to files that campaigns can be started with. */

import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { findMissingCards, type KnownCards } from '../../bulk-actions/missing-cards.ts';
import type { CustomerTimeline } from '../../domain/customers/timeline.ts';
import type { CardProblem, MissingCard, MissingChunk } from '../../domain/failures/missing-card.ts';
import { passIdOf } from '../../domain/jobs/pass-job.ts';
import { makePrivateFolder, PRIVATE_FILE } from '../../kit/files.ts';
import { failuresOf } from './selection.ts';
import type { Stores } from '../stores.ts';
import { openExport, type ExportFile, refusedExport } from '../campaigns/files/export-file.ts';

interface Segment extends ExportFile {
  /** Name of the program of the cards. */
  program: string;
}

/** Checks a file chunk by chunk. Throws a `UserError` if it cannot be read. */
export async function* missingCards(
  stores: Stores,
  segment: Segment,
  now: number,
): AsyncGenerator<MissingChunk> {
  try {
    const source = await openExport(segment);
    yield* findMissingCards(source, await knownCards(stores, segment.program, now));
  } catch (error) {
    throw refusedExport(error, 'INVALID_CAMPAIGN');
  }
}

/** Deleted cards by Passmachine's 404s that are still failures; duplicated and newer ones by cards made within CARD_TTL_DAYS. */
async function knownCards(
  { campaigns, failures, customers, freshCards }: Stores,
  program: string,
  now: number,
): Promise<KnownCards> {
  const deleted = new Set<string>();
  const gone = failuresOf({ campaigns, failures }, { code: 'PM_PASS_GONE' });
  for await (const { record } of gone) {
    const passId =
      'job' in record && record.job.program === program ? passIdOf(record.job.customer) : undefined;
    if (passId !== undefined) deleted.add(passId);
  }
  const duplicated = new Map<string, readonly string[]>();
  for await (const page of customers?.all(now) ?? []) {
    for (const timeline of page) {
      const cards = cardsOf(timeline, program);
      if (cards.length > 1) duplicated.set(timeline.customer, cards);
    }
  }
  const haveNewerCard: KnownCards['haveNewerCard'] = (of) => freshCards.areNewer(program, of);
  return { deleted, duplicated, haveNewerCard };
}

/** Returns the ids of a customer's current cards: a reissued card replaces all earlier ones. */
function cardsOf({ events }: CustomerTimeline, program: string): string[] {
  const cards: string[] = [];
  for (const { action, kind, job, detail } of events) {
    if (action !== 'create' || kind !== 'done' || !job.startsWith(`${program}-`)) continue;
    if (job.startsWith(`${program}-reissue-`)) cards.length = 0;
    cards.push(detail);
  }
  return [...new Set(cards)];
}

export interface MissingFiles {
  /** Returns the path of the JSON Lines file for customers with this problem. */
  path(problem: CardProblem): string;
  write(missing: readonly MissingCard[]): Promise<void>;
  /** Resolves when everything is on disk. */
  end(): Promise<void>;
}

/** Opens one file in the folder for each problem that occurs; `name` keeps them apart from earlier ones. */
export async function openMissingFiles(folder: string, name: string): Promise<MissingFiles> {
  await makePrivateFolder(folder);
  const files = new Map<CardProblem, WriteStream>();
  const path = (problem: CardProblem) => join(folder, `missing-${name}-${problem}.jsonl`);
  const fileFor = (problem: CardProblem) => {
    const file = files.get(problem) ?? createWriteStream(path(problem), { mode: PRIVATE_FILE });
    files.set(problem, file);
    return file;
  };
  return {
    path,
    async write(missing) {
      for (const { customer, problem } of missing) {
        const file = fileFor(problem);
        const line = `${JSON.stringify({ ...customer.attributes, ...customer.ids })}\n`;
        if (!file.write(line)) await once(file, 'drain');
      }
    },
    async end() {
      await Promise.all(Array.from(files.values(), (file) => finished(file.end())));
    },
  };
}
