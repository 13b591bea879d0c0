/** Questions to the operator at the terminal. */

import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { ConfigError } from '../../config/config-error.ts';
import { visible } from '../../kit/text/visible.ts';
import { commandIo } from '../command-io.ts';
import { prompt, say } from '../output/terminal.ts';

/** The operator pressed Ctrl-C or Ctrl-D instead of answering. */
export class Interrupted extends Error {}

/** Returns whether there is a terminal to ask questions on. */
export function canAsk(): boolean {
  const { stdin, stdout } = commandIo();
  return stdin.isTTY === true && stdout.isTTY === true;
}

/** Reads one line; `hidden`: without showing what is typed. Throws {@link Interrupted}. */
export async function ask(question: string, { hidden }: { hidden: boolean }): Promise<string> {
  // The terminal echoes to its output, which is discarded for a secret.
  const discard = new Writable({ write: (_chunk, _encoding, done) => done() });
  const { stdin, stdout } = commandIo();
  const output = hidden ? discard : stdout;
  const terminal = createInterface({ input: stdin, output, terminal: true });
  const interrupt = new AbortController();
  for (const event of ['SIGINT', 'close'] as const) terminal.once(event, () => interrupt.abort());
  if (hidden) prompt(question);
  try {
    return await terminal.question(hidden ? '' : visible(question), { signal: interrupt.signal });
  } catch (error) {
    throw interrupt.signal.aborted ? new Interrupted('Interrupted.') : error;
  } finally {
    terminal.close();
    if (hidden || interrupt.signal.aborted) say('');
  }
}

/** Returns whether the operator confirms. Without a terminal the answer is yes. */
export async function confirm(question: string): Promise<boolean> {
  if (!canAsk()) return true;
  const { stdin, stdout } = commandIo();
  const terminal = createInterface({ input: stdin, output: stdout });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${visible(question)} (y/N) `)).trim());
  } finally {
    terminal.close();
  }
}

/** Reads a password: typed twice and hidden at a terminal, otherwise one line from stdin. */
export async function readPassword(question: string): Promise<string> {
  const { stdin } = commandIo();
  if (stdin.isTTY !== true) return (await text(stdin)).replace(/\r?\n$/, '');
  const first = await ask(question, { hidden: true });
  if ((await ask('Repeat the password: ', { hidden: true })) === first) return first;
  throw new ConfigError('The command', ['the two passwords differ. Run it again']);
}
