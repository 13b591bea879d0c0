/** The rules for Prometheus: well formed, about what there is, in the words of the rest, and each is tried. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { alertCodes } from '../../src/domain/monitoring/overview.ts';
import { alertsIn, FOLDER, readRules } from './alert-rules.ts';
import { unknownNames } from './promql.ts';
import { lacksPrometheus, needsPrometheus, promtool } from './promtool.ts';

/** As promtool takes it. */
interface TestsFile {
  tests: { name: string; promql_expr_test: { expr: string; exp_samples: { labels: string }[] }[] }[];
}

const alerts = alertsIn(readRules());

/** As GitHub makes them of headings. */
function anchorsOf(page: string): string[] {
  return [...readFileSync(page, 'utf8').matchAll(/^## (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  );
}

describe('the alerts', () => {
  it('are about metrics and labels that there are', () => {
    for (const { alert, expr, annotations } of alerts) {
      const told = [
        ...Object.values(annotations)
          .join(' ')
          .matchAll(/\$labels\.(\w+)/g),
      ];
      const labels = told.map(([, label = '']) => label);
      expect([alert, unknownNames(expr, labels)]).toEqual([alert, []]);
    }
    expect(unknownNames('max by (hue) (passbridge_slots_bussy{state="x"})', ['pool'])).toEqual([
      'passbridge_slots_bussy',
      'state',
      'hue',
      'pool',
    ]);
  });

  it('lead to a section that there is', () => {
    for (const { alert, annotations } of alerts) {
      const [page = '', anchor] = annotations.runbook.split('#');
      expect([alert, anchorsOf(page)]).toEqual([alert, expect.arrayContaining([anchor])]);
    }
  });

  it('say what passbridge’s own say, in the same words', () => {
    const page = readFileSync('docs/alerts.md', 'utf8');
    const words = new Map(
      [...page.matchAll(/^\| `([A-Z_]+)` \| (.+) \|$/gm)].map(([, code = '', said = '']) => [code, said]),
    );
    const own = alerts.filter(({ labels }) => labels.code !== undefined);
    expect(new Set(own.map(({ labels }) => labels.code))).toEqual(new Set(alertCodes));
    expect(own).toHaveLength(alertCodes.length);
    for (const { labels, annotations } of own) {
      expect(annotations.summary.toLowerCase()).toBe(words.get(labels.code ?? '')?.toLowerCase());
    }
  });

  it('each fire in a test of their own, where nothing but what is said may fire', () => {
    const { tests } = parse(readFileSync(`${FOLDER}/alerts.test.yaml`, 'utf8')) as TestsFile;
    const looks = tests.flatMap((test) => test.promql_expr_test);
    const said = looks.flatMap(({ exp_samples: samples }) => samples.map(({ labels }) => labels));
    const fired = said.map((labels) => /alertname="(\w+)"/.exec(labels)?.[1]);
    expect(new Set(fired)).toEqual(new Set(alerts.map(({ alert }) => alert)));
    expect(new Set(looks.map(({ expr }) => expr)).size).toBe(1);
    for (const {
      name,
      promql_expr_test: [first],
    } of tests)
      expect([name, first?.exp_samples]).toEqual([name, []]);
  });

  it('have names of their own', () => {
    expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length);
    expect(alerts.length).toBeGreaterThan(12);
  });
});

describe.skipIf(lacksPrometheus)(`promtool${needsPrometheus}`, () => {
  it('takes the configuration and the rules', () => {
    expect(promtool(FOLDER, ['check', 'config', 'prometheus.yaml'])).toMatchObject({ ok: true });
  });

  it('finds that each alert fires when it should, and none when all is well', () => {
    const { ok, said } = promtool(FOLDER, ['test', 'rules', 'alerts.test.yaml']);
    expect([ok, said]).toEqual([true, expect.stringContaining('SUCCESS')]);
  });
});
