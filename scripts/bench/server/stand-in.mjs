/**
 * A stand-in for Passmachine and Bloomreach in its own process, as lean as node:http allows: it issues tokens, makes
 * cards and accepts batches, all after the same latency, and counts what it saw. It checks no credentials, because
 * the caller is what is measured.
 *
 * Started by fork with a workload as JSON. Sends its parent {url}, {milestone} and, in answer to 'figures', {figures}.
 */

import { createServer } from 'node:http';
import { makeTally } from './tally.mjs';

/** @type {import('../workload.mjs').Workload} */
const { latencyMs, warmUp, calls } = JSON.parse(process.argv[2] ?? '');
const tally = makeTally({ warmUp, calls });
let cards = 0;

const server = createServer((request, response) => {
  const url = request.url ?? '';
  const isCreate = request.method === 'POST' && url.endsWith('/passes');
  if (isCreate) report(tally.arrive(performance.now()));
  let inFlight = isCreate;
  /** Ends the call once: when the response is sent, or when the caller hangs up. */
  const leave = () => {
    if (inFlight) tally.leave(performance.now());
    inFlight = false;
  };
  response.once('close', leave);
  readJson(request, (body) => {
    const respond = () => {
      const { status, body: responseBody } = isCreate ? create(body) : other(url, body);
      leave();
      const text = JSON.stringify(responseBody);
      response.writeHead(status, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
      });
      response.end(text);
    };
    if (latencyMs > 0) setTimeout(respond, latencyMs);
    else respond();
  });
});
// Longer than any client keeps an idle connection.
server.keepAliveTimeout = 120_000;

function create({ metadata }) {
  const id = `card-${(cards += 1)}`;
  tally.created(metadata.registered, id);
  return {
    status: 201,
    body: { data: { id, ro: { microsite: { url: `https://cards.example.com/${id}` } } } },
  };
}

function other(url, body) {
  if (!url.endsWith('/batch')) return { status: 200, body: { token: 'bench' } };
  tally.batch();
  const results = body.commands.map(({ command_id, data }) => {
    const { customer_ids, properties } = data;
    report(tally.wroteBack(customer_ids.registered, properties.passmachine_pass_id, performance.now()));
    return { success: true, command_id };
  });
  return { status: 200, body: { success: true, results } };
}

function readJson(request, onBody) {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.once('end', () =>
    onBody(chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString())),
  );
}

function report(milestone) {
  if (milestone !== undefined) process.send?.({ milestone });
}

process.on('message', (message) => {
  if (message === 'figures') process.send?.({ figures: tally.figures() });
});
process.once('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => {
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  process.send?.({ url: `http://127.0.0.1:${address.port}` });
});
