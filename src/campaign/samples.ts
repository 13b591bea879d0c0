/** Picks five rendered bodies to review before a campaign starts: the edge cases of an export. */

import type { PassJob } from '../domain/jobs/pass-job.ts';
import type { Json } from '../domain/jobs/program.ts';
import type { Sample } from '../domain/campaigns/preflight.ts';

type Title = Sample['title'];

/** What a body is ranked by; the first of equals is kept. */
const measures: Readonly<Record<Title, (job: PassJob, text: string) => number>> = {
  typical: () => 0,
  longest: (_job, text) => text.length,
  'fewest fields': ({ customer }) => -Object.keys(customer.attributes).length,
  // A word that cannot be wrapped runs off the card.
  'longest word': ({ customer }) => Math.max(0, ...wordsOf(customer.attributes).map((word) => word.length)),
  // Emoji, right-to-left scripts, letters with two diacritics: characters that fonts and old systems lack.
  'rarest letters': ({ customer }) =>
    wordsOf(customer.attributes)
      .join('')
      .replaceAll(/[\u0020-\u024f]/g, '').length,
};

const titles = Object.keys(measures) as Title[];

interface Candidate {
  sample: Sample;
  measure: number;
}

/** Keeps the first body and the extreme one of each measure: five customers, or all if there are fewer. */
export function makeSamples() {
  // Each measure keeps one candidate per title, because the other titles may take all but one of them.
  const kept = new Map<Title, Candidate[]>(titles.map((title) => [title, []]));
  return {
    add({ row, customer, ...job }: PassJob, body: Json) {
      const text = JSON.stringify(body);
      for (const title of titles) {
        const candidates = kept.get(title) ?? [];
        const measure = measures[title]({ row, customer, ...job }, text);
        const isFull = candidates.length === titles.length;
        if (isFull && measure <= (candidates.at(-1)?.measure ?? -Infinity)) continue;
        const index = candidates.findIndex((other) => other.measure < measure);
        candidates.splice(index === -1 ? candidates.length : index, 0, {
          sample: { title, row, customer, body },
          measure,
        });
        if (candidates.length > titles.length) candidates.pop();
      }
    },
    result(): Sample[] {
      const taken = new Set<number>();
      return titles.flatMap((title) => {
        const sample = kept.get(title)?.find(({ sample: { row } }) => !taken.has(row))?.sample;
        if (sample === undefined) return [];
        taken.add(sample.row);
        return sample;
      });
    },
  };
}

/** Words of names, cities and the like. Longer texts and URLs are ignored: no card shows them as words. */
function wordsOf(attributes: PassJob['customer']['attributes']): string[] {
  return Object.values(attributes).flatMap((value) =>
    typeof value === 'string' && value.length <= 200 && !value.includes('://') ? value.split(/\s+/) : [],
  );
}
