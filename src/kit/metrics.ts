/**
 * A registry of Prometheus metrics that documents itself: every metric belongs to a section and has its
 * type, labels and meaning, from which a docs page is generated.
 */

import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface MetricInfo {
  name: string;
  type: 'counter' | 'gauge' | 'histogram';
  labels: readonly string[];
  meaning: string;
}

export interface MetricSection {
  title: string;
  about: string;
  metrics: readonly MetricInfo[];
}

/** Creates a separate registry, so that two programs in one process do not mix. Includes Node's own metrics. */
export function makeMetricsRegistry() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const nodeMetrics = listNodeMetrics(registry);
  const sections: MetricSection[] = [];

  return {
    registry,
    sections: sections as readonly MetricSection[],
    /** prom-client's default metrics; some exist on Linux only. */
    nodeMetrics,
    /** Adds a section; metrics made by the returned functions belong to it. */
    section(title: string, about: string) {
      const metrics: MetricInfo[] = [];
      const clearOne: (() => void)[] = [];
      sections.push({ title, about, metrics });
      const register = <L extends string>(
        type: MetricInfo['type'],
        [name, help, labelNames]: [string, string, readonly L[]],
      ) => {
        metrics.push({ name, type, labels: labelNames, meaning: help });
        return { name, help, labelNames, registers };
      };
      return {
        counter: <L extends string = never>(name: string, help: string, labels: readonly L[] = []) =>
          new Counter<L>(register('counter', [name, help, labels])),
        gauge<L extends string = never>(name: string, help: string, labels: readonly L[] = []) {
          const gauge = new Gauge<L>(register('gauge', [name, help, labels]));
          // `reset` would leave an unlabeled gauge at 0, and `remove` must be given the labels of a labeled one.
          clearOne.push(() => (labels.length === 0 ? gauge.remove() : gauge.reset()));
          return gauge;
        },
        histogram: <L extends string = never>(
          name: string,
          help: string,
          { labels = [], buckets }: { labels?: readonly L[]; buckets: number[] },
        ) => new Histogram<L>({ ...register('histogram', [name, help, labels]), buckets }),
        /** Removes all values of the section's gauges, for when they are unknown. */
        clearGauges: () => clearOne.forEach((clear) => clear()),
      };
    },
  };
}

/** The actual shape of prom-client's metrics, which its types do not declare. */
type NodeMetric = Pick<MetricInfo, 'name' | 'type'> & { help: string; labelNames: readonly string[] };

function listNodeMetrics(registry: Registry): MetricInfo[] {
  const found = registry.getMetricsAsArray() as unknown as readonly NodeMetric[];
  return found.map(({ name, type, labelNames, help }) => ({ name, type, labels: labelNames, meaning: help }));
}
