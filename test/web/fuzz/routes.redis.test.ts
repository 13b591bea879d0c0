/**
 * Every route of every server, with requests from a grammar, without credentials and in each role: no request is answered with 500,
 * left without an answer, or breaks the process. FUZZ_REQUESTS sets how many, FUZZ_SEED which.
 */

import * as fc from 'fast-check';
import { Agent } from 'undici';
import { expect, it, onTestFinished } from 'vitest';
import { operatorRoles } from '../../../src/domain/operators/operator.ts';
import { eventually } from '../../support/eventually.ts';
import { basic } from '../auth/guarded-scope.ts';
import { type FuzzRequest, type FuzzRoute, requestsTo } from './grammar.ts';
import { openFuzzTarget, shortened, WEBHOOK_TOKEN } from './target.ts';

const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 1100);
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_130);
const IN_FLIGHT = 8;
const ANSWER_WITHIN_MS = 10_000;
/** With more, the rest would say nothing new. */
const MAX_PROBLEMS = 20;
/** An extension of the upload protocol that the server does not offer. */
const NOT_IMPLEMENTED = 501;
const UNAVAILABLE = 503;
const MAX_TRIES = 5;

interface Sender {
  name: string;
  headers: Record<string, string>;
}

const anonymous: Sender = { name: 'anonymous', headers: {} };
const webhook: Sender = { name: 'webhook', headers: { authorization: `Bearer ${WEBHOOK_TOKEN}` } };
const operators = operatorRoles.map((role): Sender => ({ name: role, headers: basic(role) }));

it(
  `answers ${REQUESTS} requests to all routes without a 500`,
  async () => {
    const target = await openFuzzTarget();
    const { server, metricsUrl, vocabulary, pages, endpoints, alarms } = target;
    const escaped = collectEscapedErrors();
    const send = openSender();
    const unknownRoutes = ['/:any', '/:any/:more'].map((path): FuzzRoute => ({ method: 'GET', path }));
    const atMetrics = ['/healthz', '/readyz', '/metrics', '/:any'].map((path) => ({ method: 'GET', path }));
    const plan = [
      ...cross(server.url, [...pages, ...unknownRoutes], [anonymous, ...operators]),
      ...cross(server.url, endpoints, [anonymous, webhook]),
      ...cross(metricsUrl, atMetrics, [anonymous]),
    ];
    const each = Math.max(1, Math.ceil(REQUESTS / plan.length));
    const statuses = new Map<number, number>();
    const carriedOut = new Set<FuzzRoute>();
    const problems: string[] = [];

    for (const [index, { url, route, as }] of plan.entries()) {
      if (problems.length > MAX_PROBLEMS) break;
      const requests = fc.sample(requestsTo(route, vocabulary), { numRuns: each, seed: SEED + index });
      await inParallel(requests, async (request) => {
        let { status, text } = await send(url, request, as);
        for (let tries = 1; isTooBusy(status, text) && tries < MAX_TRIES; tries += 1) {
          ({ status, text } = await send(url, request, as));
        }
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (status > 0 && status < 400) carriedOut.add(route);
        if (status > 0 && (status < 500 || status === NOT_IMPLEMENTED)) return;
        problems.push(shortened(`${as.name} ${JSON.stringify(request)} -> ${status} ${text}`));
      });
    }

    const sent = [...statuses.values()].reduce((sum, count) => sum + count, 0);
    const routes = new Set(plan.map(({ url, route }) => `${url} ${route.method} ${route.path}`));
    const unreached = pages.filter((route) => !carriedOut.has(route));
    process.stderr.write(
      `fuzz: ${sent} requests to ${routes.size} routes, ${unreached.length} of them never carried out; answers ${tally(statuses)}\n`,
    );
    const bugs = alarms.filter((line) => !line.includes('RedisAwayError'));
    expect({ problems, bugs, escaped }).toEqual({ problems: [], bugs: [], escaped: [] });
    // The requests get past the checks.
    expect(unreached.length).toBeLessThan(pages.length / 2);
    for (const url of [server.url, metricsUrl]) {
      await eventually(async () => expect((await fetch(`${url}/healthz`)).status).toBe(200));
      await eventually(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200));
    }
    await fetch(`${server.url}/api/limits`, {
      method: 'POST',
      headers: { ...basic('operator'), 'content-type': 'application/json' },
      body: '{"limits":null}',
    });
    const later = await target.issue('registered,first_name,last_name,email,id\nz,Z,Z,z@x.example,9\n');
    expect(later).toMatchObject({ rows: 1, done: 1 });
  },
  REQUESTS * 60 + 120_000,
);

/** A machine that stalls for a second is told to send the request again; if it is told so every time, it is a problem. */
function isTooBusy(status: number, text: string): boolean {
  return status === UNAVAILABLE || text.includes('too busy; send it again');
}

function cross(url: string, routes: readonly FuzzRoute[], senders: readonly Sender[]) {
  return routes.flatMap((route) => senders.map((as) => ({ url, route, as })));
}

/** Returns the errors that nothing has caught until the test ends. */
function collectEscapedErrors(): unknown[] {
  const escaped: unknown[] = [];
  const note = (error: unknown) => void escaped.push(error);
  process.on('unhandledRejection', note).on('uncaughtException', note);
  onTestFinished(() => void process.off('unhandledRejection', note).off('uncaughtException', note));
  return escaped;
}

/** Returns e.g. `200: 7, 404: 2`. */
function tally(statuses: ReadonlyMap<number, number>): string {
  const sorted = [...statuses].toSorted(([first], [second]) => first - second);
  return sorted.map(([status, count]) => `${status}: ${count}`).join(', ');
}

/** Returns a function that sends a request as it is; the status is 0 if there is no answer. */
function openSender() {
  const agent = new Agent({
    connections: IN_FLIGHT,
    headersTimeout: ANSWER_WITHIN_MS,
    bodyTimeout: ANSWER_WITHIN_MS,
  });
  onTestFinished(() => agent.destroy());
  let senders = 0;

  return async (origin: string, { method, path, headers, body }: FuzzRequest, as: Sender) => {
    // Wrong credentials and visits of the sign-in page are limited per address.
    senders += 1;
    const from =
      as === anonymous ? `10.${senders >> 16}.${(senders >> 8) & 255}.${senders & 255}` : '10.255.0.1';
    try {
      const answer = await agent.request({
        origin,
        path,
        method,
        headers: { ...headers, 'x-forwarded-for': from, ...as.headers },
        body,
      });
      const isStream = String(answer.headers['content-type']).startsWith('text/event-stream');
      let text = '';
      for await (const chunk of answer.body) {
        if (text.length < 1000) text += String(chunk);
        // It has no end.
        if (isStream) break;
      }
      return { status: answer.statusCode, text };
    } catch (error) {
      return { status: 0, text: String(error) };
    }
  };
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const run = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, run));
}
