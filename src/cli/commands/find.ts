/** `passbridge find`: the timeline of one customer. */

import { type CustomerTimeline, detailOf, type TimelineEvent } from '../../domain/customers/timeline.ts';
import { systemClock } from '../../kit/clock.ts';
import { visibleLine } from '../../kit/text/visible.ts';
import { type DeclareCommand, type ExitCode, withPassbridge } from '../command.ts';
import { host, say } from '../output/terminal.ts';

export const declareFind: DeclareCommand = (program, ended) => {
  program
    .command('find')
    .description('show what happened to one customer recently')
    .argument('<text>', 'e-mail, customer id, card id or job id')
    .option('--json', 'print JSON')
    .action(async (text: string, flags: { json?: boolean }) => ended(await find(text, flags)));
};

async function find(text: string, { json }: { json?: boolean }): Promise<ExitCode> {
  const { findCustomers } = await import('../../services/customers/customers.ts');
  return withPassbridge([], async ({ config, stores }) => {
    const found = await findCustomers(stores, text, systemClock());
    if (found === undefined) {
      host.say('Customer search is off (CUSTOMER_INDEX=off).');
      return 2;
    }
    if (json === true) say(JSON.stringify({ customers: found }));
    else if (found.length > 0) say(found.map(describe).join('\n\n'));
    else say(`Nothing recorded for ${text} in the last ${config.cards.ttlMs / 86_400_000} days.`);
    return 0;
  });
}

function describe({ customer, events }: CustomerTimeline): string {
  return [visibleLine(customer), ...events.map(describeEvent)].join('\n');
}

const KIND_WIDTH = 17;

function describeEvent(event: TimelineEvent): string {
  const { at, action = '', kind, job } = event;
  const time = new Date(at * 1000).toISOString().replace('.000Z', 'Z');
  return `  ${time}  ${action.padEnd(6)}  ${kind.padEnd(KIND_WIDTH)}  ${visibleLine(detailOf(event))}  (${job})`;
}
