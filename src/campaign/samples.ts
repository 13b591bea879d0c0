/** Five bodies to look at before a campaign starts: of customers whose cards are likeliest to look wrong. */

import type { PassJob } from '../domain/jobs/pass-job.ts';
import type { Json } from '../domain/jobs/program.ts';
import type { Sample } from '../domain/campaigns/preflight.ts';

type Title = Sample['title'];

/** By what a body stands out; of equals the first is kept. */
const measures: Readonly<Record<Title, (job: PassJob, text: string) => number>> = {
  typical: () => 0,
  longest: (_job, text) => text.length,
  'fewest fields': ({ customer }) => -Object.keys(customer.attributes).length,
  // A word that cannot be broken runs off the card.
  'longest word': ({ customer }) => Math.max(0, ...wordsOf(customer.attributes).map((word) => word.length)),
  // Emoji, scripts that run from right to left, letters with two marks: what fonts and old systems lack.
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

/** Keeps the first body, and for each measure one that stands out: five customers, where there are as many. */
export function makeSamples() {
  // As many of each as there are titles: the others can have taken no more of them.
  const kept = new Map<Title, Candidate[]>(titles.map((title) => [title, []]));
  return {
    look({ row, customer, ...job }: PassJob, body: Json) {
      const text = JSON.stringify(body);
      for (const title of titles) {
        const standing = kept.get(title) ?? [];
        const measure = measures[title]({ row, customer, ...job }, text);
        const isFull = standing.length === titles.length;
        if (isFull && measure <= (standing.at(-1)?.measure ?? -Infinity)) continue;
        const place = standing.findIndex((other) => other.measure < measure);
        standing.splice(place === -1 ? standing.length : place, 0, {
          sample: { title, row, customer, body },
          measure,
        });
        if (standing.length > titles.length) standing.pop();
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

/** Of names, cities and the like: longer texts are addresses of pages, which no card shows as a word. */
function wordsOf(attributes: PassJob['customer']['attributes']): string[] {
  return Object.values(attributes).flatMap((value) =>
    typeof value === 'string' && value.length <= 200 && !value.includes('://') ? value.split(/\s+/) : [],
  );
}
