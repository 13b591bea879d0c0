/** deploy/grafana: valid for Grafana, and it uses existing metrics. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse, stringify } from 'yaml';
import { makeMetrics } from '../../src/services/monitoring/metrics/metrics.ts';
import { dashboardShape, datasourcesShape, providersShape } from './dashboard-shapes.ts';
import { metricsIn, unknownNames } from './promql.ts';
import { lacksPrometheus, needsPrometheus, promtool } from './prometheus.ts';

const FOLDER = 'deploy/grafana';

const dashboard = dashboardShape.parse(JSON.parse(readFileSync(`${FOLDER}/dashboard.json`, 'utf8')));
const charts = dashboard.panels.flatMap((panel) => (panel.type === 'row' ? [] : [panel]));
const queries = charts.flatMap(({ title, targets }) =>
  targets.map(({ expr, legendFormat }) => ({
    title,
    legendFormat,
    // Grafana replaces it by four scrape intervals.
    expr: expr.replaceAll('$__rate_interval', '1m'),
  })),
);

function read(file: string): unknown {
  return parse(readFileSync(`${FOLDER}/provisioning/${file}`, 'utf8'));
}

describe('the dashboard', () => {
  it('uses existing metrics and labels', () => {
    for (const { title, expr, legendFormat } of queries) {
      const labels = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
      expect([title, unknownNames(expr, labels)]).toEqual([title, []]);
    }
  });

  it('shows every metric that is not shown in another form', () => {
    const shown = new Set(
      queries.flatMap(({ expr }) => metricsIn(expr)).map((name) => name.replace(/_(bucket|sum|count)$/, '')),
    );
    const all = makeMetrics().sections.flatMap(({ metrics }) => metrics.map(({ name }) => name));
    expect(all.filter((name) => !shown.has(name))).toEqual([
      // Mostly the duration of its calls, which is shown.
      'passbridge_job_duration_seconds',
      // For comparison between processes, and for alerts.
      'passbridge_http_request_duration_seconds',
      'passbridge_build_info',
      // The state of the breakers is shown.
      'passbridge_token_rejected',
      'passbridge_upstream_consecutive_failures',
      // The processes themselves are shown.
      'passbridge_processes_quiet',
      // An alert names the processes.
      'passbridge_settings_outdated',
      // The progress of campaigns is shown.
      'passbridge_campaign_rows',
    ]);
  });

  it('has panels that do not overlap', () => {
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const taken = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
    );
    expect(new Set(taken).size).toBe(taken.length);
    for (const { gridPos } of dashboard.panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
  });

  it('starts with the health row', () => {
    const rows = dashboard.panels.filter(({ type }) => type === 'row').map(({ title }) => title);
    expect(dashboard.panels[0]?.title).toBe('Health');
    expect(rows).toHaveLength(5);
  });

  it.skipIf(lacksPrometheus)(`has valid PromQL in every query${needsPrometheus}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'passbridge-queries-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const rules = queries.map(({ expr }, index) => ({ record: `query:${index}`, expr }));
    const check = (name: string, checked: typeof rules) => {
      writeFileSync(join(folder, name), stringify({ groups: [{ name: 'dashboard', rules: checked }] }));
      return promtool(folder, ['check', 'rules', name]);
    };
    expect(check('queries.yaml', rules)).toMatchObject({ ok: true });
    expect(check('invalid.yaml', [...rules, { record: 'query:x', expr: 'sum(rate(x))' }])).toMatchObject({
      ok: false,
    });
  });
});

describe('the provisioning', () => {
  it('matches the mount path and the data source of the dashboard', () => {
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
