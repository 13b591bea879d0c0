/** Sandboxes to check, with configurations that point at them. */

import { resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import { settingsFor } from '../../../src/services/local-sandbox.ts';
import type { Finding } from '../../../src/services/doctor/check.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { parseFaultRule } from '../../../src/sandbox/fault-rule.ts';
import type { SandboxOptions } from '../../../src/sandbox/sandbox.ts';
import { startSandbox } from '../../../src/sandbox/server.ts';

/** Loads a configuration with all credentials; `env` overrides variables. */
export function configOf(env: Record<string, string> = {}) {
  return loadConfig({
    env: {
      PASSMACHINE_ACCOUNT_ID: 'a',
      PASSMACHINE_PUBLIC_TOKEN: 'public-token',
      PASSMACHINE_SECRET_TOKEN: 'secret-token',
      BLOOMREACH_URL: 'http://127.0.0.1:1',
      BLOOMREACH_PROJECT_TOKEN: 'project-token',
      BLOOMREACH_API_KEY_ID: 'key-id',
      BLOOMREACH_API_SECRET: 'key-secret',
      ...env,
    },
    cwd: resolve('/nowhere'),
    need: ['passmachine', 'bloomreach'],
  });
}

/** Starts a sandbox that stops at the end of the test. */
export async function startUpstream(
  { fault, ...options }: SandboxOptions & { fault?: string } = {},
  env: Record<string, string> = {},
) {
  const rule = fault === undefined ? undefined : parseFaultRule(fault);
  if (rule?.ok === false) throw new Error(rule.error);
  const sandbox = await startSandbox({ ...options, faults: rule === undefined ? [] : [rule.rule] });
  onTestFinished(() => sandbox.close());
  return { sandbox, config: configOf({ ...settingsFor(sandbox), ...env }) };
}

/** Returns the level of each check. */
export function levels(findings: readonly Finding[]): Record<string, string> {
  return Object.fromEntries(findings.map(({ check, level }) => [check, level]));
}
