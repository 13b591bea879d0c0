/**
 * What webhooks are measured against: the least that a receiver can do, a job in the queue for each
 * request. It checks nothing, knows no hit again and forgets on a crash what it has not added yet.
 *
 *     node scripts/bare-receiver.mjs {redis socket} {prefix}
 */

import { createServer } from 'node:http';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';

const [socket, prefix] = process.argv.slice(2);
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
  process.stdout.write(`up at http://127.0.0.1:${server.address().port}\n`);
});
