/** A process instead of a container: captures its output and stops it as Docker does. */

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

export interface Container {
  /** In 127.0.0.0/8, exclusive to this container. */
  address: string;
  child: ChildProcess;
  /** The output so far. */
  stdout: () => string;
  stderr: () => string;
}

export function makeContainer(address: string, child: ChildProcess): Container {
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  return { address, child, stdout: () => stdout, stderr: () => stderr };
}

/** Sends SIGTERM, and SIGKILL after the grace period. Returns the exit code; null if it was killed. */
export async function stopContainer({ child }: Container, graceMs: number): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = once(child, 'close');
  child.kill(graceMs === 0 ? 'SIGKILL' : 'SIGTERM');
  const killing = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await ended;
  clearTimeout(killing);
  return child.exitCode;
}
