/** deploy/prometheus/alerts.yaml as tests read it. */

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
  annotations: z.strictObject({ summary: z.string(), description: z.string(), runbook: z.string() }),
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
