/** deploy/grafana: Grafana can read it, and all that it draws is there. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse, stringify } from 'yaml';
import { makeMetrics } from '../../src/services/monitoring/metrics/metrics.ts';
import { dashboardShape, datasourcesShape, providersShape } from './dashboard-shapes.ts';
import { metricsIn, unknownNames } from './promql.ts';
import { lacksPrometheus, needsPrometheus, promtool } from './promtool.ts';

const FOLDER = 'deploy/grafana';

const dashboard = dashboardShape.parse(JSON.parse(readFileSync(`${FOLDER}/dashboard.json`, 'utf8')));
const charts = dashboard.panels.flatMap((panel) => (panel.type === 'row' ? [] : [panel]));
const queries = charts.flatMap(({ title, targets }) =>
  targets.map(({ expr, legendFormat }) => ({
    title,
    legendFormat,
    // Grafana puts four scrapes there.
    expr: expr.replaceAll('$__rate_interval', '1m'),
  })),
);

function read(file: string): unknown {
  return parse(readFileSync(`${FOLDER}/provisioning/${file}`, 'utf8'));
}

describe('the dashboard', () => {
  it('draws metrics by labels that there are', () => {
    for (const { title, expr, legendFormat } of queries) {
      const labels = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
      expect([title, unknownNames(expr, labels)]).toEqual([title, []]);
    }
  });

  it('leaves out only what it has in another form', () => {
    const drawn = new Set(
      queries.flatMap(({ expr }) => metricsIn(expr)).map((name) => name.replace(/_(bucket|sum|count)$/, '')),
    );
    const all = makeMetrics().chapters.flatMap(({ entries }) => entries.map(({ name }) => name));
    expect(all.filter((name) => !drawn.has(name))).toEqual([
      // Calls are timed, which is most of it.
      'passbridge_job_duration_seconds',
      // The state of the breakers.
      'passbridge_token_refused',
      'passbridge_upstream_failures_in_a_row',
      // The share that has ended.
      'passbridge_campaign_rows',
    ]);
  });

  it('has a place for each panel, and no two in one', () => {
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const taken = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
    );
    expect(new Set(taken).size).toBe(taken.length);
    for (const { gridPos } of dashboard.panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
  });

  it('begins with whether all is well', () => {
    const rows = dashboard.panels.filter(({ type }) => type === 'row').map(({ title }) => title);
    expect(dashboard.panels[0]?.title).toBe('Is it well?');
    expect(rows).toHaveLength(5);
  });

  it.skipIf(lacksPrometheus)(`asks in PromQL, each time${needsPrometheus}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'passbridge-queries-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const rules = queries.map(({ expr }, index) => ({ record: `query:${index}`, expr }));
    const check = (name: string, written: typeof rules) => {
      writeFileSync(join(folder, name), stringify({ groups: [{ name: 'dashboard', rules: written }] }));
      return promtool(folder, ['check', 'rules', name]);
    };
    expect(check('queries.yaml', rules)).toMatchObject({ ok: true });
    expect(check('worse.yaml', [...rules, { record: 'query:x', expr: 'sum(rate(x))' }])).toMatchObject({
      ok: false,
    });
  });
});

describe('the provisioning', () => {
  it('finds the dashboard where it is mounted, and the source that it asks', () => {
    providersShape.parse(read('dashboards/passbridge.yaml'));
    const [source] = datasourcesShape.parse(read('datasources/prometheus.yaml')).datasources;
    const [variable] = dashboard.templating.list;
    expect([variable.query, variable.current]).toEqual([
      source.type,
      { text: source.name, value: source.uid },
    ]);
    const { global } = parse(readFileSync('deploy/prometheus/prometheus.yaml', 'utf8')) as {
      global: { scrape_interval: string };
    };
    expect(source.jsonData.timeInterval).toBe(global.scrape_interval);
  });
});
