/** The Prometheus rules: well formed, about existing metrics, in the words of docs/alerts.md, and each one tested. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { alertCodes } from '../../src/domain/monitoring/overview.ts';
import { alertsIn, FOLDER, lacksPrometheus, needsPrometheus, promtool, readRules } from './prometheus.ts';
import { unknownNames } from './promql.ts';

/** The format of promtool's unit tests. */
interface TestsFile {
  tests: { name: string; promql_expr_test: { expr: string; exp_samples: { labels: string }[] }[] }[];
}

const alerts = alertsIn(readRules());

/** Returns the anchors that GitHub generates for headings. */
function anchorsOf(page: string): string[] {
  return [...readFileSync(page, 'utf8').matchAll(/^## (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  );
}

describe('the alerts', () => {
  it('use existing metrics and labels', () => {
    for (const { alert, expr, annotations } of alerts) {
      const used = Object.values(annotations)
        .join(' ')
        .matchAll(/\$labels\.(\w+)/g);
      const labels = [...used].map(([, label = '']) => label);
      expect([alert, unknownNames(expr, labels)]).toEqual([alert, []]);
    }
    expect(unknownNames('max by (hue) (passbridge_slots_bussy{state="x"})', ['pool'])).toEqual([
      'passbridge_slots_bussy',
      'state',
      'hue',
      'pool',
    ]);
  });

  it('link to existing sections of the docs', () => {
    for (const { alert, annotations } of alerts) {
      const [page = '', anchor] = annotations.runbook_url.split('#');
      expect([alert, anchorsOf(page)]).toEqual([alert, expect.arrayContaining([anchor])]);
    }
  });

  it('cover each of passbridge’s own alerts in the words of docs/alerts.md', () => {
    const page = readFileSync('docs/alerts.md', 'utf8');
    const meanings = new Map(
      [...page.matchAll(/^\| `([A-Z_]+)` \| (.+) \|$/gm)].map(([, code = '', meaning = '']) => [
        code,
        meaning,
      ]),
    );
    const own = alerts.filter(({ labels }) => labels.code !== undefined);
    expect(new Set(own.map(({ labels }) => labels.code))).toEqual(new Set(alertCodes));
    expect(own).toHaveLength(alertCodes.length);
    for (const { labels, annotations } of own) {
      expect(annotations.summary.toLowerCase()).toBe(meanings.get(labels.code ?? '')?.toLowerCase());
    }
  });

  it('each fire in a unit test that starts without alerts', () => {
    const { tests } = parse(readFileSync(`${FOLDER}/alerts.test.yaml`, 'utf8')) as TestsFile;
    const checks = tests.flatMap((test) => test.promql_expr_test);
    const samples = checks.flatMap(({ exp_samples: expected }) => expected.map(({ labels }) => labels));
    const firing = samples.map((labels) => /alertname="(\w+)"/.exec(labels)?.[1]);
    expect(new Set(firing)).toEqual(new Set(alerts.map(({ alert }) => alert)));
    expect(new Set(checks.map(({ expr }) => expr)).size).toBe(1);
    for (const {
      name,
      promql_expr_test: [first],
    } of tests)
      expect([name, first?.exp_samples]).toEqual([name, []]);
  });

  it('have unique names', () => {
    expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length);
    expect(alerts.length).toBeGreaterThan(12);
  });
});

describe.skipIf(lacksPrometheus)(`promtool${needsPrometheus}`, () => {
  it('accepts the configuration and the rules', () => {
    expect(promtool(FOLDER, ['check', 'config', 'prometheus.yaml'])).toMatchObject({ ok: true });
  });

  it('passes the unit tests of the rules', () => {
    const { ok, output } = promtool(FOLDER, ['test', 'rules', 'alerts.test.yaml']);
    expect([ok, output]).toEqual([true, expect.stringContaining('SUCCESS')]);
  });
});
