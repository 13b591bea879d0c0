/** *limit*: ten loops over one undici pool and nothing else. Nothing is durable, nothing is faster. */

import { customerOf } from '../customers.mjs';
import { makeCreate, makeWriteBack, postByUndici } from '../work.mjs';
import { take } from './order.mjs';

const { url, jobs } = take();
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
