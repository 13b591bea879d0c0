/** docs/performance.md, out of what one run of the bench found. */

import { contestants } from './contestants.mjs';
import { heatOf, physicalLimit, SLOTS } from './heats.mjs';
import { raceTable } from './race-table.mjs';
import { feedTable, recoveryTable, webhooksTable } from './small-tables.mjs';

/** `results` as bench.mjs puts them together; chapters that were not run are left out. */
export function performancePage(results) {
  const { standings, feeds, ingest, recoveries } = results;
  const parts = [
    beginning(results),
    standings && racePart(results),
    feeds && feedPart(feeds),
    ingest && webhooksPart(ingest),
    recoveries && recoveryPart(recoveries),
  ];
  return `${parts.filter((part) => part !== undefined).join('\n\n')}\n`;
}

function beginning(results) {
  const { date, minutes, command, quick, rounds, machine, loadBefore, runs = [], renewals = [] } = results;
  const brokers = [...new Set(runs.flatMap(({ figures }) => figures?.broker ?? []))];
  const facts = { ...machine, ...(brokers.length > 0 && { Brokers: brokers.join('; ') }) };
  const rough = quick
    ? '\n\n**These figures come from `--quick`: they are rough, and good for no comparison.**'
    : '';
  return `# Performance

<!-- Made by \`npm run bench -- --write\`: change scripts/bench/performance-page.mjs. -->

How fast passbridge calls Passmachine, beside others who do the same work on the same machine. All of it is
measured on one machine over loopback, where the callers, the server that they call and Redis share the
processor. So read the ratios within one table, not the absolute numbers: at 0 and 2 ms it is the processor
that limits everybody, at 20 and 100 ms, which real upstreams take, it is the ten calls that Passmachine
allows at once.${rough}

To run it again:

\`\`\`sh
npm run bench -- --quick        # three minutes, rough
npm run bench -- --write        # writes this page
npm run bench -- --only passbridge-1,bullmq --latency 20 --rounds 5 --chapters race
npm run bench -- --chapters feed --onto build/bench.json --write   # one chapter anew
\`\`\`

It installs the others from scripts/bench/package.json, starts a redis-server and a PostgreSQL for each run
(without the binaries of PostgreSQL what needs it is left out) and leaves nothing behind. Nothing else should
run meanwhile. Every figure of every run goes to build/bench.json. Where a worker's processor time goes is told in
[profile.md](profile.md).

These figures: ${date.slice(0, 10)}, \`${command}\`, ${minutes.toFixed(0)} minutes, ${countOf(rounds)}; load of the machine
before it began: ${loadBefore.toFixed(1)}.${renewals.map(renewal).join('')}

${Object.entries(facts)
  .map(([name, text]) => `- ${name}: ${text}`)
  .join('\n')}`;
}

function renewal({ chapters, date, command }) {
  return `\nTaken again since: ${chapters.join(', ')}, ${date.slice(0, 10)}, \`${command}\`.`;
}

