/** The Bloomreach of a world: it keeps the property with the latest timestamp, and may work without an answer. */

import type { HttpClient, HttpResult } from '../../../src/kit/http/client.ts';
import type { HistoryEvent } from '../history.ts';
import type { Random } from '../random.ts';
import type { Owner, Scheduler } from '../scheduler.ts';

interface Options {
  scheduler: Scheduler;
  random: Random;
  record: (event: HistoryEvent) => void;
  troubleShare: () => number;
}

interface Command {
  command_id: string;
  data: {
    customer_ids: { registered: string };
    properties: { passmachine_pass_id?: string };
    update_timestamp?: number;
  };
}

export function makeVirtualBloomreach({ scheduler, random, record, troubleShare }: Options) {
  const saved = new Map<string, { card: string; at: number }>();

  const apply = ({ data }: Command) => {
    const { customer_ids: ids, properties, update_timestamp: at = scheduler.now() / 1000 } = data;
    const card = properties.passmachine_pass_id;
    const held = saved.get(ids.registered);
    if (card === undefined || (held !== undefined && held.at > at)) return;
    saved.set(ids.registered, { card, at });
    record({ kind: 'saved', customer: ids.registered, card });
  };

  const clientOf = (owner: Owner): HttpClient => ({
    send: ({ body = '' }) =>
      new Promise<HttpResult>((resolve) => {
        const { commands } = JSON.parse(body) as { commands: Command[] };
        const isTroubled = random.chance(troubleShare());
        const doesWork = !isTroubled || random.chance(0.5);
        const hasAnswer = !isTroubled || random.chance(0.5);
        const endsAt = scheduler.now() + (random.chance(0.02) ? random.int(1000, 9000) : random.int(5, 150));
        scheduler.at(scheduler.now() + random.next() * (endsAt - scheduler.now()), undefined, () => {
          if (doesWork) commands.forEach(apply);
        });
        scheduler.at(endsAt, owner, () => {
          const results = commands.map(({ command_id: id }) => ({ command_id: id, success: true }));
          if (!hasAnswer) resolve({ answered: false, sent: true, reason: 'connection', detail: 'reset' });
          else if (isTroubled) resolve({ answered: true, status: 503, text: '{"errors":["busy"]}' });
          else resolve({ answered: true, status: 200, text: JSON.stringify({ success: true, results }) });
        });
      }),
    close: async () => {},
  });

  return { clientOf, saved: () => new Map([...saved].map(([customer, { card }]) => [customer, card])) };
}
