/** The sandbox as operators use it: faults typed as text, and the settings that point passbridge at it. */

import { parseFaultRule } from '../sandbox/fault-text.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { startSandbox } from '../sandbox/server.ts';
import { summarize } from '../sandbox/witness-summary.ts';

/** Faults that cannot be read; the message names each. */
export class FaultsRefused extends Error {}

interface RehearsalOptions {
  /** On 127.0.0.1; 0 takes a free one. */
  port: number;
  latencyMs: number;
  /** Rules by the grammar of `fault-text.ts`. */
  faults: readonly string[];
}

export interface Rehearsal {
  /** Environment variables that make passbridge talk to it. */
  settings: Record<string, string>;
  url: string;
  /** What really happened, by its witness. */
  summary(): ReturnType<typeof summarize>;
  close(): Promise<void>;
}

/** Starts a sandbox. Throws a {@link FaultsRefused}; rejects where the port is taken. */
export async function startRehearsal({ port, latencyMs, faults }: RehearsalOptions): Promise<Rehearsal> {
  const parsed = faults.map(parseFaultRule);
  const errors = parsed.flatMap((rule) => (rule.ok ? [] : [rule.error]));
  if (errors.length > 0) throw new FaultsRefused(errors.join('\n'));
  const rules = parsed.flatMap((rule) => (rule.ok ? [rule.rule] : []));
  const sandbox = await startSandbox({ port, latencyMs, faults: rules });
  return {
    settings: settingsFor(sandbox),
    url: sandbox.passmachineUrl,
    summary: () => summarize(sandbox.witness),
    close: () => sandbox.close(),
  };
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
