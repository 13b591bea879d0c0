/** Starts the sandbox for the command line: parses faults given as text, and returns the settings to use it. */

import { UserError } from '../kit/user-error.ts';
import { parseFaultRule } from '../sandbox/fault-rule.ts';
import { type Permission, permissions } from '../sandbox/commands.ts';
import type { Sandbox, SandboxOptions } from '../sandbox/sandbox.ts';
import { startSandbox } from '../sandbox/server.ts';
import { summarize } from '../sandbox/witness-summary.ts';

interface LocalSandboxOptions extends Pick<
  SandboxOptions,
  'host' | 'clockOffsetMs' | 'refuseTokens' | 'eventTarget'
> {
  /** 0: any free port. */
  port: number;
  latencyMs: number;
  /** Rules in the grammar of `sandbox/fault-rule.ts`, e.g. `create:500x3`. */
  faults: readonly string[];
  /** Permissions that the Bloomreach key lacks: `set`, `events` or `export`. */
  forbidden?: readonly string[];
}

export interface LocalSandbox {
  /** Environment variables that point passbridge at the sandbox. */
  settings: Record<string, string>;
  url: string;
  /** Returns what happened, from the sandbox's record of calls. */
  summary(): ReturnType<typeof summarize>;
  close(): Promise<void>;
}

/** Throws a {@link UserError} for an invalid fault or permission; rejects if the port is in use. */
export async function startLocalSandbox({
  faults,
  forbidden = [],
  ...options
}: LocalSandboxOptions): Promise<LocalSandbox> {
  const parsed = faults.map(parseFaultRule);
  const errors = [
    ...parsed.flatMap((rule) => (rule.ok ? [] : [rule.error])),
    ...forbidden
      .filter((name) => !isPermission(name))
      .map((name) => `unknown permission ${name}. Use ${permissions.join(', ')}`),
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

/** Returns the environment variables that point passbridge at a sandbox. */
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
