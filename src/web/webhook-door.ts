/**
 * Webhooks of Bloomreach, one customer or a list. A 200 means stored; a customer who cannot be
 * served is told in a 200, too. docs/webhooks.md has every answer.
 */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Hit } from '../job/hit.ts';
import type { PassAction } from '../job/pass-job.ts';
import { type Program, templateOf } from '../job/program.ts';
import { type Refusal, refusal, refuse } from './answers.ts';
import { bytesOf, guardDoor, type GuardOptions } from './door.ts';
import { type Destination, readHit } from './hit-body.ts';
import { readJson } from './json-body.ts';

/** What came of a hit: see the ledger's inbox. */
type Receipt = { kind: 'new'; job: { id: string } } | { kind: 'known'; id: string } | { kind: 'conflict' };

export interface WebhookDoorOptions extends GuardOptions {
  programs: ReadonlyMap<string, Program>;
  idTypes: readonly string[];
  /** Stores a hit; rejects where that was not possible in time. */
  receive: (delivery: { hit: Hit; key?: string }) => Promise<Receipt>;
}

type CustomerAnswer = { success: true; job_id: string } | Refusal;

/** Bloomreach's own limit for batch webhooks. */
const MOST_CUSTOMERS = 1000;

const PREFIX = '/webhooks/bloomreach/';

/** Adds the door to a server; nothing below `/webhooks` is ever answered by anything else. */
export function addWebhookDoor(server: FastifyInstance, options: WebhookDoorOptions): void {
  const destinations = destinationsOf(options);
  const accept = makeAccept(options.receive);

  void server.register(
    async (door) => {
      await guardDoor(door, options);
      const answer = async (request: FastifyRequest, reply: FastifyReply) => {
        const bytes = bytesOf(request);
        // Bloomreach tries the address and the credentials with nothing.
        if (bytes.length === 0) return { success: true };
        const to = request.method === 'POST' ? destinations.get(pathOf(request)) : undefined;
        if (to === undefined) return refuse(reply, 'UNUSABLE', whyNowhere(request, options.programs));
        const body = readJson(bytes);
        if (!body.ok) return refuse(reply, 'UNUSABLE', body.why);
        if (Array.isArray(body.value) && body.value.length > MOST_CUSTOMERS) {
          const found = `${body.value.length} customers at once; ${MOST_CUSTOMERS} are the most`;
          return refuse(reply, 'UNUSABLE', found);
        }
        const key = request.headers['idempotency-key'];
        return accept(body.value, to, typeof key === 'string' && key !== '' ? key : undefined);
      };
      door.post('/*', answer);
      // A wrong address or method too: a 404 would stop the campaign.
      door.setNotFoundHandler(answer);
    },
    { prefix: '/webhooks' },
  );
}

/** Makes what takes a customer or a list of them. `key` is what the sender calls the hit. */
function makeAccept(receive: WebhookDoorOptions['receive']) {
  const acceptOne = async (
    body: unknown,
    to: Destination,
    key: string | undefined,
  ): Promise<CustomerAnswer> => {
    const read = readHit(body, to);
    if (!read.ok) return refusal('HIT_INVALID', ...read.problems);
    const receipt = await receive({ hit: read.hit, ...(key !== undefined && { key }) });
    switch (receipt.kind) {
      case 'new':
        return { success: true, job_id: receipt.job.id };
      case 'known':
        return { success: true, job_id: receipt.id };
      case 'conflict':
        return refusal('HIT_CONFLICT', 'this Idempotency-Key came with another content before');
    }
  };

  return async (body: unknown, to: Destination, key: string | undefined) => {
    if (!Array.isArray(body)) {
      const answer = await acceptOne(body, to, key);
      return answer.success ? { success: true, result: { job_id: answer.job_id } } : answer;
    }
    const keyOf = (index: number) => (key === undefined ? undefined : `${key} ${index}`);
    const results = await Promise.all(body.map((one, index) => acceptOne(one, to, keyOf(index))));
    return { success: true, results };
  };
}

const actions = ['create', 'update', 'notify'] as const satisfies PassAction[];

/** Every address that leads somewhere. */
function destinationsOf({ programs, idTypes }: WebhookDoorOptions): ReadonlyMap<string, Destination> {
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

/** The path of a request, without the query that may follow it. */
function pathOf({ url }: FastifyRequest): string {
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
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
