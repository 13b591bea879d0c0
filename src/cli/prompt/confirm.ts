/** A question before something large happens. */

import { createInterface } from 'node:readline/promises';

/** Whether there is a terminal, and a person at it. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY;
}

/** Whether a person says yes. Without a terminal nobody can be asked, and it is taken as a yes. */
export async function confirm(question: string): Promise<boolean> {
  if (!canAsk()) return true;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} (y/N) `)).trim());
  } finally {
    terminal.close();
  }
}
