/** A process in place of a container: what it printed, and stopping it as Docker does. */

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

export interface Container {
  /** Its own, below 127.0.0.0/8. */
  address: string;
  child: ChildProcess;
  /** What it has printed so far. */
  stdout: () => string;
  stderr: () => string;
}

export function makeContainer(address: string, child: ChildProcess): Container {
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (part: string) => (stdout += part));
  child.stderr?.setEncoding('utf8').on('data', (part: string) => (stderr += part));
  return { address, child, stdout: () => stdout, stderr: () => stderr };
}

/** SIGTERM, and SIGKILL where that takes longer than it is given. Exit code; null where it had to be killed. */
export async function stopContainer({ child }: Container, givenMs: number): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = once(child, 'close');
  child.kill(givenMs === 0 ? 'SIGKILL' : 'SIGTERM');
  const killing = setTimeout(() => child.kill('SIGKILL'), givenMs);
  await ended;
  clearTimeout(killing);
  return child.exitCode;
}
