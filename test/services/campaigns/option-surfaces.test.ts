/** An option means the same on the command line, in the form, in the API and in the programs file. */

import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { declareCampaignFlags } from '../../../src/cli/campaign-flags.ts';
import {
  flagOf,
  guardKeys,
  keyOf,
  type OptionKey,
  optionKeys,
  specOf,
} from '../../../src/domain/campaigns/options/campaign-options.ts';
import { apiShape, parseOptions } from '../../../src/domain/campaigns/options/parse-options.ts';
import type { Guards } from '../../../src/domain/campaigns/safeguards/guards.ts';
import { parsePrograms } from '../../../src/programs/file/programs.ts';

const timeZone = 'Europe/Prague';

type Given = Partial<Record<OptionKey, string>>;

const parse = (raw: Readonly<Record<string, unknown>>): Guards | undefined => {
  const parsed = parseOptions(raw, { action: 'notify', timeZone, nameOf: keyOf });
  return parsed.ok ? parsed.options.guards : undefined;
};

/** The guards that each surface makes of the same text; undefined if it refuses it. */
const surfaces: Readonly<Record<string, (given: Given) => Guards | undefined>> = {
  'the command line': (given) => {
    const command = new Command('notify').exitOverride();
    declareCampaignFlags(command, 'notify');
    const args = Object.entries(given).flatMap(([key, text]) => [flagOf(key as OptionKey), text]);
    command.parse(args, { from: 'user' });
    return parse(command.opts());
  },
  'the form': parse,
  'the API': (given) => {
    const shaped = apiShape().safeParse(given);
    return shaped.success ? parse(shaped.data) : undefined;
  },
  'the programs file': (given) => {
    const guards = Object.entries(given).map(([key, text]) => `      ${key}: ${JSON.stringify(text)}`);
    const file = `programs:
  p: { card: fan, templateId: t, create: { templateVariables: {} }, notify: [{ op: replace, path: /x, value: "{{ text }}" }] }
schedules:
  s:
    program: p
    action: notify
    text: Ahoj
    source: { file: in.csv }
    cron: '0 9 * * *'
    guards:
${guards.join('\n')}
`;
    try {
      return parsePrograms(file, 'programs.yaml', { folder: '/tmp', timeZone }).schedules.get('s')?.guards;
    } catch {
      return undefined;
    }
  },
};

describe.each(Object.entries(surfaces))('%s', (_, read) => {
  it.each<[Given, Guards | undefined]>([
    [{ canary: '100' }, { canary: { customers: 100 } }],
    [{ canary: '0' }, undefined],
    [{ canary: '100', continueAt: '2' }, { canary: { customers: 100, continueAt: 0.02 } }],
    [{ continueAt: '2%' }, undefined],
    [{ pauseAt: '5%' }, { pauseAt: 0.05 }],
    [{ pauseAt: '101%' }, undefined],
    [{ pauseAt: 'five' }, undefined],
    [{ quietHours: '8:00-9:00' }, { quietHours: { from: 480, to: 540, zone: timeZone, policy: 'hold' } }],
    [
      { quietHours: '21:00-08:00', timeZone: 'Asia/Tokyo', timeZoneAttribute: 'zone', inQuietHours: 'drop' },
      {
        quietHours: { from: 1260, to: 480, zone: 'Asia/Tokyo', zoneAttribute: 'zone', policy: 'drop' },
      },
    ],
    [{ quietHours: '21:00' }, undefined],
    [{ quietHours: '9:00-09:00' }, undefined],
    [{ timeZone: 'Asia/Tokyo' }, undefined],
    [
      { maxNotificationsPerDay: '3', overLimit: 'hold' },
      { notificationLimit: { max: 3, overLimit: 'hold' } },
    ],
    [{ maxNotificationsPerDay: '3', overLimit: 'loud' }, undefined],
    [{ overLimit: 'silent' }, undefined],
  ])('reads %j', (given, guards) => {
    expect(read(given)).toEqual(guards);
  });
});

describe('each option', () => {
  it.each(optionKeys)('%s exists in the API and on the command line of every action', (key) => {
    expect(Object.keys(apiShape().shape)).toContain(key);
    for (const action of ['issue', 'reissue', 'update', 'notify'] as const) {
      const command = new Command(action);
      declareCampaignFlags(command, action);
      const option = command.options.find(({ long }) => long === flagOf(key));
      expect(option?.attributeName()).toBe(key);
      expect(option?.hidden).toBe(specOf(key).actions?.includes(action) === false);
    }
  });

  it('of a safeguard is a key below guards in the programs file', () => {
    expect(guardKeys).toEqual(
      optionKeys.filter(
        (key) =>
          specOf(key).notInSchedules !== true &&
          !['text', 'where', 'useBy', 'skipBadRows', 'encoding'].includes(key),
      ),
    );
  });
});
