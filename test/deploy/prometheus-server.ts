/** A real Prometheus on loopback that scrapes twice a second, with rules accelerated from minutes to seconds. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { alertsIn, type RulesFile } from './prometheus.ts';

/** Shortens the waits and windows of all rules; `thresholds` replaces texts of expressions that take too long. */
export function accelerate(
  rules: RulesFile,
  thresholds: Record<string, readonly [from: string, to: string]>,
): RulesFile {
  const accelerated = structuredClone(rules);
  for (const rule of alertsIn(accelerated)) {
    const [from, to] = thresholds[rule.alert] ?? ['', ''];
    if (!rule.expr.includes(from)) throw new Error(`${rule.alert} does not contain ${from}`);
    rule.expr = rule.expr.replace(from, to).replaceAll(/\[\d+m\]/g, '[4s]');
    if (rule.for !== undefined) rule.for = '1s';
  }
  return accelerated;
}

/** Starts Prometheus, which scrapes the targets (`host:port`) as job `passbridge` until the test ends. */
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
  /** Returns the names of the firing alerts, each once. */
  const firing = async (): Promise<string[]> => {
    const { data } = (await get('/api/v1/alerts')) as {
      data: { alerts: { state: string; labels: { alertname: string } }[] };
    };
    const found = data.alerts.filter(({ state }) => state === 'firing');
    return [...new Set(found.map(({ labels }) => labels.alertname))].toSorted();
  };
  /** Returns the value of an expression; undefined if it has no result. */
  const value = async (expression: string): Promise<number | undefined> => {
    const { data } = (await get(`/api/v1/query?query=${encodeURIComponent(expression)}`)) as {
      data: { result: { value: [number, string] }[] };
    };
    const [only] = data.result;
    return only && Number(only.value[1]);
  };
  await eventually(firing, 30_000);
  return { firing, value };
}
