/**
 * Webhooks of Bloomreach. A 200 means stored; one bad customer is told in a 200, too, for some 4xx
 * would stop the whole campaign (400, 404, 410, 412, 413, 418) and any 5xx is sent again.
 * docs/webhooks.md has every answer.
 */

import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Hit } from '../job/hit.ts';
import type { PassAction } from '../job/pass-job.ts';
import { type Program, templateOf } from '../job/program.ts';
import type { Logger } from '../kit/logger.ts';
import { type Access, makeGuard } from './access.ts';
import { type Destination, readHit } from './hit-body.ts';

/** What came of a hit: see the ledger's inbox. */
type Receipt = { kind: 'new'; job: { id: string } } | { kind: 'known'; id: string } | { kind: 'conflict' };

export interface WebhookDoorOptions {
  access: Access;
  programs: ReadonlyMap<string, Program>;
  idTypes: readonly string[];
  /** Stores a hit; rejects where that was not possible in time. */
  receive: (delivery: { hit: Hit; key: string; keyLifeMs: number; content: string }) => Promise<Receipt>;
  log: Logger;
}

type CustomerAnswer =
  | { success: true; job_id: string }
  | { success: false; errors: { code: string; description: string }[] };

/** Bloomreach's own limit for batch webhooks. */
const MOST_CUSTOMERS = 1000;
/** A thousand customers of 16 kB. */
const LONGEST_BODY = 16 * 1024 * 1024;
/** How long a hit is known again by its content, and by the key that its sender gave it. */
const CONTENT_LIFE_MS = 10 * 60_000;
const KEY_LIFE_MS = 24 * 60 * 60_000;
/** What a campaign is not stopped by: the request as a whole makes no sense. */
const UNUSABLE = 422;

const actions: ReadonlySet<string> = new Set<PassAction>(['create', 'update', 'notify']);

/** Adds the door to a server. */
export function addWebhookDoor(server: FastifyInstance, options: WebhookDoorOptions): void {
  const { access, programs, idTypes, receive, log } = options;
  const mayEnter = makeGuard(access);

  const answerFor = async (
    body: unknown,
    to: Destination,
    key: string | undefined,
  ): Promise<CustomerAnswer> => {
    const read = readHit(body, to);
    if (!read.ok) return refused('HIT_INVALID', ...read.problems);
    const { hit, content } = read;
    const receipt = await receive({
      hit,
      content,
      key: key === undefined ? content : `${hit.program} ${hit.action} ${key}`,
      keyLifeMs: key === undefined ? CONTENT_LIFE_MS : KEY_LIFE_MS,
    });
    switch (receipt.kind) {
      case 'new':
        return { success: true, job_id: receipt.job.id };
      case 'known':
        return { success: true, job_id: receipt.id };
      case 'conflict':
        return refused('HIT_CONFLICT', 'this Idempotency-Key came with another content before');
    }
  };

  const take = async (body: unknown, to: Destination, key: string | undefined) => {
    if (Array.isArray(body)) {
      const keyOf = (index: number) => (key === undefined ? undefined : `${key} ${index}`);
      return {
        success: true,
        results: await Promise.all(body.map((one, index) => answerFor(one, to, keyOf(index)))),
      };
    }
    const answer = await answerFor(body, to, key);
    return answer.success ? { success: true, result: { job_id: answer.job_id } } : answer;
  };

  void server.register(async (door) => {
    door.removeAllContentTypeParsers();
    door.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit: LONGEST_BODY },
      async (_request: FastifyRequest, bytes: Buffer) => bytes,
    );
    door.addHook('onRequest', async (request, reply) => {
      const { headers, socket } = request;
      const authorization = headers.authorization ?? '';
      if (mayEnter({ authorization, from: socket.remoteAddress })) return;
      await reply
        .code(401)
        .header('www-authenticate', 'Basic')
        .send(refused('UNAUTHORIZED', 'wrong credentials'));
    });
    // Whatever Fastify itself finds wrong with a request, e.g. its length.
    door.setErrorHandler(async (error: Error & { statusCode?: number }, _request, reply) => {
      const ours = error.statusCode === undefined || error.statusCode >= 500;
      if (ours) log.error({ event: 'webhook.not-stored', err: error }, 'Bloomreach will send it again');
      return reply
        .code(ours ? 500 : UNUSABLE)
        .send(refused(ours ? 'NOT_STORED' : 'UNUSABLE', ours ? 'send it again' : error.message));
    });

    door.route({
      method: ['POST', 'GET'],
      // Any address here is answered: a 404 would stop the campaign.
      url: '/webhooks/*',
      handler: async (request: FastifyRequest, reply: FastifyReply) => {
        const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        // Bloomreach tries the address and the credentials with nothing.
        if (bytes.length === 0) return { success: true };
        const unusable = (why: string) => reply.code(UNUSABLE).send(refused('UNUSABLE', why));
        const to = destinationOf(request.params as { '*': string }, programs, idTypes);
        if (typeof to === 'string') return unusable(to);
        const body = parsed(bytes);
        if (body === undefined) return unusable('the body is no JSON in UTF-8');
        if (Array.isArray(body) && body.length > MOST_CUSTOMERS) {
          return unusable(`${body.length} customers at once; ${MOST_CUSTOMERS} are the most`);
        }
        const key = request.headers['idempotency-key'];
        return take(body, to, typeof key === 'string' && key !== '' ? key : undefined);
      },
    });
  });
}

/** What is at the end of the address, or why it is nothing. */
function destinationOf(
  { '*': rest }: { '*': string },
  programs: ReadonlyMap<string, Program>,
  idTypes: readonly string[],
): Destination | string {
  const [from, name = '', action = '', ...more] = rest.split('/');
  if (from !== 'bloomreach' || !isAction(action) || more.length > 0) {
    return 'the address is /webhooks/bloomreach/{program}/{create|update|notify}';
  }
  const program = programs.get(name);
  if (program === undefined) return `the programs file has no program ${name}`;
  const template = templateOf(program, action);
  return template === undefined
    ? `the programs file has no ${name}.${action}`
    : { program, action, template, idTypes };
}

function isAction(text: string): text is PassAction {
  return actions.has(text);
}

function parsed(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) return undefined;
  try {
    return JSON.parse(bytes.toString()) as unknown;
  } catch {
    return undefined;
  }
}

function refused(code: string, ...descriptions: string[]): CustomerAnswer & { success: false } {
  return { success: false, errors: descriptions.map((description) => ({ code, description })) };
}
