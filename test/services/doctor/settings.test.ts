import { describe, expect, it } from 'vitest';
import type { Heartbeat, SettingsStatus } from '../../../src/domain/monitoring/heartbeat.ts';
import { processSettings, unreadNames } from '../../../src/services/doctor/settings.ts';

function process(pid: number, host: string, settings?: SettingsStatus): Heartbeat {
  return { pid, host, roles: ['worker'], ...(settings && { settings }) } as unknown as Heartbeat;
}

const programs = 'sources:\n  nightly: { sftp: { password: $SFTP_PASSWORD } }\n';

describe('the names in .env', () => {
  it('are in order if each is a setting or used by a source', () => {
    expect(unreadNames(['SFTP_PASSWORD'], programs).level).toBe('ok');
  });

  it('are pointed out if nothing reads them', () => {
    expect(unreadNames(['SFTP_PASSWORD', 'SENDBOX_URL'], programs)).toMatchObject({
      level: 'warning',
      message: expect.stringMatching(/^SENDBOX_URL in \.env is read by nothing/),
    });
  });
});

describe('the settings of running processes', () => {
  const own = { digest: 'same', host: 'here' };

  it('are said to differ with the names that .env has changed, on any machine', () => {
    const changed = { names: ['PORT', 'WEBHOOK_TOKEN'], since: 1 };
    expect(processSettings([process(7, 'there', { digest: 'other', changed })], own)).toEqual([
      expect.objectContaining({
        level: 'warning',
        message:
          'process 7 on there (worker) does not have the settings of its .env: PORT, WEBHOOK_TOKEN changed',
      }),
    ]);
  });

  it('are compared by their digest on this machine only', () => {
    const alive = [process(7, 'here', { digest: 'other' }), process(8, 'there', { digest: 'other' })];
    expect(processSettings(alive, own).map(({ level, message }) => [level, message])).toEqual([
      ['warning', 'process 7 on here (worker) has other settings than this command'],
    ]);
  });

  it('are in order otherwise', () => {
    expect(processSettings([process(7, 'here', { digest: 'same' })], own)[0]?.level).toBe('ok');
    expect(processSettings([], own)).toEqual([]);
  });
});
