/**
 * The baseline that the webhook endpoint is compared with: the least a receiver can do, one BullMQ job per request. It
 * validates nothing, does not deduplicate, and a crash loses requests that it has not added yet.
 *
 *     node scripts/bench/server/baseline-receiver.mjs {redis socket} {prefix}
 */

import { createServer } from 'node:http';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';

const [socket = '', prefix = ''] = process.argv.slice(2);
const queue = new Queue('pass', {
  connection: new Redis(socket, { maxRetriesPerRequest: null }),
  prefix,
  streams: { events: { maxLen: 100 } },
});

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => void receive(Buffer.concat(chunks), response));
});

async function receive(bytes, response) {
  const job = await queue.add('create', JSON.parse(bytes.toString()), { priority: 1 });
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ success: true, result: { job_id: job.id } }));
}

server.listen(0, '127.0.0.1', () => {
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  process.stdout.write(`up at http://127.0.0.1:${address.port}\n`);
});
