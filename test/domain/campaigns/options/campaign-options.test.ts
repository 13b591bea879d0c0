/** The table of campaign options: values, rules between options, and names. */

import { describe, expect, it } from 'vitest';
import {
  flagOf,
  keyOf,
  labelOf,
  type OptionKey,
  optionKeys,
  rulesBroken,
  specOf,
  summarizeOptions,
} from '../../../../src/domain/campaigns/options/campaign-options.ts';
import { duration } from '../../../../src/domain/campaigns/options/option-values.ts';
import { parseOptions, problemLines } from '../../../../src/domain/campaigns/options/parse-options.ts';

const timeZone = 'Europe/Prague';

/** Parses one option together with those that it needs. */
function parse(key: OptionKey, value: unknown) {
  const { needs = '', actions } = specOf(key);
  const needed = optionKeys.find((other) => other === needs);
  const raw = { ...(needed !== undefined && { [needed]: specOf(needed).example }), [key]: value };
  return parseOptions(raw, { action: actions?.[0] ?? 'notify', timeZone, nameOf: keyOf });
}

function useByOf(text: string): string | undefined {
  const parsed = parse('useBy', text);
  return parsed.ok ? new Date(parsed.options.useBy ?? 0).toISOString() : undefined;
}

function startOf(text: string): string | undefined {
  const parsed = parse('startAt', text);
  return parsed.ok ? new Date(parsed.options.startAt ?? 0).toISOString() : undefined;
}

function problemOf(key: OptionKey, value: unknown): string | undefined {
  const parsed = parse(key, value);
  return parsed.ok ? undefined : parsed.problems[0]?.problem;
}

describe('every option', () => {
  it.each(optionKeys)('%s accepts its example', (key) => {
    const { kind, example } = specOf(key);
    expect(parse(key, kind === 'switch' ? true : example)).toMatchObject({ ok: true });
  });

  it.each(optionKeys)('%s has a help in the imperative that ends with a period', (key) => {
    expect(specOf(key).help).toMatch(/^[A-Z][a-z]+ .*\.$/s);
  });

  it('accepts its example as a duration in a schedule', () => {
    const examples = optionKeys.flatMap((key) => specOf(key).afterStart?.example ?? []);
    expect(examples.map((example) => duration.safeParse(example).success)).toEqual([true]);
  });

  it('needs an option that exists', () => {
    const needs = optionKeys.flatMap((key) => specOf(key).needs ?? []);
    expect(needs.filter((name) => !optionKeys.some((key) => key === name))).toEqual([]);
  });
});

describe('a value', () => {
  it.each([
    ['canary', '100', { canary: { customers: 100 } }],
    ['canary', 100, { canary: { customers: 100 } }],
    ['pauseAt', '5%', { pauseAt: 0.05 }],
    ['pauseAt', '5 %', { pauseAt: 0.05 }],
    ['pauseAt', '12.5', { pauseAt: 0.125 }],
    ['holdout', '5%', { holdout: { share: 0.05 } }],
    ['holdout', '0.5', { holdout: { share: 0.005 } }],
    ['holdoutName', 'spring-2027', { holdout: { share: 0.05, name: 'spring-2027' } }],
    ['quietHours', '8:00-9:00', { quietHours: { from: 480, to: 540, zone: timeZone, policy: 'hold' } }],
    ['quietHours', '21:00-08:00', { quietHours: { from: 1260, to: 480, zone: timeZone, policy: 'hold' } }],
    ['perSecond', '20', { sendingRate: { perSecond: 20 } }],
    ['over', '3h', { sendingRate: { overMs: 10_800_000 } }],
    ['maxNotificationsPerDay', '3', { notificationLimit: { max: 3, overLimit: 'skip' } }],
  ] as const)('of %s may be %j', (key, value, guards) => {
    expect(parse(key, value)).toEqual({ ok: true, options: { guards } });
  });

  it.each([
    ['canary', '0', 'must be a whole number of at least 1'],
    ['canary', 2.5, 'must be a whole number of at least 1'],
    ['canary', true, 'must be a whole number of at least 1'],
    ['maxNotificationsPerDay', '21', 'must be a whole number from 1 to 20'],
    // Without its sign a number could be a share or a percentage.
    ['pauseAt', 5, 'must be a percentage such as 5%'],
    ['pauseAt', '101%', 'must be a percentage such as 5%'],
    ['holdout', '0%', 'must be above 0% and below 100%: omit it to send to every customer'],
    ['holdout', '0.0', 'must be above 0% and below 100%: omit it to send to every customer'],
    ['holdout', '100%', 'must be above 0% and below 100%: omit it to send to every customer'],
    ['holdout', '-5%', 'must be a percentage such as 5%'],
    [
      'holdoutName',
      'a b',
      'must be a name of up to 64 letters, digits, hyphens and underscores, such as spring',
    ],
    ['quietHours', '25:00-08:00', 'must be two times of day such as 21:00-08:00'],
    ['quietHours', '8:00-08:00', 'must be two different times of day'],
    ['timeZone', 'Mars/Olympus', 'must be a time zone such as Europe/Prague'],
    ['inQuietHours', 'wait', 'must be one of hold, drop'],
    ['overLimit', 'quiet', 'must be one of skip, silent, hold'],
    ['perSecond', '0', 'must be a whole number of at least 1'],
    ['over', '3', 'must be a duration such as 90s, 15m, 8h or 2d'],
    ['over', 10_800_000, 'must be a duration such as 90s, 15m, 8h or 2d'],
    ['useBy', 'tomorrow', 'must be a time such as 2026-12-24T18:00 or 2026-12-24T18:00+01:00'],
    ['text', ' ', 'is empty'],
    ['text', 'x'.repeat(251), 'has 251 characters, and a card shows 250 at most'],
    ['changedOnly', 'yes', 'must be true or false'],
  ] as const)('of %s cannot be %j', (key, value, problem) => {
    expect(problemOf(key, value)).toBe(problem);
  });

  it('of useBy is in the time zone unless it has an offset', () => {
    expect(useByOf('2026-12-24T18:00')).toBe('2026-12-24T17:00:00.000Z');
    expect(useByOf('2026-12-24T18:00+05:00')).toBe('2026-12-24T13:00:00.000Z');
    expect(useByOf('2026-12-24T18:00Z')).toBe('2026-12-24T18:00:00.000Z');
  });

  it('of startAt is an hour later if the clock skips it, and the first of two', () => {
    expect(startOf('2027-03-28T02:30')).toBe('2027-03-28T01:30:00.000Z');
    expect(startOf('2026-10-25T02:30')).toBe('2026-10-25T00:30:00.000Z');
  });
});

