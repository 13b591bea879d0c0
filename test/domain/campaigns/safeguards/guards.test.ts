/** What a campaign keeps of its safeguards. */

import { describe, expect, it } from 'vitest';
import { guardsOf } from '../../../../src/domain/campaigns/safeguards/guards.ts';
import { triggersNotification } from '../../../../src/domain/campaigns/safeguards/notification-limit.ts';

const defaults = { timeZone: 'Europe/Prague' };

describe('guards', () => {
  it('are empty if no option asks for one', () => {
    expect(guardsOf({}, defaults)).toEqual({});
    expect(guardsOf({ changedOnly: false }, defaults)).toEqual({});
  });

  it('combine all safeguards', () => {
    const options = {
      canary: 100,
      continueAt: 0.02,
      pauseAt: 0,
      quietHours: { from: 1260, to: 480 },
      maxNotificationsPerDay: 3,
      changedOnly: true,
      holdout: 0.05,
    };
    expect(guardsOf(options, defaults)).toEqual({
      canary: { customers: 100, continueAt: 0.02 },
      pauseAt: 0,
      quietHours: { from: 1260, to: 480, zone: 'Europe/Prague', policy: 'hold' },
      notificationLimit: { max: 3, overLimit: 'skip' },
      changedOnly: true,
      holdout: { share: 0.05 },
    });
  });
});

describe('a notification', () => {
  it.each([
    [{ op: 'replace', path: '/templateVariables/changeMessage', value: 'x' }, true],
    [{ op: 'replace', path: '/templateVariables/fieldValue', value: 'x' }, false],
    ['changeMessage', false],
    [null, false],
  ])('is triggered by %j: %s', (operation, expected) => {
    expect(triggersNotification(operation)).toBe(expected);
  });
});
