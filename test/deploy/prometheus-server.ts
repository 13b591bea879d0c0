/** A real Prometheus on loopback that looks twice a second, with rules whose minutes are seconds. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { alertsIn, type RulesFile } from './alert-rules.ts';

/** What waits and looks back for minutes does so for seconds; `instead`: thresholds that no test can wait for. */
export function hastened(rules: RulesFile, instead: Record<string, readonly [string, string]>): RulesFile {
  const hasty = structuredClone(rules);
  for (const rule of alertsIn(hasty)) {
    const [from, to] = instead[rule.alert] ?? ['', ''];
    if (!rule.expr.includes(from)) throw new Error(`${rule.alert} has no ${from}`);
    rule.expr = rule.expr.replace(from, to).replaceAll(/\[\d+m\]/g, '[4s]');
    if (rule.for !== undefined) rule.for = '1s';
  }
  return hasty;
}

/** Scrapes these targets (`host:port`) as the job `passbridge`; ends with the test. */
export async function startPrometheus(targets: readonly string[], rules: RulesFile) {
  const folder = await mkdtemp(join(tmpdir(), 'passbridge-prometheus-'));
  await writeFile(join(folder, 'alerts.yaml'), stringify(rules));
  const config = {
    global: { scrape_interval: '500ms', scrape_timeout: '500ms', evaluation_interval: '500ms' },
    rule_files: ['alerts.yaml'],
    scrape_configs: [{ job_name: 'passbridge', static_configs: [{ targets }] }],
  };
  await writeFile(join(folder, 'prometheus.yaml'), stringify(config));
  const address = `127.0.0.1:${await freePort()}`;
  const flags = {
    'config.file': join(folder, 'prometheus.yaml'),
    'storage.tsdb.path': join(folder, 'data'),
    'web.listen-address': address,
    'log.level': 'error',
  };
  const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
  const child = spawn('prometheus', args, { cwd: folder, stdio: 'ignore' });
  const exited = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
    await rm(folder, { recursive: true, force: true });
  });

  const get = async (path: string): Promise<unknown> => {
    const response = await fetch(`http://${address}${path}`);
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return response.json();
  };
  /** Names of the alerts that fire now, each once. */
  const dueRun = async (): Promise<string[]> => {
    const { data } = (await get('/api/v1/alerts')) as {
      data: { alerts: { state: string; labels: { alertname: string } }[] };
    };
    const found = data.alerts.filter(({ state }) => state === 'dueRun');
    return [...new Set(found.map(({ labels }) => labels.alertname))].toSorted();
  };
  /** The value of an expression with one result; undefined where it has none. */
  const value = async (expression: string): Promise<number | undefined> => {
    const { data } = (await get(`/api/v1/query?query=${encodeURIComponent(expression)}`)) as {
      data: { result: { value: [number, string] }[] };
    };
    const [only] = data.result;
    return only && Number(only.value[1]);
  };
  await eventually(dueRun, 30_000);
  return { dueRun, value };
}
