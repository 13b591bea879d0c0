/** A new user: an empty folder, an environment with only the suite's Redis, and a sandbox to point at. */

import { settingsFor } from '../../src/services/local-sandbox.ts';
import type { SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { type Ended, makeWorkspace } from './cli.ts';

interface Finding {
  check: string;
  level: string;
  message: string;
  fix?: string;
}

/** `inherited`: the settings that the environment has. */
export async function newUser(options: SandboxOptions = {}, inherited = ['DATA_DIR', 'QUEUE_PREFIX']) {
  const workspace = await makeWorkspace(options);
  const bare: Record<string, string | undefined> = Object.fromEntries(
    Object.keys(workspace.env)
      .filter((name) => !['PATH', 'HOME', ...inherited].includes(name))
      .map((name) => [name, undefined]),
  );
  const run = (args: readonly string[], env: Record<string, string> = {}) =>
    workspace.run(args, { ...bare, ...env });
  const doctor = async (...more: string[]) => {
    const ended = await run(['doctor', '--json', ...more]);
    const { findings } = JSON.parse(ended.stdout) as { findings: Finding[] };
    return { ...ended, findings };
  };
  return { ...workspace, bare, run, doctor, settings: settingsFor(workspace.sandbox) };
}

/** Returns flags of `init` that answer every question; `settings` as in `.env`. */
export function flagsOf(settings: Record<string, string>): string[] {
  const flags = Object.entries(settings).map(([name, value]) => [
    `--${name.toLowerCase().replaceAll('_', '-')}`,
    value,
  ]);
  return ['init', ...flags.flat(), '--template-id', 't-1', '--card', 'loyalty'];
}

/** Secrets of the sandbox. */
export const secrets = /sandbox-(public|secret|project|key)/;
export const outputOf = ({ stdout, stderr }: Ended) => stdout + stderr;
