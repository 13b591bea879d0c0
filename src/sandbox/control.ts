/**
 * The sandbox's control API, below `/_sandbox/`, for a test or a script in another process. The witness does not record
 * these calls.
 *
 *     GET    witness [?from=&to=]   the summary; from and to in milliseconds since 1970
 *     GET    witness.jsonl          all calls
 *     GET    passes, passes/{id}    cards with every applied body
 *     GET    customers              customers with properties and events
 *     GET    faults                 rules with their counts
 *     POST   faults                 a rule, as an object or in the notation of the command line, or an array → {ids}
 *     DELETE faults                 removes all rules
 *     POST   latency                {latencyMs, jitterMs?, side?}
 *     POST   outage                 {side, mode: refuse | hang | reset | off}
 *     POST   events                 {url, authorization?}: sends the events of cards there, also those kept so far
 *     DELETE events                 keeps new events
 *     POST   revoke-tokens, reset
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { parseJson } from './call.ts';
import type { StoredCustomer } from './customers.ts';
import { outageModes } from './fault-injection.ts';
import { faultRule, parseFaultRule } from './fault-rule.ts';
import type { Sandbox } from './sandbox.ts';
import { summarize } from './witness-summary.ts';

export const CONTROL_PREFIX = '/_sandbox/';

const side = z.enum(['passmachine', 'bloomreach']);
const latencyBody = z.strictObject({
  latencyMs: z.number().min(0),
  jitterMs: z.number().min(0).optional(),
  side: side.optional(),
});
const outageBody = z.strictObject({ side, mode: z.enum(outageModes) });
const eventsBody = z.strictObject({ url: z.url(), authorization: z.string().optional() });
const faultsBody = z.preprocess(
  (body) => (Array.isArray(body) ? body : [body]),
  z.array(z.preprocess(parseRule, faultRule)),
);
const windowQuery = z.object({ from: z.coerce.number().optional(), to: z.coerce.number().optional() });

/** A JSON value, or lines that are too many to be in memory at once. */
type Reply = { json: unknown } | { lines: Iterable<string> };

/** Returns a request handler; a body that does not match its schema is answered with 400 and the problem. */
export function makeControl(sandbox: Sandbox) {
  const routes: Record<string, (body: unknown, query: URLSearchParams) => Reply> = {
    'GET witness': (_body, query) => ({
      json: summarize(sandbox.witness, windowQuery.parse(Object.fromEntries(query))),
    }),
    'GET witness.jsonl': () => ({ lines: jsonLines(sandbox.witness.entries()) }),
    'GET passes': () => ({ lines: jsonArray(sandbox.passes.all()) }),
    'GET customers': () => ({ lines: jsonArray(plainCustomers(sandbox.customers.all())) }),
    'GET faults': () => ({ json: sandbox.faults.list() }),
    'POST faults': (body) => ({ json: { ids: faultsBody.parse(body).map(sandbox.faults.add) } }),
    'DELETE faults': () => done(sandbox.faults.clear()),
    'POST latency': (body) => {
      const latency = latencyBody.parse(body);
      return done(sandbox.setLatency(latency, latency.side));
    },
    'POST outage': (body) => {
      const outage = outageBody.parse(body);
      return done(sandbox.setOutage(outage.side, outage.mode));
    },
    'POST events': (body) => done(sandbox.events.sendTo(eventsBody.parse(body))),
    'DELETE events': () => done(sandbox.events.sendTo(undefined)),
    'POST revoke-tokens': () => done(sandbox.revokeTokens()),
    'POST reset': () => done(sandbox.reset()),
  };

  const reply = async (request: IncomingMessage): Promise<Reply | undefined> => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://sandbox');
    const name = pathname.slice(CONTROL_PREFIX.length);
    const sent = await text(request);
    // A fault rule may be sent as plain text.
    const body = parseJson(sent) ?? sent;
    const pass = name.startsWith('passes/') ? sandbox.passes.get(name.slice('passes/'.length)) : undefined;
    return pass === undefined ? routes[`${request.method} ${name}`]?.(body, searchParams) : { json: pass };
  };

  return (request: IncomingMessage, response: ServerResponse): void => {
    reply(request)
      .then((given) => send(response, given))
      .catch((error: unknown) => {
        if (response.headersSent) response.destroy();
        else if (error instanceof z.ZodError) sendJson(response, 400, { error: z.prettifyError(error) });
        else sendJson(response, 500, { error: String(error) });
      });
  };
}

async function send(response: ServerResponse, reply: Reply | undefined): Promise<void> {
  if (reply === undefined) return sendJson(response, 404, { error: 'the sandbox has no such control' });
  if ('json' in reply) return sendJson(response, 200, reply.json);
  response.writeHead(200, { 'content-type': 'application/json' });
  await pipeline(Readable.from(reply.lines), response);
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** The reply of a route without a result. */
function done(_result: void): Reply {
  return { json: { ok: true } };
}

function parseRule(given: unknown, context: z.RefinementCtx): unknown {
  if (typeof given !== 'string') return given;
  const parsed = parseFaultRule(given);
  if (parsed.ok) return parsed.rule;
  context.addIssue({ code: 'custom', message: parsed.error });
  return z.NEVER;
}

function* jsonLines(values: Iterable<unknown>): Iterable<string> {
  for (const value of values) yield `${JSON.stringify(value)}\n`;
}

function* jsonArray(values: Iterable<unknown>): Iterable<string> {
  let prefix = '[';
  for (const value of values) {
    yield prefix + JSON.stringify(value);
    prefix = ',\n';
  }
  yield prefix === '[' ? '[]' : ']';
}

function* plainCustomers(customers: Iterable<StoredCustomer>): Iterable<unknown> {
  for (const { ids, properties, events } of customers) {
    yield { ids, properties: Object.fromEntries(properties), events };
  }
}