describe('a rule between options', () => {
  it.each([
    ['continueAt', 'canary'],
    ['timeZone', 'quietHours'],
    ['timeZoneAttribute', 'quietHours'],
    ['inQuietHours', 'quietHours'],
    ['overLimit', 'maxNotificationsPerDay'],
    ['holdoutName', 'holdout'],
  ] as const)('refuses %s without %s', (key, needed) => {
    expect(rulesBroken([key], 'notify', keyOf)).toEqual([{ key, problem: `does nothing without ${needed}` }]);
    expect(rulesBroken([key, needed], 'notify', keyOf)).toEqual([]);
  });

  it('refuses two options that exclude each other, naming both', () => {
    expect(rulesBroken(['over', 'perSecond'], 'notify', flagOf)).toEqual([
      { key: 'over', problem: 'cannot be combined with --per-second' },
      { key: 'perSecond', problem: 'cannot be combined with --over' },
    ]);
  });

  it.each([
    ['maxNotificationsPerDay', 'issue', 'applies to notify only, not to issue'],
    ['changedOnly', 'notify', 'applies to issue, reissue, update only, not to notify'],
  ] as const)('refuses %s with the action %s', (key, action, problem) => {
    expect(rulesBroken([key], action, keyOf)).toEqual([{ key, problem }]);
  });
});

describe('problems', () => {
  it('are reported all at once, in the words of the surface', () => {
    const raw = { canary: 'x', continueAt: '200%', overLimit: 'silent' };
    const lines = (nameOf: typeof flagOf) => {
      const parsed = parseOptions(raw, { action: 'notify', timeZone, nameOf });
      return parsed.ok ? [] : problemLines(parsed.problems, nameOf);
    };
    expect(lines(flagOf)).toEqual([
      '--canary must be a whole number of at least 1',
      '--continue-at must be a percentage such as 5%',
      '--over-limit does nothing without --max-notifications-per-day',
    ]);
    expect(lines(labelOf)).toEqual([
      '“Canary” must be a whole number of at least 1',
      '“Continue at” must be a percentage such as 5%',
      '“Over the limit” does nothing without “Notifications per day”',
    ]);
  });
});

describe('the summary', () => {
  it('lists chosen options with their labels, in the order of the table', () => {
    expect(
      summarizeOptions({
        skipBadRows: 'on',
        pauseAt: '5',
        quietHours: '21:00-08:00',
        canary: ' ',
        other: 'x',
      }),
    ).toEqual([
      ['Pause at', '5 %'],
      ['Quiet hours', '21:00-08:00'],
      ['Skip bad rows', 'yes'],
    ]);
  });
});
