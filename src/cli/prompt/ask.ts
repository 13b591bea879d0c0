/** A question to whoever sits at the terminal. */

import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/** Ctrl-C or Ctrl-D in place of an answer. */
export class Interrupted extends Error {}

/** Asks for one line; `hidden`: what is typed is not shown. Throws {@link Interrupted}. */
export async function ask(question: string, { hidden }: { hidden: boolean }): Promise<string> {
  // What is typed would be echoed to the output, so for a secret that leads nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const output = hidden ? nowhere : process.stdout;
  const terminal = createInterface({ input: process.stdin, output, terminal: true });
  const leaving = new AbortController();
  for (const event of ['SIGINT', 'close'] as const) terminal.once(event, () => leaving.abort());
  if (hidden) process.stdout.write(question);
  try {
    return await terminal.question(hidden ? '' : question, { signal: leaving.signal });
  } catch (error) {
    throw leaving.signal.aborted ? new Interrupted('Given up.') : error;
  } finally {
    terminal.close();
    if (hidden || leaving.signal.aborted) process.stdout.write('\n');
  }
}
