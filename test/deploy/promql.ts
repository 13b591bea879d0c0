/** What a PromQL expression asks for that passbridge does not have. Whether it is well formed is promtool's to say. */

import { makeMetrics } from '../../src/services/monitoring/metrics/metrics.ts';
import type { MetricEntry } from '../../src/kit/metrics.ts';

const { chapters, ofNode } = makeMetrics();

/** What Prometheus makes itself: of each scrape, and of each alert, which has the labels of its rule. */
const ofPrometheus: MetricEntry[] = [
  { name: 'up', type: 'gauge', labels: [], meaning: '' },
  {
    name: 'ALERTS',
    type: 'gauge',
    labels: ['alertname', 'alertstate', 'severity', 'code', 'pool'],
    meaning: '',
  },
];

/** By each name under which samples of it stand. */
const known = new Map(
  [...chapters.flatMap(({ entries }) => entries), ...ofNode, ...ofPrometheus].flatMap((entry) => {
    const parts = entry.type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
    return parts.map((part) => [`${entry.name}${part}`, entry] as const);
  }),
);

/** Labels that Prometheus adds, and the one of a histogram's buckets. */
const everywhere = ['instance', 'job', 'le'];

const grouping = /\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/g;

/** The metrics of an expression, as they stand in it. */
export function metricsIn(expression: string): string[] {
  const bare = expression
    .replaceAll(/"[^"]*"/g, '""')
    .replaceAll(/\{[^}]*\}/g, '')
    .replaceAll(grouping, '');
  // Functions have their arguments behind them, and no word of PromQL has a low line in it.
  return [...bare.matchAll(/\b(?:up|ALERTS|[a-z]+(?:_\w+)+)\b(?!\s*\()/g)].map(([name]) => name);
}

/** Names of metrics that there are not, and of labels that none of its metrics has; `labels`: more that it has to have. */
export function unknownNames(expression: string, labels: readonly string[] = []): string[] {
  const metrics = metricsIn(expression);
  const had = new Set([...everywhere, ...metrics.flatMap((name) => known.get(name)?.labels ?? [])]);
  const asked = [...labelsOf(expression.replaceAll(/"[^"]*"/g, '""')), ...labels];
  const unknown = [
    ...metrics.filter((name) => !known.has(name)),
    ...asked.filter((label) => !had.has(label)),
  ];
  return [...new Set(unknown)];
}

/** In matchers, and where something is grouped by them. */
function labelsOf(bare: string): string[] {
  const matched = [...bare.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*""/g)].map(([, label = '']) => label);
  const grouped = [...bare.matchAll(grouping)].flatMap(([, list = '']) => list.split(','));
  return [...matched, ...grouped.map((label) => label.trim())].filter((label) => label !== '');
}
