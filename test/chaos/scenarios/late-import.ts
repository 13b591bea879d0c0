/** Cards that are re-issued by import and by batch, while Bloomreach fetches the imports late and in any order. */

import { sleep } from '../../../src/kit/clock.ts';
import { customersWithCards } from '../../support/customers.ts';
import { eventually } from '../../support/eventually.ts';
import type { Scenario } from '../scenario.ts';
import type { Testbed } from '../testbed.ts';

const rowsOf = { short: 150, full: 400 };
/** Re-issued by batch: fewer rows than those that are written back by import. */
const AGAIN = 60;
const MAX_DELAY_MS = 4000;

export const lateImport: Scenario = {
  name: 'late imports',
  description:
    'issued by import, re-issued by import and stopped, some re-issued by batch; then the imports are fetched, in any order: Bloomreach ends with the newest card of all',
  testbed: { importAbove: 100, latencyMs: 30 },
  processes: 1,
  async play(testbed, size) {
    const rows = rowsOf[size];
    const { sandbox, random } = testbed;
    const startedImports = () => sandbox.witness.count('import');
    sandbox.imports.hold();

    const id = await testbed.startCampaign(rows);
    await eventually(() => {
      if (startedImports() < 1) throw new Error('no import was started');
    }, 120_000);
    // Slow enough that the campaign is stopped before its end.
    sandbox.setLatency({ latencyMs: 2000 });
    const second = await testbed.start('reissue', customersWithCards(newestCards(sandbox)));
    await sleep(random() * MAX_DELAY_MS);
    await testbed.run('stop', second, '--reason', 'chaos');
    sandbox.setLatency({ latencyMs: 30 });
    const byBatch = await testbed.start('reissue', customersWithCards(someOf(newestCards(sandbox), random)));
    if (random() < 0.5) await testbed.waitForEnd(byBatch, 120_000);
    else await sleep(random() * MAX_DELAY_MS);
    const heldImports = startedImports();
    sandbox.imports.release((waiting) => (random() < 0.5 ? waiting : waiting.toReversed()));
    await testbed.run('resume', second, '--detach');
    for (const campaign of [byBatch, second, id]) await testbed.waitForEnd(campaign, 300_000);

    const stale = staleCards(testbed);
    return {
      id,
      rows,
      kills: 0,
      cardsPerCustomer: 3,
      figures: {
        'imports fetched late': String(heldImports),
        cards: String([...sandbox.passes.all()].length),
        'stale cards': String(stale.length),
      },
      problems: stale.map((customer) => `Bloomreach has an older card of ${customer}`),
    };
  },
};

/** Returns the card that Passmachine made last for each customer. */
function newestCards({ passes }: Testbed['sandbox']): Map<string, string> {
  return new Map([...passes.all()].map(({ customer = '', id }) => [customer, id]));
}

function someOf(cards: Map<string, string>, random: () => number): Map<string, string> {
  const shuffled = [...cards]
    .map((entry) => ({ entry, order: random() }))
    .toSorted((one, other) => one.order - other.order);
  return new Map(shuffled.slice(0, AGAIN).map(({ entry }) => entry));
}

/** Returns the customers whose card at Bloomreach is not the one that Passmachine made last. */
function staleCards({ sandbox }: Testbed): string[] {
  return [...newestCards(sandbox)].flatMap(([customer, card]) =>
    sandbox.customers.properties(`registered:${customer}`)?.['passmachine_pass_id'] === card
      ? []
      : [customer],
  );
}
