/** The chapters of the bench, one after the other, and what each found. */

import { findPostgres } from './brokers/postgres.mjs';
import { measureFeed } from './feed.mjs';
import { holdRace } from './race.mjs';
import { raceTable } from './race-table.mjs';
import { measureRecovery } from './recovery.mjs';
import { feedTable, recoveryTable, webhooksTable } from './small-tables.mjs';
import { standingsOf } from './standings.mjs';
import { measureWebhooks } from './webhooks.mjs';

/** Of a run that is meant to be over soon. */
const QUICK_SHARE = 0.25;

/** Runs those of `options.chapters`; `say` hears what comes out as it does. */
export async function runChapters(options, say) {
  const run = { race, feed, webhooks, recovery };
  const found = {};
  for (const chapter of options.chapters) Object.assign(found, await run[chapter](options, say));
  return found;
}

async function race({ contestants, latencies, rounds, quick }, say) {
  const hasPostgres = (await findPostgres()) !== undefined;
  const absent = contestants.filter(({ broker }) => broker === 'postgres' && !hasPostgres);
  for (const { name } of absent) say(`${name} is left out: no PostgreSQL (initdb, postgres) on this machine`);
  const present = contestants.filter((contestant) => !absent.includes(contestant));
  const runs = await holdRace(
    { contestants: present, latencies, rounds, share: quick ? QUICK_SHARE : 1 },
    ({ contestant, latencyMs, round, figures, problem }) => {
      const came = problem ?? `${Math.round(figures.callsPerSecond)} calls/s`;
      say(`round ${round + 1}, ${latencyMs} ms, ${contestant}: ${came}`);
    },
  );
  const standings = standingsOf(runs, present, latencies);
  for (const heat of standings) say(`\nLatency ${heat.latencyMs} ms\n\n${raceTable(heat.standings)}`);
  return { runs, standings, absent: absent.map(({ name }) => name) };
}

async function feed({ quick }, say) {
  const feeds = [];
  for (const rows of [10_000, 1_000_000]) feeds.push(await measureFeed({ rows, seconds: quick ? 12 : 30 }));
  say(`\nA campaign begins\n\n${feedTable(feeds)}`);
  return { feeds };
}

async function webhooks({ quick }, say) {
  const ingest = await measureWebhooks(quick ? 10 : 20);
  say(`\nWebhooks\n\n${webhooksTable(ingest)}`);
  return { ingest };
}

async function recovery({ contestants, rounds, quick }, say) {
  const recoveries = [];
  for (const contestant of contestants.filter(({ recovers }) => recovers !== undefined)) {
    for (const { signal, most } of contestant.recovers) {
      if (quick && most === 1) continue;
      const tries = [];
      while (tries.length < Math.min(rounds, most)) tries.push(await measureRecovery(contestant, signal));
      recoveries.push({ name: contestant.name, signal, tries });
    }
  }
  say(`\nRecovery\n\n${recoveryTable(recoveries)}`);
  return { recoveries };
}
