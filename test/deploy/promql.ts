/** Finds metrics and labels in PromQL that passbridge does not export. promtool checks the syntax. */

import { makeMetrics } from '../../src/services/monitoring/metrics/metrics.ts';
import type { MetricInfo } from '../../src/kit/metrics.ts';

const { sections, nodeMetrics } = makeMetrics();

/** Series made by Prometheus itself; `ALERTS` has the labels of each rule. */
const prometheusMetrics: MetricInfo[] = [
  { name: 'up', type: 'gauge', labels: [], meaning: '' },
  {
    name: 'ALERTS',
    type: 'gauge',
    labels: ['alertname', 'alertstate', 'severity', 'code', 'pool'],
    meaning: '',
  },
];

/** Metrics by the name of each of their series. */
const known = new Map(
  [...sections.flatMap(({ metrics }) => metrics), ...nodeMetrics, ...prometheusMetrics].flatMap((metric) => {
    const suffixes = metric.type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
    return suffixes.map((suffix) => [`${metric.name}${suffix}`, metric] as const);
  }),
);

/** Labels that Prometheus adds, and the bucket label of histograms. */
const commonLabels = ['instance', 'job', 'le'];

const grouping = /\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/g;

/** Returns the names of the metrics in an expression. */
export function metricsIn(expression: string): string[] {
  const bare = expression
    .replaceAll(/"[^"]*"/g, '""')
    .replaceAll(/\{[^}]*\}/g, '')
    .replaceAll(grouping, '');
  // Function names are followed by a parenthesis, and no PromQL keyword contains an underscore.
  return [...bare.matchAll(/\b(?:up|ALERTS|[a-z]+(?:_\w+)+)\b(?!\s*\()/g)].map(([name]) => name);
}

/** Returns unknown metrics, and labels that none of the metrics has; `labels`: further labels to check. */
export function unknownNames(expression: string, labels: readonly string[] = []): string[] {
  const metrics = metricsIn(expression);
  const available = new Set([...commonLabels, ...metrics.flatMap((name) => known.get(name)?.labels ?? [])]);
  const used = [...labelsOf(expression.replaceAll(/"[^"]*"/g, '""')), ...labels];
  const unknown = [
    ...metrics.filter((name) => !known.has(name)),
    ...used.filter((label) => !available.has(label)),
  ];
  return [...new Set(unknown)];
}

/** Returns the labels in matchers and groupings. */
function labelsOf(bare: string): string[] {
  const matched = [...bare.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*""/g)].map(([, label = '']) => label);
  const grouped = [...bare.matchAll(grouping)].flatMap(([, list = '']) => list.split(','));
  return [...matched, ...grouped.map((label) => label.trim())].filter((label) => label !== '');
}
