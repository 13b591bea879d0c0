/** `passbridge find`: one customer, by e-mail, customer id or card id, and what became of them lately. */

import { openProcess } from '../app/process.ts';
import { loadConfig } from '../config/load.ts';
import type { Person, PersonEvent } from '../job/person.ts';
import type { ExitCode } from './exit-code.ts';
import { host, makeFileLogger, say } from './terminal.ts';

export async function find(text: string, { json }: { json: boolean }): Promise<ExitCode> {
  const config = loadConfig({ env: process.env, cwd: process.cwd() });
  const passbridge = await openProcess(config, host, makeFileLogger(config));
  try {
    const { people } = passbridge.stores;
    if (people === undefined) {
      host.say('Nobody can be looked up: PEOPLE_INDEX is off.');
      return 2;
    }
    const found = await people.find(text, Date.now());
    if (json) say(JSON.stringify({ people: found }));
    else if (found.length > 0) say(found.map(describe).join('\n\n'));
    else say(`Nothing about ${text} within the last ${config.cards.ttlMs / 86_400_000} days.`);
    return 0;
  } finally {
    await passbridge.close();
  }
}

function describe({ customer, events }: Person): string {
  return [customer, ...events.map(describeEvent)].join('\n');
}

function describeEvent({ at, action, state, note, job }: PersonEvent): string {
  const time = new Date(at * 1000).toISOString().replace('.000Z', 'Z');
  return `  ${time}  ${action.padEnd(6)}  ${state.padEnd(8)}  ${note}  (${job})`;
}
