/**
 * Whether the webhooks' door is as fast as the design promises; see bench/webhooks.mjs for what is measured.
 *
 *     npm run bench:webhooks -- --seconds 20
 */

import { parseArgs } from 'node:util';
import { BATCHES, measureWebhooks } from './bench/webhooks.mjs';

/** What the design promises, for 50 connections and bodies of 1 kB. */
const HITS_A_SECOND = 10_000;
const P99_MS = 20;
const SHARE_OF_BARE = 0.85;
const BATCH_MS = 300;

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '20' } } });
const seconds = Number(values.seconds);
if (!(seconds >= 10)) throw new Error('--seconds is a number of at least 10');

const { bare, door, share, batches } = await measureWebhooks(seconds);
report('bare', bare);
report('webhooks', door);
print(`share of bare: ${share.toFixed(2)}`);
print(
  `batch of 1,000: ${batches.median.toFixed(0)} ms, slowest of ${BATCHES} ${batches.slowest.toFixed(0)} ms`,
);

expect('hits a second', door.hits, (hits) => hits >= HITS_A_SECOND, `≥ ${HITS_A_SECOND}`);
expect('p99', door.p99, (ms) => ms < P99_MS, `< ${P99_MS} ms`);
expect('share of bare', share, (found) => found >= SHARE_OF_BARE, `≥ ${SHARE_OF_BARE}`);
expect('batch', batches.median, (ms) => ms < BATCH_MS, `< ${BATCH_MS} ms`);
expect('answers other than 200', door.failures, (count) => count === 0, 'none');

function report(name, { hits, p50, p99, cpuUs, failures }) {
  const failed = failures > 0 ? `; ${failures} FAILED` : '';
  print(
    `${name}: ${Math.round(hits)} a second; p50 ${p50} ms, p99 ${p99} ms; ${cpuUs.toFixed(0)} µs of processor each${failed}`,
  );
}

function expect(name, found, holds, wanted) {
  if (holds(found)) return;
  print(`TOO SLOW: ${name} is ${found}, and should be ${wanted}`);
  process.exitCode = 1;
}

function print(line) {
  process.stdout.write(`${line}\n`);
}
