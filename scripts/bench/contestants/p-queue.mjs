/** The obvious first script: p-queue with concurrency 10 over Node's own fetch. */

import PQueue from 'p-queue';
import { customerOf } from '../customers.mjs';
import { makeCreate, makeWriteBack, postByFetch } from '../work.mjs';
import { readParameters } from './parameters.mjs';

const { url, jobs } = readParameters();
const post = postByFetch(url);
const create = makeCreate(post);
const writeBack = makeWriteBack(post);
const queue = new PQueue({ concurrency: 10 });

await queue.addAll(
  Array.from({ length: jobs }, (_, n) => async () => {
    void writeBack(await create(customerOf(n + 1)));
  }),
);
