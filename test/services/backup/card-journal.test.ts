/** The journal of cards, with real files and a ledger that grants everything. */

import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { failure } from '../../../src/domain/failures/failure.ts';
import { systemClock } from '../../../src/kit/clock.ts';
import type { Settlement } from '../../../src/domain/jobs/settlement.ts';
import {
  allJournals,
  journalFolder,
  openCardJournal,
  type RecordedLedger,
  sweepJournals,
} from '../../../src/services/backup/card-journal.ts';
import { eraseFromJournals } from '../../../src/services/backup/erase-from-journals.ts';
import { makeQueued, makeWriteBack, silent } from '../../support/make.ts';

const HOUR_MS = 3_600_000;
/** Of this machine, because its file system dates what is written. In whole seconds, which every one stores. */
const START = Math.floor(systemClock() / 1000) * 1000;

const ledger: RecordedLedger = {
  claim: async () => ({ answer: 'go' }) as never,
  release: async () => {},
  settle: async () => ({ kind: 'recorded' }) as never,
};

/** Opens the journal of a home. `at`: its clock. */
async function open() {
  const marks = await mkdtemp(join(tmpdir(), 'passbridge-journal-'));
  onTestFinished(() => rm(marks, { recursive: true }));
  const folder = journalFolder(marks, 'home');
  const time = { now: START };
  const journal = openCardJournal(folder, () => time.now, silent);
  onTestFinished(journal.close);
  const recorded = journal.record(ledger);
  const lines = () => allJournals(marks).flatMap((path) => readFileSync(path, 'utf8').trim().split('\n'));
  return { marks, folder, time, journal, recorded, lines };
}

const job = (row: number) =>
  makeQueued(row, {
    action: 'create',
    customer: { ids: { registered: `c-${row}` }, attributes: { email: `${row}@example.com`, name: 'Anna' } },
  });
const made = (row: number): Settlement =>
  ({
    state: 'done',
    attempts: 1,
    at: START,
    card: { passId: `p-${row}` },
    writeBack: makeWriteBack(row),
  }) as never;

it('records a create before its call and its result, without attributes once the card is made', async () => {
  const { recorded, lines } = await open();
  await recorded.claim(job(1));
  await recorded.settle(job(1), made(1));
  await recorded.claim(job(2));
  await recorded.settle(job(2), { state: 'failed', failure: failure('PM_REFUSED', ''), attempts: 1, at: 1 });
  const entries = lines().map((line) => JSON.parse(line) as { kind: string });
  expect(entries.map(({ kind }) => kind)).toEqual(['sent', 'settled', 'sent', 'released']);
  expect(lines()[0]).toContain('Anna');
  expect(lines()[1]).not.toContain('Anna');
});

it('deletes what is older than 24 hours, although its process is alive and makes no more cards', async () => {
  const { marks, time, journal, recorded } = await open();
  await recorded.claim(job(1));
  for (let hour = 0; hour < 24; hour += 1) {
    expect(allJournals(marks), `after ${hour} h`).toHaveLength(1);
    time.now += HOUR_MS;
    journal.touch();
    sweepJournals(marks, time.now);
  }
  expect(allJournals(marks)).toEqual([]);
  await recorded.claim(job(2));
  expect(allJournals(marks)).toHaveLength(1);
});

it('deletes journals of homes that no longer work', async () => {
  const { marks, folder, time, journal, recorded } = await open();
  await recorded.claim(job(1));
  journal.close();
  expect(readdirSync(folder)).toHaveLength(1);
  sweepJournals(marks, time.now + 25 * HOUR_MS);
  expect(readdirSync(folder)).toEqual([]);
});

it('keeps the journals of many processes', async () => {
  const { marks, folder, time, recorded } = await open();
  await recorded.claim(job(1));
  for (let n = 0; n < 20; n += 1) {
    writeFileSync(join(folder, `${n}-other.jsonl`), '{}\n');
    utimesSync(join(folder, `${n}-other.jsonl`), START / 1000, START / 1000);
  }
  sweepJournals(marks, time.now);
  expect(readdirSync(folder)).toHaveLength(21);
});

it('forgets a customer in the journals, by id, e-mail and card, and keeps all others and its time', async () => {
  for (const query of [
    { ids: ['registered:c-1'] },
    { ids: [], email: '1@EXAMPLE.com' },
    { ids: [], passId: 'p-1' },
  ]) {
    const { marks, recorded, lines } = await open();
    for (const row of [1, 2]) {
      await recorded.claim(job(row));
      await recorded.settle(job(row), made(row));
    }
    const [path = ''] = allJournals(marks);
    utimesSync(path, START / 1000, START / 1000);
    // A card id is known only from the result.
    const expected = 'passId' in query ? 1 : 2;
    expect(await eraseFromJournals(marks, query)).toBe(expected);
    expect(statSync(path).mtimeMs).toBe(START);
    await recorded.claim(job(3));
    const left = lines().filter((line) => line.trim() !== '');
    expect(left).toHaveLength(5 - expected);
    expect(left.at(-1)).toContain('c-3');
    expect(left.some((line) => line.includes('p-1'))).toBe(false);
    // The call is found by the customer, and only its result by the card.
    expect(/c-1|1@example/.test(left.join('\n'))).toBe('passId' in query);
    expect(await eraseFromJournals(marks, query)).toBe(0);
  }
});

it('forgets nothing if there is no journal', async () => {
  const { marks } = await open();
  expect(await eraseFromJournals(marks, { ids: ['registered:c-1'] })).toBe(0);
});
