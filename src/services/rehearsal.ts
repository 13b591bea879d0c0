/** The sandbox as operators use it: faults typed as text, and the settings that point passbridge at it. */

import { UserError } from '../kit/user-error.ts';
import { parseFaultRule } from '../sandbox/fault-text.ts';
import { type Permission, permissions } from '../sandbox/permissions.ts';
import type { Sandbox, SandboxOptions } from '../sandbox/sandbox.ts';
import { startSandbox } from '../sandbox/server.ts';
import { summarize } from '../sandbox/witness-summary.ts';

interface RehearsalOptions extends Pick<SandboxOptions, 'host' | 'clockOffsetMs' | 'refuseTokens'> {
  /** 0 takes a free one. */
  port: number;
  latencyMs: number;
  /** Rules by the grammar of `fault-text.ts`. */
  faults: readonly string[];
  /** What Bloomreach's key may not do: `set`, `events` or `export`. */
  forbidden?: readonly string[];
}

export interface Rehearsal {
  /** Environment variables that make passbridge talk to it. */
  settings: Record<string, string>;
  url: string;
  /** What really happened, by its witness. */
  summary(): ReturnType<typeof summarize>;
  close(): Promise<void>;
}

/** Starts a sandbox. Throws a {@link UserError}; rejects where the port is taken. */
export async function startRehearsal({
  faults,
  forbidden = [],
  ...options
}: RehearsalOptions): Promise<Rehearsal> {
  const parsed = faults.map(parseFaultRule);
  const errors = [
    ...parsed.flatMap((rule) => (rule.ok ? [] : [rule.error])),
    ...forbidden
      .filter((name) => !isPermission(name))
      .map((name) => `permission "${name}" is unknown; known are ${permissions.join(', ')}`),
  ];
  if (errors.length > 0) throw new UserError('INVALID_FAULTS', errors.join('\n'));
  const rules = parsed.flatMap((rule) => (rule.ok ? [rule.rule] : []));
  const sandbox = await startSandbox({
    ...options,
    faults: rules,
    forbidden: forbidden.filter(isPermission),
  });
  return {
    settings: settingsFor(sandbox),
    url: sandbox.passmachineUrl,
    summary: () => summarize(sandbox.witness),
    close: () => sandbox.close(),
  };
}

function isPermission(name: string): name is Permission {
  return permissions.some((known) => known === name);
}

/** The environment variables that point passbridge at a sandbox. */
export function settingsFor({
  passmachineUrl,
  bloomreachUrl,
  credentials,
}: Pick<Sandbox, 'passmachineUrl' | 'bloomreachUrl' | 'credentials'>): Record<string, string> {
  return {
    PASSMACHINE_URL: passmachineUrl,
    PASSMACHINE_ACCOUNT_ID: credentials.accountId,
    PASSMACHINE_PUBLIC_TOKEN: credentials.publicToken,
    PASSMACHINE_SECRET_TOKEN: credentials.secretToken,
    BLOOMREACH_URL: bloomreachUrl,
    BLOOMREACH_PROJECT_TOKEN: credentials.projectToken,
    BLOOMREACH_API_KEY_ID: credentials.apiKeyId,
    BLOOMREACH_API_SECRET: credentials.apiSecret,
  };
}
