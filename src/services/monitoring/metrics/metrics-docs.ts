/** `docs/metrics.md`, made from the metrics themselves. A test holds the file fresh. */

import type { MetricChapter, MetricEntry } from '../../../kit/metrics.ts';
import { makeMetrics } from './metrics.ts';

const introduction = `# Metrics

<!-- Made by \`npm run docs\` from src/app/metrics/: change it there. -->

\`GET /metrics\` answers in Prometheus' text format, on \`PORT\` where a process serves the dashboard, and on \`METRICS_PORT\`
where that is set: so workers and feeders that serve nothing else can be scraped, too. \`/healthz\` (all that the process was
started for runs) and \`/readyz\` (Redis answers) are beside it. Nobody has to sign in: no customer is ever in it.

In [deploy/](../deploy): \`prometheus/prometheus.yaml\` scrapes, \`prometheus/alerts.yaml\` says what is wrong and what to do,
\`grafana/dashboard.json\` draws it.

A scrape costs a few milliseconds however many jobs and customers there are. While Redis does not answer,
\`passbridge_redis_up\` is 0, what each process counts is still told, and what Redis knows is absent.
`;

/** The text of `docs/metrics.md`. */
export function metricsPage(): string {
  const { chapters, ofNode } = makeMetrics();
  const node = {
    title: 'What Node tells of each process',
    about: 'By prom-client; some on Linux only.',
    entries: ofNode,
  };
  return [introduction, ...[...chapters, node].map(chapterText)].join('\n');
}

function chapterText({ title, about, entries }: MetricChapter): string {
  const head = '| Metric | Type | Labels | Meaning |\n| --- | --- | --- | --- |\n';
  return `## ${title}\n\n${about}\n\n${head}${entries.map(rowText).join('')}`;
}

function rowText({ name, type, labels, meaning }: MetricEntry): string {
  const cells = [`\`${name}\``, type, labels.map((label) => `\`${label}\``).join(', '), meaning];
  return `| ${cells.join(' | ')} |\n`;
}
