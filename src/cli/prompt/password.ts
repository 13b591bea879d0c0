/** Reads a password without showing it: twice from a terminal, as one line from anything else. */

import { text } from 'node:stream/consumers';
import { ConfigError } from '../../config/config-error.ts';
import { ask } from './ask.ts';

export async function readPassword(question: string): Promise<string> {
  if (!process.stdin.isTTY) return (await text(process.stdin)).replace(/\r?\n$/, '');
  const first = await ask(question, { hidden: true });
  if ((await ask('Once more: ', { hidden: true })) === first) return first;
  throw new ConfigError('The command', ['the two passwords differ']);
}
