/**
 * A registry of Prometheus metrics that is a book as well: each metric stands in a chapter, with its
 * type, labels and meaning, so that a page can be made of it.
 */

import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface MetricEntry {
  name: string;
  type: 'counter' | 'gauge' | 'histogram';
  labels: readonly string[];
  meaning: string;
}

export interface MetricChapter {
  title: string;
  about: string;
  entries: readonly MetricEntry[];
}

/** A registry of its own, so that two programs in one process do not mix. Node's own metrics are in it, too. */
export function makeMetricBook() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const ofNode = nodeEntries(registry);
  const chapters: MetricChapter[] = [];

  return {
    registry,
    chapters: chapters as readonly MetricChapter[],
    /** What Node tells of the process; some of it on Linux only. */
    ofNode,
    /** Begins a chapter; what is made by it stands in it. */
    chapter(title: string, about: string) {
      const entries: MetricEntry[] = [];
      const forgets: (() => void)[] = [];
      chapters.push({ title, about, entries });
      const enter = <L extends string>(
        type: MetricEntry['type'],
        [name, help, labelNames]: [string, string, readonly L[]],
      ) => {
        entries.push({ name, type, labels: labelNames, meaning: help });
        return { name, help, labelNames, registers };
      };
      return {
        counter: <L extends string = never>(name: string, help: string, labels: readonly L[] = []) =>
          new Counter<L>(enter('counter', [name, help, labels])),
        gauge<L extends string = never>(name: string, help: string, labels: readonly L[] = []) {
          const gauge = new Gauge<L>(enter('gauge', [name, help, labels]));
          // `reset` leaves one without labels at 0, `remove` wants the labels of one that has some.
          forgets.push(() => (labels.length === 0 ? gauge.remove() : gauge.reset()));
          return gauge;
        },
        histogram: <L extends string = never>(
          name: string,
          help: string,
          { labels = [], buckets }: { labels?: readonly L[]; buckets: number[] },
        ) => new Histogram<L>({ ...enter('histogram', [name, help, labels]), buckets }),
        /** Leaves no value of the chapter's gauges: nobody knows them. */
        forgetGauges: () => forgets.forEach((forget) => forget()),
      };
    },
  };
}

/** What prom-client's metrics are, unlike its types say: `type` is a word, and they have their labels. */
type NodeMetric = Pick<MetricEntry, 'name' | 'type'> & { help: string; labelNames: readonly string[] };

function nodeEntries(registry: Registry): MetricEntry[] {
  const found = registry.getMetricsAsArray() as unknown as readonly NodeMetric[];
  return found.map(({ name, type, labelNames, help }) => ({ name, type, labels: labelNames, meaning: help }));
}
