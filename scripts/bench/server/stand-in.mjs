/**
 * A stand-in Passmachine and Bloomreach in a process of its own, as lean as node:http allows: it hands
 * out tokens, makes cards and takes batches, each after the same latency, and tallies what it saw.
 * It checks no credentials: what is measured is the caller.
 *
 * Started by fork with {latencyMs, warmUp, calls} as JSON; tells its parent {url}, {moment} and, when
 * asked for 'figures', {figures}.
 */

import { createServer } from 'node:http';
import { makeTally } from './tally.mjs';

const { latencyMs, warmUp, calls } = JSON.parse(process.argv[2]);
const tally = makeTally({ warmUp, calls });
let cards = 0;

const server = createServer((request, response) => {
  const isCreate = request.method === 'POST' && request.url.endsWith('/passes');
  if (isCreate) tell(tally.arrive(performance.now()));
  let inFlight = isCreate;
  /** Once: the answer goes out, or the caller hangs up. */
  const leave = () => {
    if (inFlight) tally.leave(performance.now());
    inFlight = false;
  };
  response.once('close', leave);
  readJson(request, (body) => {
    const carryOut = () => {
      const answer = isCreate ? create(body) : other(request.url, body);
      leave();
      const text = JSON.stringify(answer.body);
      response.writeHead(answer.status, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
      });
      response.end(text);
    };
    if (latencyMs > 0) setTimeout(carryOut, latencyMs);
    else carryOut();
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
    tell(tally.wroteBack(customer_ids.registered, properties.passmachine_pass_id, performance.now()));
    return { success: true, command_id };
  });
  return { status: 200, body: { success: true, results } };
}

function readJson(request, done) {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.once('end', () =>
    done(chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString())),
  );
}

function tell(moment) {
  if (moment !== undefined) process.send({ moment });
}

process.on('message', (asked) => {
  if (asked === 'figures') process.send({ figures: tally.figures() });
});
process.once('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => process.send({ url: `http://127.0.0.1:${server.address().port}` }));
