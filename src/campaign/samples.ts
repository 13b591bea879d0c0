/** Three bodies to look at before a campaign starts. */

import type { PassJob } from '../job/pass-job.ts';
import type { Json } from '../job/program.ts';
import type { Sample } from '../job/survey.ts';

/** Keeps the first body, the longest, and the one of the customer with the fewest attributes. */
export function makeSamples() {
  let typical: Sample | undefined;
  let longest: (Sample & { length: number }) | undefined;
  let sparsest: (Sample & { fields: number }) | undefined;
  return {
    look(job: PassJob, body: Json) {
      const { row } = job;
      typical ??= { title: 'typical', row, body };
      const { length } = JSON.stringify(body);
      if (longest === undefined || length > longest.length) longest = { title: 'longest', row, body, length };
      const fields = Object.keys(job.customer.attributes).length;
      if (sparsest === undefined || fields < sparsest.fields) {
        sparsest = { title: 'fewest fields', row, body, fields };
      }
    },
    result: (): Sample[] => [typical, longest, sparsest].filter((sample) => sample !== undefined),
  };
}
