/** `passbridge find`: one customer, by e-mail, customer id, card id or job id, and what happened to them lately. */

import { findCustomers } from '../../services/customers/customers.ts';
import { openProcess } from '../../app/process.ts';
import { loadConfig } from '../../config/load.ts';
import { detailOf, type CustomerTimeline, type TimelineEvent } from '../../domain/customers/timeline.ts';
import type { ExitCode } from '../exit-code.ts';
import { host, makeFileLogger, say } from '../output/terminal.ts';

export async function find(text: string, { json }: { json: boolean }): Promise<ExitCode> {
  const config = loadConfig({ env: process.env, cwd: process.cwd() });
  const passbridge = await openProcess(config, host, makeFileLogger(config));
  try {
    const found = await findCustomers(passbridge.stores, text, Date.now());
    if (found === undefined) {
      host.say('Nobody can be looked up: CUSTOMER_INDEX is off.');
      return 2;
    }
    if (json) say(JSON.stringify({ people: found }));
    else if (found.length > 0) say(found.map(describe).join('\n\n'));
    else say(`Nothing about ${text} within the last ${config.cards.ttlMs / 86_400_000} days.`);
    return 0;
  } finally {
    await passbridge.close();
  }
}

function describe({ customer, events }: CustomerTimeline): string {
  return [customer, ...events.map(describeEvent)].join('\n');
}

function describeEvent(event: TimelineEvent): string {
  const { at, action = '', what, job } = event;
  const time = new Date(at * 1000).toISOString().replace('.000Z', 'Z');
  return `  ${time}  ${action.padEnd(6)}  ${what.padEnd(8)}  ${detailOf(event)}  (${job})`;
}
