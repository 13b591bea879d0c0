/** `passbridge schedules`, and campaigns with a condition. */

import { describe, expect, it } from 'vitest';
import { nextSecond } from '../support/eventually.ts';
import { openScheduleFolder } from '../support/schedule-folder.ts';

describe('on the command line', () => {
  it('lists, runs, disables and enables a schedule', async () => {
    const { schedules, listed, campaigns, run } = await openScheduleFolder('30 2 * * *');
    const list = await schedules('list');
    expect(list.code).toBe(0);
    expect(list.stdout).toMatch(
      /^Schedule +Action +Cron +Next +Last run\nnightly +issue loyalty +30 2 \* \* \* \(Europe\/Prague\) +\w{3} \d{4}-\d\d-\d\d \d\d:30 \+0\d:00 +-\n$/,
    );

    const begun = await schedules('run', 'nightly');
    const id = /(nightly-\d{8}T\d{6}Z): started/.exec(begun.stdout)?.[1] ?? 'none';
    expect(begun).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('No worker is running') as string,
    });
    expect(await campaigns()).toEqual([expect.objectContaining({ id, status: 'running' })]);
    // Requests of the same second are one. The first run has not ended.
    await nextSecond();
    expect(await schedules('run', 'nightly')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`nightly was not started. ${id} is still running.`) as string,
    });
    // Without a worker, `resume` works the queue itself.
    expect(await run('resume', id)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/finished[\s\S]+done +5/) as string,
    });

    expect(await schedules('disable', 'nightly', '--reason', 'a sale')).toMatchObject({
      code: 0,
      stdout: 'nightly: off\n',
    });
    expect((await schedules('list')).stdout).toMatch(/off +skipped[\s\S]+switched off by .+: a sale\n/);
    expect((await schedules('enable', 'nightly')).stdout).toMatch(/^nightly: on, next at \w{3} /);
    expect(await listed()).toMatchObject({
      enabled: true,
      runs: [{ result: 'skipped' }, { result: 'started', cause: 'manual', campaign: id }],
    });
  });

  it('computes the next due times from the file only', async () => {
    const { schedules } = await openScheduleFolder('0 12 1 1 *');
    const { code, stdout } = await schedules('next', 'nightly', '--count', '2');
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^nightly\n( {2}\w{3} \d{4}-01-01 12:00 \+01:00\n){2}$/),
    ]);
    const machine = await schedules('next', '--json', '--count', '1');
    expect(JSON.parse(machine.stdout)).toEqual({
      next: { nightly: [expect.stringMatching(/^\d{4}-01-01T11:00:00.000Z$/)] },
    });
  });

  it('refuses unknown schedules and a skip without missed runs', async () => {
    const { schedules } = await openScheduleFolder('30 2 * * *');
    const [misspelt, nothing] = await Promise.all([schedules('run', 'nigtly'), schedules('skip', 'nightly')]);
    expect(misspelt).toMatchObject({
      code: 2,
      stderr: 'There is no schedule nigtly, did you mean nightly? The programs file has: nightly\n',
    });
    expect(nothing).toMatchObject({
      code: 2,
      stderr: 'nightly has no missed runs that wait for a decision.\n',
    });
  });

  it('refuses a cron that is never due, with its line', async () => {
    const { schedules } = await openScheduleFolder('0 0 31 2 *');
    expect(await schedules('list')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('programs.yaml:13: schedules.nightly.cron: never comes due') as string,
    });
  });
});

describe('--where', () => {
  it('sends to matching customers and counts the others', async () => {
    const { run } = await openScheduleFolder('30 2 * * *');
    const preview = await run(
      'issue',
      'loyalty',
      'cards.csv',
      '--dry-run',
      '--where',
      '{{ customer.id | int > 3 }}',
    );
    expect(preview.stdout).toMatch(
      /2 {2}would be sent[\s\S]+3 {2}would be skipped: did not match the condition/,
    );
    const sent = await run('issue', 'loyalty', 'cards.csv', '--where', '{{ customer.id | int > 3 }}');
    expect([sent.code, sent.stdout]).toEqual([
      0,
      expect.stringMatching(/done +2[\s\S]+skipped +3 +3 did not match/),
    ]);
  });

  it.each([
    [
      '{{ customer.agge | int > 3 }}',
      'cards.csv has no column for customer.agge, which the condition (--where) needs',
    ],
    ['customer.id > 3', 'must be one expression, e.g. {{ customer.'],
  ])('%s is refused', async (where, message) => {
    const { run } = await openScheduleFolder('30 2 * * *');
    expect(await run('issue', 'loyalty', 'cards.csv', '--where', where)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(message) as string,
    });
  });
});
