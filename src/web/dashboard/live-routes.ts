/** The route of the event stream. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hasRole, type Operator } from '../../domain/operators/operator.ts';
import { UserError } from '../../kit/user-error.ts';
import { routes } from '../paths.ts';
import type { LiveUpdates, Subscription } from './live.ts';
import { type LiveTopic, parseTopic } from './live-topics.ts';

/** Windows of one browser, twice over. */
const MAX_TOPICS = 100;

/** Adds the stream of the topics in `?topics=…`, separated by spaces; see `live.ts` for its events. */
export function addLiveRoute(
  scope: FastifyInstance,
  { live, topics }: { live: LiveUpdates; topics: ReadonlyMap<string, LiveTopic> },
): void {
  const subscriptionTo = (topic: string, operator: Operator): Subscription => {
    const { route, at } = parseTopic(topic);
    const found = topics.get(route);
    if (found === undefined || !hasRole(operator.role, found.role)) {
      throw new UserError(
        'INVALID_REQUEST',
        `There are no live updates of ${route} for you. Reload the page.`,
      );
    }
    return { key: `${operator.role} ${topic}`, render: () => found.render(at, operator) };
  };

  // A HEAD request would subscribe to events that it never gets, and stay without an answer.
  scope.get<{ Querystring: { topics?: string } }>(
    routes.live,
    { config: { role: 'viewer' }, exposeHeadRoute: false },
    async (request, reply) => {
      const asked = (request.query.topics ?? '').split(' ').filter((topic) => topic !== '');
      if (asked.length === 0 || asked.length > MAX_TOPICS) {
        throw new UserError(
          'INVALID_REQUEST',
          `A stream has 1 to ${MAX_TOPICS} topics, e.g. ?topics=/campaigns`,
        );
      }
      const parts = asked.map((topic) => subscriptionTo(topic, request.operator));
      live.subscribe(parts, openStream(request, reply));
      return reply;
    },
  );
}

/** How often an open stream checks that its viewer still has access. */
const ACCESS_CHECK_MS = 5000;

function openStream(request: FastifyRequest, reply: FastifyReply) {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    ...reply.getHeaders(),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // Turns off nginx's buffering, which would delay events.
    'x-accel-buffering': 'no',
  } as Record<string, string>);
  // The page may take a while, or fail until Redis is back.
  raw.flushHeaders();
  let isChecking = false;
  const check = async () => {
    // While Redis hangs, the checks of all streams would pile up.
    if (isChecking) return;
    isChecking = true;
    const isAllowed = await request.isStillAllowed().catch(() => false);
    isChecking = false;
    if (!isAllowed) raw.end();
  };
  const guard = setInterval(() => void check(), ACCESS_CHECK_MS);
  raw.once('close', () => clearInterval(guard));
  return raw;
}
