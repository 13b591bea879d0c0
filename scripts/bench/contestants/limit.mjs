/** *limit*: ten loops over one undici pool. The upper bound of the race: without a queue and without durability. */

import { customerOf } from '../customers.mjs';
import { makeCreate, makeWriteBack, postByUndici } from '../work.mjs';
import { readParameters } from './parameters.mjs';

const { url, jobs } = readParameters();
const post = postByUndici(url);
const create = makeCreate(post);
const writeBack = makeWriteBack(post);
let next = 0;

async function pull() {
  while (next < jobs) {
    next += 1;
    void writeBack(await create(customerOf(next)));
  }
}

await Promise.all(Array.from({ length: 10 }, pull));
