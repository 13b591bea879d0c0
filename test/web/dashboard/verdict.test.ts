import { expect, it } from 'vitest';
import type { Attention } from '../../../src/domain/monitoring/attention.ts';
import {
  type BlockerCode,
  blockerCodes,
  type Health,
  headlines,
  type HealthState,
} from '../../../src/domain/monitoring/health.ts';
import type { Alert, CampaignOverview, Overview } from '../../../src/domain/monitoring/overview.ts';
import { verdictOf } from '../../../src/web/dashboard/overview/verdict.tsx';

const AT = Date.UTC(2026, 10, 30, 13);
const MINUTE_MS = 60_000;

const sending = (minutes?: number) =>
  ({
    status: 'running',
    pending: 10,
    ...(minutes !== undefined && { finish: { min: minutes * MINUTE_MS, max: minutes * MINUTE_MS } }),
  }) as CampaignOverview;

const healthOf = (state: HealthState, problems: Health['problems'] = []): Health => ({
  state,
  headline: headlines[state],
  problems,
  at: AT,
});

const nowWith = (
  campaigns: CampaignOverview[],
  alerts: Alert[] = [],
  health = healthOf(campaigns.length > 0 ? 'sending' : 'idle'),
) => ({ at: AT, campaigns, alerts, health }) as unknown as Overview;

const problem = (code: BlockerCode): Health['problems'][number] => ({
  code,
  headline: headlines[code],
  detail: 'detail',
  remedy: 'Remedy.',
});

const titleOf = (now: Overview, attention: Partial<Attention> = {}) =>
  verdictOf(now, { alerts: now.alerts, groups: [], ...attention }, 'Europe/Prague').title;

const alert = (code: Alert['code']): Alert => ({ code, text: `${code} text.`, remedy: 'Remedy.' });

it('says until when it is sending, if that is known of every campaign', () => {
  expect(titleOf(nowWith([sending(62), sending(5)]))).toBe('All well: 2 campaigns sending, done about 15:02');
  expect(titleOf(nowWith([sending(62), sending()]))).toBe('All well: 2 campaigns sending');
  expect(titleOf(nowWith([sending(26 * 60)]))).toBe(
    'All well: 1 campaign sending, done about Tue 1 Dec, 16:00',
  );
});

it('says so if nothing is being sent', () => {
  expect(titleOf(nowWith([]))).toBe('All well: nothing to send');
  const paused = [{ status: 'paused', pending: 3 } as CampaignOverview];
  expect(titleOf(nowWith(paused, [], healthOf('paused')))).toMatch(/^Nothing is being sent: every campaign/);
  expect(titleOf(nowWith([sending()], [], healthOf('waiting')))).toMatch(/^Waiting: no call .+ 30 seconds$/);
});

it('counts what needs a decision: alerts and causes', () => {
  expect(titleOf(nowWith([sending(2)], [alert('CAMPAIGN_HELD')]))).toBe('One thing needs you');
  const groups = [{}, {}] as unknown as Attention['groups'];
  expect(titleOf(nowWith([], [alert('CAMPAIGN_HELD')]), { groups })).toBe('3 things need you');
});

it('is never all well during an outage that resolves itself', () => {
  for (const code of blockerCodes) {
    const now = nowWith([sending(2)], [], healthOf(code, [problem(code)]));
    expect(`${titleOf(now)}.`).toBe(headlines[code]);
  }
});
