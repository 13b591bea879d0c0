/** graphile-worker with concurrency 10 and a local queue of 100 jobs, as its documentation advises for throughput. */

import { makeWorkerUtils, run } from 'graphile-worker';
import { customerOf } from '../customers.mjs';
import { makeCreate, makeWriteBack, postByUndici } from '../work.mjs';
import { inChunks, readParameters } from './parameters.mjs';

const { part, url, jobs, broker } = readParameters();
const { connectionString } = broker;

if (part === 'enqueue') {
  const utils = await makeWorkerUtils({ connectionString });
  await utils.migrate();
  await inChunks(jobs, customerOf, (rows) =>
    utils.addJobs(rows.map((payload) => ({ identifier: 'create', payload }))),
  );
  await utils.release();
} else {
  const post = postByUndici(url);
  const create = makeCreate(post);
  const writeBack = makeWriteBack(post);
  await run({
    preset: {
      worker: {
        connectionString,
        concurrentJobs: 10,
        maxPoolSize: 12,
        localQueue: { size: 100 },
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
      },
    },
    taskList: {
      async create(customer) {
        // Acknowledged before the write-back: a crash in between loses the result.
        void writeBack(await create(customer));
      },
    },
  });
}
