/** The alerting rules of deploy/prometheus/alerts.yaml, and promtool to check rules with. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

export const FOLDER = 'deploy/prometheus';

const rule = z.strictObject({
  alert: z.string().regex(/^Passbridge[A-Z]\w+$/),
  expr: z.string(),
  for: z
    .string()
    .regex(/^\d+m$/)
    .optional(),
  labels: z.strictObject({ severity: z.enum(['critical', 'warning']), code: z.string().optional() }),
  annotations: z.strictObject({ summary: z.string(), description: z.string(), runbook_url: z.string() }),
});

const rulesFile = z.strictObject({
  groups: z.array(z.strictObject({ name: z.string(), rules: z.array(rule) })),
});

export type RulesFile = z.infer<typeof rulesFile>;
export type AlertRule = z.infer<typeof rule>;

export function readRules(): RulesFile {
  return rulesFile.parse(parse(readFileSync(`${FOLDER}/alerts.yaml`, 'utf8')));
}

export function alertsIn({ groups }: RulesFile): AlertRule[] {
  return groups.flatMap(({ rules }) => rules);
}

/** Debian's package `prometheus` has promtool and the server. */
const isInstalled = spawnSync('promtool', ['--version']).status === 0;

/** Whether to skip the tests that need Prometheus; in CI, where it must be installed, they fail instead. */
export const lacksPrometheus = !isInstalled && process.env['CI'] === undefined;

/** Appended to the names of tests that may be skipped. */
export const needsPrometheus = isInstalled ? '' : ' (needs promtool: apt-get install prometheus)';

/** Runs promtool in a folder; returns its output and whether it succeeded. */
export function promtool(folder: string, args: readonly string[]): { ok: boolean; output: string } {
  const { status, stdout, stderr, error } = spawnSync('promtool', args, { cwd: folder, encoding: 'utf8' });
  if (error !== undefined) throw error;
  return { ok: status === 0, output: `${stdout}${stderr}` };
}
