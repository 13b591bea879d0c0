/** Schedules in the programs file: how they are compiled, and their problems, line by line. */

import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/config/config-error.ts';
import { parsePrograms } from '../../../src/programs/file/programs.ts';

const programs = `programs:
  loyalty:
    card: loyalty
    templateId: t
    create: { templateVariables: {} }
    notify: [{ op: replace, path: /x, value: "{{ text }}" }]
sources: { nightly: { folder: exports, file: '*.csv' } }
`;

const parse = (schedules: string) =>
  parsePrograms(`${programs}schedules:\n${schedules}`, 'programs.yaml', {
    folder: '/etc/passbridge',
    timeZone: 'Europe/Prague',
  }).schedules;

function problemsOf(schedules: string): readonly string[] {
  try {
    parse(schedules);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  throw new Error('the file was accepted');
}

const minimal =
  "  s:\n    program: loyalty\n    action: issue\n    source: { file: in.csv }\n    cron: '30 2 * * *'\n";

describe('a schedule', () => {
  it('has defaults for everything optional', () => {
    expect(parse(minimal).get('s')).toMatchObject({
      name: 's',
      source: { kind: 'file', path: '/etc/passbridge/in.csv' },
      expression: '30 2 * * *',
      timeZone: 'Europe/Prague',
      overlap: 'skip',
      missed: 'run-once',
      startWithinMs: 900_000,
      enabled: true,
    });
  });

  it('may use a source of the file', () => {
    const source = parse(minimal.replace('{ file: in.csv }', 'nightly')).get('s')?.source;
    expect(source).toEqual({ kind: 'named', name: 'nightly' });
  });

  it('accepts every option of the command line', () => {
    const schedules = parse(`  reminder:
    program: loyalty
    action: notify
    source: { file: /data/in.csv }
    cron: '0 9 * * 1-5'
    timeZone: Europe/Bratislava
    text: Dobré ráno
    useBy: 8h
    where: "{{ customer.city == 'Brno' }}"
    skipBadRows: true
    overlap: queue
    missed: ask
    startWithin: 90s
    enabled: false
    guards:
      canary: 100
      continueAt: 2%
      pauseAt: 5%
      quietHours: 21:00-08:00
      timeZoneAttribute: zone
      maxNotificationsPerDay: 3
      overLimit: hold
`);
    expect(schedules.get('reminder')).toMatchObject({
      source: { kind: 'file', path: '/data/in.csv' },
      text: 'Dobré ráno',
      useByMs: 28_800_000,
      where: "{{ customer.city == 'Brno' }}",
      skipBadRows: true,
      overlap: 'queue',
      missed: 'ask',
      startWithinMs: 90_000,
      enabled: false,
      guards: {
        canary: { customers: 100, continueAt: 0.02 },
        pauseAt: 0.05,
        quietHours: { from: 1260, to: 480, zone: 'Europe/Bratislava', zoneAttribute: 'zone', policy: 'hold' },
        notificationLimit: { max: 3, overLimit: 'hold' },
      },
    });
  });

  it('reports all of its problems at once', () => {
    const text = `  s:
    program: loyality
    action: isue
    source: { fiel: in.csv }
    corn: '30 2 * * *'
    cron: '30 2 * * *'
    overlap: skipp
    startWithin: 15 minutes
    guards: { canery: 3, pauseAt: 5, maxNotificationsPerDay: many }
`;
    expect(problemsOf(text)).toEqual([
      'programs.yaml:11: schedules.s.action: must be one of issue, reissue, update, notify, did you mean issue?',
      'programs.yaml:12: schedules.s.source: must be the name of a source, or { file: a path }',
      'programs.yaml:13: schedules.s.corn: unknown key, did you mean cron?',
      'programs.yaml:15: schedules.s.overlap: must be one of skip, queue, replace, did you mean skip?',
      'programs.yaml:16: schedules.s.startWithin: must be a duration such as 90s, 15m, 8h or 2d',
      'programs.yaml:17: schedules.s.guards.pauseAt: must be a percentage such as 5%',
      'programs.yaml:17: schedules.s.guards.maxNotificationsPerDay: must be a whole number from 1 to 20',
      'programs.yaml:17: schedules.s.guards.canery: unknown key, did you mean canary?',
    ]);
  });

  it.each([
    ['program: loyalty', 'program: loyality', 'program: there is no program loyality, did you mean loyalty?'],
    ['action: issue', 'action: notify', 'text: is missing: loyalty.notify shows {{ text }}'],
    [
      'action: issue',
      'action: issue\n    text: Ahoj',
      'text: is shown nowhere: loyalty.create has no {{ text }}',
    ],
    ['{ file: in.csv }', 'nightli', 'source: there is no source nightli, did you mean nightly?'],
    ['30 2 * * *', '* * * * * *', 'cron: has six fields'],
    ['30 2 * * *', '0 0 31 2 *', 'cron: never comes due'],
    ['action: issue', 'action: issue\n    timeZone: Praha', 'timeZone: there is no time zone Praha'],
    ['action: issue', 'action: issue\n    where: customer.age', 'where: must be one expression, e.g.'],
    [
      'action: issue',
      'action: issue\n    where: "{{ custmer.age > 3 }}"',
      'where: unknown variable custmer, did you mean customer?',
    ],
    [
      'action: issue',
      'action: issue\n    guards: { maxNotificationsPerDay: 3 }',
      'guards.maxNotificationsPerDay: applies to notify only, not to issue',
    ],
    [
      'action: issue',
      'action: issue\n    guards: { continueAt: 3% }',
      'guards.continueAt: does nothing without canary',
    ],
    [
      'action: issue',
      'action: issue\n    guards: { maxRings: 3 }',
      'guards.maxRings: unknown key, did you mean maxNotificationsPerDay?',
    ],
    [
      'action: issue',
      'action: issue\n    guards: { rungEnough: skip }',
      'guards.rungEnough: unknown key, did you mean overLimit?',
    ],
    [
      'action: issue',
      'action: issue\n    guards: { changedOnly: true, quietHours: 9:00-9:00 }',
      'guards.quietHours: must be two different times of day',
    ],
    ['  s:', '  "s 1":', 'schedules.s 1: a schedule name is letters'],
  ])('is refused with %s as %s', (right, wrong, problem) => {
    expect(problemsOf(minimal.replace(right, wrong))).toEqual([expect.stringContaining(problem)]);
  });
});
