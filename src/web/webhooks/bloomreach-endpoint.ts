/**
 * Webhooks of Bloomreach, one customer or a list. A 200 means stored; a customer who cannot be
 * served is told in a 200, too. docs/webhooks.md has every answer.
 */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { PassAction } from '../../domain/jobs/pass-job.ts';
import { type Program, templateOf } from '../../domain/jobs/program.ts';
import { refusal, refuse } from './answers.ts';
import { addEndpoint } from './endpoint.ts';
import { type Destination, parseWebhookRequest } from './webhook-body.ts';
import { type ReceiveWebhookRequest, takeIn, type Taken } from './intake.ts';
import { readJson } from './json-body.ts';
import { bytesOf, keyOf, pathOf } from './request.ts';

export interface WebhookEndpointOptions {
  /** Asked each time: the programs file may change. */
  programs: () => ReadonlyMap<string, Program>;
  idTypes: readonly string[];
  receive: ReceiveWebhookRequest;
}

/** Bloomreach's own limit for batch webhooks. */
const MOST_CUSTOMERS = 1000;

const PREFIX = '/webhooks/bloomreach/';

/** Adds the door to a guarded scope. */
export function addWebhookEndpoint(guarded: FastifyInstance, options: WebhookEndpointOptions): void {
  const { receive, programs } = options;
  const destinations = makeDestinations(options);

  const take = async (body: unknown, to: Destination, key: string | undefined): Promise<Taken> => {
    const read = parseWebhookRequest(body, to);
    return read.ok ? takeIn(receive, read.request, key) : refusal('WEBHOOK_INVALID', ...read.problems);
  };

  addEndpoint(guarded, '/webhooks', async (request, reply) => {
    const to = request.method === 'POST' ? destinations().get(pathOf(request)) : undefined;
    if (to === undefined) return refuse(reply, 'INVALID_REQUEST', whyNowhere(request, programs()));
    const body = readJson(bytesOf(request));
    if (!body.ok) return refuse(reply, 'INVALID_REQUEST', body.why);
    const { value } = body;
    if (!Array.isArray(value)) {
      const taken = await take(value, to, keyOf(request));
      return taken.success ? { success: true, result: { job_id: taken.job_id } } : taken;
    }
    if (value.length > MOST_CUSTOMERS) {
      const found = `${value.length} customers at once; ${MOST_CUSTOMERS} are the most`;
      return refuse(reply, 'INVALID_REQUEST', found);
    }
    const results = await Promise.all(value.map((one, index) => take(one, to, keyOf(request, index))));
    return { success: true, results };
  });
}

const actions = ['create', 'update', 'notify'] as const satisfies PassAction[];

/** Every address that leads somewhere, by the programs of now. */
function makeDestinations({ programs, idTypes }: Pick<WebhookEndpointOptions, 'programs' | 'idTypes'>) {
  let known = programs();
  let destinations = destinationsOf(known, idTypes);
  return (): ReadonlyMap<string, Destination> => {
    const now = programs();
    if (now !== known) destinations = destinationsOf(now, idTypes);
    known = now;
    return destinations;
  };
}

function destinationsOf(
  programs: ReadonlyMap<string, Program>,
  idTypes: readonly string[],
): ReadonlyMap<string, Destination> {
  const all = [...programs.values()].flatMap((program) =>
    actions.map((action) => ({ program, action, template: templateOf(program, action) })),
  );
  return new Map(
    all.flatMap(({ template, ...where }) =>
      template === undefined
        ? []
        : [[`${PREFIX}${where.program.name}/${where.action}`, { ...where, template, idTypes }]],
    ),
  );
}

/** Characters of a wrong name that are repeated to whoever sent it. */
const SHOWN = 40;

function whyNowhere(request: FastifyRequest, programs: ReadonlyMap<string, Program>): string {
  if (request.method !== 'POST') return `customers come by POST, not ${request.method}`;
  const path = pathOf(request);
  const [name = '', action = '', ...more] = path.slice(PREFIX.length).split('/');
  if (!path.startsWith(PREFIX) || !actions.some((known) => known === action) || more.length > 0) {
    return `the address is ${PREFIX}{program}/{create|update|notify}`;
  }
  if (!programs.has(name)) return `the programs file has no program ${name.slice(0, SHOWN)}`;
  return `the programs file has no ${name}.${action}`;
}
