/**
 * The endpoint for Bloomreach's webhooks: one customer or an array. A 200 means that the request is stored; a customer
 * that cannot be served is answered with a refusal in a 200, too. docs/webhooks.md lists every answer.
 */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { PassAction } from '../../domain/jobs/pass-job.ts';
import { type Program, templateOf } from '../../domain/jobs/program.ts';
import { type Accepted, acceptRequest, type ReceiveWebhookRequest, refusal, refuse } from './answers.ts';
import { addEndpoint } from './endpoint.ts';
import { bytesOf, idempotencyKeyOf, isList, parseJson, pathOf } from './request.ts';
import { type Destination, parseWebhookRequest } from './webhook-body.ts';

export interface WebhookEndpointOptions {
  /** Called for each request, because the programs file may be reloaded. */
  programs: () => ReadonlyMap<string, Program>;
  idTypes: readonly string[];
  receive: ReceiveWebhookRequest;
}

/** Bloomreach's own limit for batch webhooks. */
const MAX_CUSTOMERS = 1000;

const PREFIX = '/webhooks/bloomreach/';

/** Adds the endpoint to a guarded scope. */
export function addWebhookEndpoint(guarded: FastifyInstance, options: WebhookEndpointOptions): void {
  const { receive, programs } = options;
  const destinations = makeDestinations(options);

  const accept = async (body: unknown, to: Destination, key: string | undefined): Promise<Accepted> => {
    const parsed = parseWebhookRequest(body, to);
    return parsed.ok
      ? acceptRequest(receive, parsed.request, key)
      : refusal('WEBHOOK_INVALID', ...parsed.problems);
  };

  addEndpoint(guarded, '/webhooks', async (request, reply) => {
    const to = request.method === 'POST' ? destinations().get(pathOf(request)) : undefined;
    if (to === undefined) return refuse(reply, 'INVALID_REQUEST', describeWrongAddress(request, programs()));
    const bytes = bytesOf(request);
    const body = parseJson(bytes, isList(bytes) ? 'customers' : 'customer');
    if (!body.ok) return refuse(reply, body.code, body.problem);
    const { value } = body;
    if (!Array.isArray(value)) {
      const accepted = await accept(value, to, idempotencyKeyOf(request));
      return accepted.success ? { success: true, result: { job_id: accepted.job_id } } : accepted;
    }
    if (value.length > MAX_CUSTOMERS) {
      const problem = `${value.length} customers in one request; the maximum is ${MAX_CUSTOMERS}`;
      return refuse(reply, 'INVALID_REQUEST', problem);
    }
    const results = await Promise.all(
      value.map((one, index) => accept(one, to, idempotencyKeyOf(request, index))),
    );
    return { success: true, results };
  });
}

const actions = ['create', 'update', 'notify'] as const satisfies PassAction[];

/** Returns a function that maps paths to destinations, rebuilt when the programs change. */
function makeDestinations({ programs, idTypes }: Pick<WebhookEndpointOptions, 'programs' | 'idTypes'>) {
  let known = programs();
  let destinations = destinationsOf(known, idTypes);
  return (): ReadonlyMap<string, Destination> => {
    const current = programs();
    if (current !== known) destinations = destinationsOf(current, idTypes);
    known = current;
    return destinations;
  };
}

function destinationsOf(
  programs: ReadonlyMap<string, Program>,
  idTypes: readonly string[],
): ReadonlyMap<string, Destination> {
  const sections = [...programs.values()].flatMap((program) =>
    actions.map((action) => ({ program, action, template: templateOf(program, action) })),
  );
  return new Map(
    sections.flatMap(({ template, ...to }) =>
      template === undefined
        ? []
        : [[`${PREFIX}${to.program.name}/${to.action}`, { ...to, template, idTypes }]],
    ),
  );
}

/** Characters of an unknown name that are echoed in the answer. */
const MAX_ECHO = 40;

function describeWrongAddress(request: FastifyRequest, programs: ReadonlyMap<string, Program>): string {
  if (request.method !== 'POST') return `method ${request.method} is not supported; use POST`;
  const path = pathOf(request);
  const [name = '', action = '', ...more] = path.slice(PREFIX.length).split('/');
  if (!path.startsWith(PREFIX) || !actions.some((known) => known === action) || more.length > 0) {
    return `unknown address; use ${PREFIX}{program}/{create|update|notify}`;
  }
  if (!programs.has(name)) return `the programs file has no program ${name.slice(0, MAX_ECHO)}`;
  return `the programs file has no ${name}.${action}`;
}
