/**
 * The sandbox's own HTTP surface, below `/_sandbox/`, for a test or a script in another process:
 * what its methods do in this one. Calls here are not seen by the witness.
 *
 *     GET    witness [?from=&to=]   the summary; from and to in ms since 1970
 *     GET    witness.jsonl          every call
 *     GET    passes, passes/{id}    cards with every applied body
 *     GET    customers              customers with properties and events
 *     GET    faults                 rules with their counts
 *     POST   faults                 a rule, a text as on the command line, or an array of them → {ids}
 *     DELETE faults                 drops every rule
 *     POST   latency                {latencyMs, jitterMs?, side?}
 *     POST   outage                 {side, mode: refuse | hang | reset | off}
 *     POST   revoke-tokens, reset
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { parseJson } from './call.ts';
import type { StoredCustomer } from './customers.ts';
import { faultRule } from './fault-rule.ts';
import { parseFaultRule } from './fault-text.ts';
import { outageModes } from './outage.ts';
import type { Sandbox } from './sandbox.ts';
import { summarize } from './witness-summary.ts';

export const CONTROL_PREFIX = '/_sandbox/';

const side = z.enum(['passmachine', 'bloomreach']);
const latencyOrder = z.strictObject({
  latencyMs: z.number().min(0),
  jitterMs: z.number().min(0).optional(),
  side: side.optional(),
});
const outageOrder = z.strictObject({ side, mode: z.enum(outageModes) });
const faultOrder = z.preprocess(
  (body) => (Array.isArray(body) ? body : [body]),
  z.array(z.preprocess(readRule, faultRule)),
);
const windowQuery = z.object({ from: z.coerce.number().optional(), to: z.coerce.number().optional() });

/** What a control call sends back: a JSON value, or lines that are too many to hold at once. */
type Reply = { json: unknown } | { lines: Iterable<string> };

/** Serves one control request; a body that breaks its schema is answered 400 with what is wrong. */
export function makeControl(sandbox: Sandbox) {
  const orders: Record<string, (body: unknown, query: URLSearchParams) => Reply> = {
    'GET witness': (_body, query) => ({
      json: summarize(sandbox.witness, windowQuery.parse(Object.fromEntries(query))),
    }),
    'GET witness.jsonl': () => ({ lines: jsonLines(sandbox.witness.entries()) }),
    'GET passes': () => ({ lines: jsonArray(sandbox.passes.all()) }),
    'GET customers': () => ({ lines: jsonArray(plainCustomers(sandbox.customers.all())) }),
    'GET faults': () => ({ json: sandbox.faults.list() }),
    'POST faults': (body) => ({ json: { ids: faultOrder.parse(body).map(sandbox.faults.add) } }),
    'DELETE faults': () => done(sandbox.faults.clear()),
    'POST latency': (body) => {
      const order = latencyOrder.parse(body);
      return done(sandbox.setLatency(order, order.side));
    },
    'POST outage': (body) => {
      const order = outageOrder.parse(body);
      return done(sandbox.setOutage(order.side, order.mode));
    },
    'POST revoke-tokens': () => done(sandbox.revokeTokens()),
    'POST reset': () => done(sandbox.reset()),
  };

  const reply = async (request: IncomingMessage): Promise<Reply | undefined> => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://sandbox');
    const name = pathname.slice(CONTROL_PREFIX.length);
    const sent = await text(request);
    // A fault rule may come as bare text.
    const body = parseJson(sent) ?? sent;
    const pass = name.startsWith('passes/') ? sandbox.passes.get(name.slice('passes/'.length)) : undefined;
    return pass === undefined ? orders[`${request.method} ${name}`]?.(body, searchParams) : { json: pass };
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

/** Orders that answer nothing else. */
function done(_result: void): Reply {
  return { json: { ok: true } };
}

function readRule(given: unknown, context: z.RefinementCtx): unknown {
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
  let before = '[';
  for (const value of values) {
    yield before + JSON.stringify(value);
    before = ',\n';
  }
  yield before === '[' ? '[]' : ']';
}

function* plainCustomers(customers: Iterable<StoredCustomer>): Iterable<unknown> {
  for (const { ids, properties, events } of customers) {
    yield { ids, properties: Object.fromEntries(properties), events };
  }
}