function racePart({ standings, absent, quick, rounds }) {
  const names = standings[0].standings.map(({ name }) => name);
  const share = quick ? 0.25 : 1;
  const heats = standings.map(({ latencyMs }) => heatOf(latencyMs, share));
  return `## The race

Everybody makes cards for the same customers with at most ${SLOTS} calls under way and sends the results home by 50.
In each round (${countOf(rounds)}) each of them runs once at each latency, and each round begins with another one.

${names.map(describe).join('\n')}
${absent.length === 0 ? '' : `\nLeft out, because this machine has no PostgreSQL: ${absent.join(', ')}.\n`}
† loses results in a crash: it acknowledges a job before its result is home.

- **calls/s**: as the server saw them, from the arrival of the last warm-up call to the arrival of the last call.
  The median of the rounds, the least and the most. Warm-up and counted calls:
  ${heats.map(({ latencyMs, warmUp, calls }) => `${latencyMs} ms ${warmUp} + ${calls}`).join(', ')}.
- **of limit**: the ratio to *limit* in the same round, the median of the rounds.
- **utilisation**: calls/s × latency / ${SLOTS}, the share of what ${SLOTS} slots allow at this latency. **slots taken**: the
  calls under way at the server, averaged over time, as a share of ${SLOTS}. What is missing in utilisation and not in slots
  taken is the server's own lateness (its timers are good to a millisecond). At 0 ms both mean nothing: the server
  answers before it looks at the next call, so it never sees two at once.
- **most at once**: calls under way at the server, warm-up included. More than ${SLOTS} would be a fault.
- **all home**: seconds from the same begin to the last result that the server acknowledged. The last batch may wait a
  second for others.
- **CPU s/1,000**: seconds of processor of all processes of the contestant for 1,000 calls, user and system, over the
  same span; for passbridge with the feeder's. **broker CPU**: the same of Redis or PostgreSQL. A process that has just
  begun costs more for each call than one that has run for a while, so the fewer calls, the higher this is for everybody.
- **commands/job**: what Redis processed, commands inside scripts counted one by one.
- **MB**: the most that was resident, summed over the processes of the contestant, the most of all rounds.
- **lost**, **doubled**: customers of whom no card came home, and customers who got two cards, over all rounds. Nobody is
  killed in the race; what a crash does is told under [Recovery](#recovery).

What is not equal, and is to passbridge's disadvantage: the others find all jobs in their queue before the clock
starts, while passbridge's feeder reads the export and feeds it through a window of 1,000 rows as the calls go on, in
a process that takes processor from the others. The others build the body in JavaScript, passbridge renders the Jinja
of examples/programs.yaml. passbridge counts campaigns, keeps the ledger that prevents second cards and the index of
people, and writes a log line for each job, all as by default. Every Redis syncs its append-only file every second;
PostgreSQL answers commits before they are on disk, which is about the same promise.

${standings.map(heatPart).join('\n\n')}`;
}

function countOf(rounds) {
  return rounds === 1 ? 'one round' : `${rounds} rounds`;
}

function describe(name) {
  const { about, keeps, isDurable } = contestants.find((contestant) => contestant.name === name);
  return `- **${name}**${isDurable ? '' : ' †'}: ${about}\n  Kept through a crash: ${keeps.charAt(0).toLowerCase()}${keeps.slice(1)}`;
}

function heatPart({ latencyMs, standings }) {
  const limit = physicalLimit(latencyMs);
  const allows = limit === Infinity ? '' : `: ten slots allow ${limit.toLocaleString('en')} calls/s`;
  return `### ${latencyMs} ms${allows}\n\n${raceTable(standings)}`;
}

function feedPart(feeds) {
  return `## A campaign begins

\`passbridge issue\` alone, as one process that feeds and calls, against a server that answers at once. Seconds from the
start of the process to the first call; rows/s over the whole campaign, or over the seconds that it was watched; memory
at even distances from the first call on, and nothing where the campaign had ended. While a file is new, its rows are
also counted for the progress bar, which costs a large one some speed at first.

${feedTable(feeds)}`;
}

function webhooksPart(ingest) {
  const { median, slowest } = ingest.batches;
  return `## Webhooks

50 connections, bodies of 1 kB, each customer another one; a hit is answered when it is stored. *The least possible* is
one BullMQ job for each request from a bare node:http server, which checks nothing and knows no hit again.

${webhooksTable(ingest)}

A batch of 1,000 customers is answered after ${median.toFixed(0)} ms, the slowest of 20 after ${slowest.toFixed(0)} ms.`;
}

function recoveryPart(recoveries) {
  return `## Recovery

The only worker is ended while ten calls of 100 ms are under way, and another one is started in the same moment. Idle is
the longest time without a call at the server, each try. After a \`kill -9\` passbridge waits until the longest call that
the dead worker may have sent is over (10 s), so that never more than ten are under way, and makes no second card: the
calls whose answer nobody heard are held for a person (\`CREATE_ON_UNKNOWN\`), which is what **not home** counts there.
BullMQ runs by its defaults, in which a lock is held for 30 s; what is not home there is lost, and nobody knows.

${recoveryTable(recoveries)}`;
}
