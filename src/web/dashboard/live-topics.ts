/** The topics of live updates: a topic is the live part of one page. */

import type { Operator, OperatorRole } from '../../domain/operators/operator.ts';
import { parseQueryString } from '../query-string.ts';

/** Parameters of a page's route and of its query string. */
export interface PageParams {
  params: Readonly<Record<string, string>>;
  query: Readonly<Record<string, string>>;
}

/** Renders the live part of a page for the viewers of one role. */
export interface LiveTopic {
  /** The lowest role that may see it. */
  role: OperatorRole;
  render(params: PageParams, operator: Operator): Promise<string>;
}

/**
 * Returns the topic of a page: its route, with the parameters of the route and of its query string, e.g.
 * `/campaigns/:id?:id=abc`.
 */
export function topicOf(route: string, { params, query }: PageParams): string {
  const fields = [
    ...Object.entries(query).filter(([name]) => !name.startsWith(':')),
    ...Object.entries(params).map(([name, value]) => [`:${name}`, value] as const),
  ];
  const search = new URLSearchParams(fields.map(([name, value]) => [name, value]));
  return search.size === 0 ? route : `${route}?${search.toString()}`;
}

const isParam = ([name]: readonly [string, string]) => name.startsWith(':');

/** Parses what {@link topicOf} returns. */
export function parseTopic(topic: string): { route: string; at: PageParams } {
  const [route = '', search = ''] = topic.split('?', 2);
  const fields = Object.entries(parseQueryString(search));
  return {
    route,
    at: {
      params: Object.fromEntries(fields.filter(isParam).map(([name, value]) => [name.slice(1), value])),
      query: Object.fromEntries(fields.filter((field) => !isParam(field))),
    },
  };
}
